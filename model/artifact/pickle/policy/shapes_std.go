package policy

import (
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
)

// The shapes of the standard library.

// isText reports whether v is a str or bytes literal, or bytes spelled as _codecs.encode(text, "latin1").
func isText(c *Call, v pickle.Value) bool {
	switch v.Kind() {
	case pickle.KindStr, pickle.KindBytes, pickle.KindByteArray, pickle.KindBuffer:
		return true
	case pickle.KindObject:
		return c.is(v, []string{"_codecs"}, "encode") || c.is(v, []string{"builtins"}, "bytes", "bytearray")
	}
	return false
}

// word reads a short str.
func word(c *Call, v pickle.Value) string {
	s, ok := c.M.Text(v, 256)
	if !ok {
		return ""
	}
	return s
}

// charset reports whether v names one of the text encodings that Python has built in: no other module is imported for it.
func charset(c *Call, v pickle.Value) bool {
	switch strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word(c, v))) {
	case "latin1", "iso88591", "utf8", "ascii", "usascii":
		return true
	}
	return false
}

// codec: _codecs.encode(text, "latin1"), the bytes of protocols 0 to 2.
func codec(c *Call) string {
	if len(c.Args) != 2 || c.More || !isText(c, c.Args[0]) || !charset(c, c.Args[1]) {
		return "it takes a literal string and a common encoding"
	}
	return ""
}

// bytesData: bytes(), bytearray(b"..."), bytearray("...", "latin-1"), bytes([1, 2]); not bytearray(10**12).
func bytesData(c *Call) string {
	if len(c.Args) > 2 || c.More {
		return "it takes literal data"
	}
	if len(c.Args) == 2 && !charset(c, c.Args[1]) {
		return "its encoding is not a common one"
	}
	if len(c.Args) == 0 || isText(c, c.Args[0]) {
		return ""
	}
	items, more := c.M.Items(c.Args[0])
	for _, v := range items {
		if v.Kind() != pickle.KindInt {
			return "it takes literal data"
		}
	}
	if k := c.Args[0].Kind(); more && k != pickle.KindList || k == pickle.KindDict {
		return "it takes literal data"
	}
	return ""
}

// typeOfSingleton: type(None), type(Ellipsis), type(NotImplemented).
func typeOfSingleton(c *Call) string {
	if len(c.Args) == 1 && !c.More {
		a := c.allowed(c.Args[0])
		if c.Args[0].Kind() == pickle.KindNone || a != nil && (a.Name == "Ellipsis" || a.Name == "NotImplemented") {
			return ""
		}
	}
	return "it takes None, Ellipsis or NotImplemented"
}

// reconstructor: copyreg._reconstructor(class, base, state), the objects of protocols 0 and 1: base.__new__(class, state), base.__init__(object, state).
func reconstructor(c *Call) string {
	if len(c.Args) != 3 || c.More {
		return "it takes a class, its base and a state"
	}
	if !c.allowed(c.Args[0]).Can(NewObj) {
		return "its class is not known to be harmless"
	}
	base := c.allowed(c.Args[1])
	if base == nil {
		return "its base is no builtin type"
	}
	switch base.Module + "." + base.Name {
	case "builtins.object", "builtins.dict", "builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.int", "builtins.float",
		"builtins.str", "builtins.bytes", "builtins.complex", "builtins.bytearray", "datetime.tzinfo":
	default:
		return "its base is no builtin type"
	}
	c.take(0)
	c.take(1)
	return ""
}

// newobjFunc: copyreg.__newobj__(class, *args), copyreg.__newobj_ex__(class, args, kwargs).
func newobjFunc(c *Call) string {
	if len(c.Args) == 0 {
		return "it takes a class"
	}
	class := c.allowed(c.Args[0])
	use := NewObj
	inner := *c
	inner.Args = c.Args[1:]
	if !class.Can(NewObj) && class.Can(NewObjEx) && len(c.Args) == 3 && c.Args[2].Kind() == pickle.KindDict {
		use = NewObjEx
		inner.Args, inner.More = c.M.Items(c.Args[1])
	}
	if class == nil {
		return "its class is not known to be harmless"
	}
	if why := class.Call(use, &inner); why != "" {
		return why
	}
	for i := range min(len(c.Args), 64) {
		c.take(i)
	}
	return ""
}

// bindable reports whether a callable is harmless with any arguments, so that partial may bind hostile ones: functions only, since calling a class runs
// its __init__, which NEWOBJ does not.
func bindable(c *Call, v pickle.Value) bool {
	if a := c.allowed(v); a != nil {
		return a.shape == "any" && a.Can(Ref|Reduce) && !a.Can(NewObj) && !callers[a.Name]
	}
	return c.is(v, []string{"functools"}, "partial")
}

// partialCall: functools.partial(callable, ...).
func partialCall(c *Call) string {
	if len(c.Args) == 0 || !bindable(c, c.Args[0]) {
		return "its callable is not known to be harmless with any arguments"
	}
	c.take(0)
	return ""
}

// partialState: partial.__setstate__((callable, args, kwargs, dict)).
func partialState(c *Call) string {
	items, more := c.M.Items(c.State)
	if len(items) != 4 || more {
		return "its state is not (callable, arguments, keywords, attributes)"
	}
	if !bindable(c, items[0]) {
		return "its callable is not known to be harmless with any arguments"
	}
	args, more := c.M.Items(items[1])
	if more && len(args) == 0 {
		return "its arguments lie too far back"
	}
	return ""
}

// members are the attributes that getattr may look up, for methods and nested classes that older protocols cannot name.
var members = map[string]string{
	"builtins.str":      " lower upper strip lstrip rstrip title capitalize casefold swapcase split splitlines replace startswith endswith isdigit isalpha isalnum join count find ",
	"builtins.bytes":    " lower upper strip split decode ",
	"builtins.dict":     " fromkeys get ",
	"builtins.float":    " fromhex ",
	"zoneinfo.ZoneInfo": " _unpickle ",
}

// rvMembers are the methods that scipy's distributions keep as attributes.
const rvMembers = " _entropy _single_ppf _ppf_single _cdf_single _sf_single generic_moment _generic_moment _mom_integ0 _mom_integ1 _mom0_sc _mom1_sc _ppf_to_solve _pdf _pmf _cdf _ppf _rvs _stats "

// getattrMember: getattr(class or object, "member"): a member on the short list, or one that has its own line in allow.tsv.
func getattrMember(c *Call) string {
	if len(c.Args) != 2 || c.More {
		return "it takes an object and a name"
	}
	a := c.allowed(c.Args[0])
	if a == nil {
		a = c.madeBy(c.Args[0])
	}
	name := word(c, c.Args[1])
	if a == nil || name == "" || strings.ContainsAny(name, " .") {
		return "the attribute is not known to be harmless"
	}
	if strings.Contains(members[a.Module+"."+a.Name], " "+name+" ") || a.state == "scipy-rv" && strings.Contains(rvMembers, " "+name+" ") ||
		Look(a.Module, a.Name+"."+name).Allow.Can(Ref|Reduce) {
		c.take(0)
		return ""
	}
	return "the attribute is not known to be harmless"
}

// timezoneKey: pytz._p("Europe/Berlin", ...): a file name inside the package.
func timezoneKey(c *Call) string {
	if len(c.Args) == 0 || c.More {
		return "it takes the name of a time zone"
	}
	s := word(c, c.Args[0])
	for _, r := range s {
		if !strings.ContainsRune("_+-/", r) && !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return "it takes the name of a time zone"
		}
	}
	if s == "" || s[0] == '/' {
		return "it takes the name of a time zone"
	}
	for _, v := range c.Args[1:] {
		if !v.IsPlain() {
			return "it takes the name of a time zone"
		}
	}
	return ""
}

// storageBytes: torch.storage._load_from_bytes(b"..."), which is torch.load.
func storageBytes(c *Call) string {
	if len(c.Args) != 1 || c.More || !isText(c, c.Args[0]) {
		return "it takes literal bytes"
	}
	if c.Follow == nil {
		return "its bytes were not followed"
	}
	return c.Follow(c.Args[0])
}
