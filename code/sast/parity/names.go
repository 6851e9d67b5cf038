package parity

import (
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

// banned is a list of names that are reported wherever they occur.
type banned struct {
	id    string
	names []string
}

// bannedCalls are functions, in the order in which they are asked: one is reported.
var bannedCalls = sync.OnceValue(func() []banned {
	return []banned{
		{"B301", []string{"pickle.loads", "pickle.load", "pickle.Unpickler", "dill.loads", "dill.load", "dill.Unpickler", "shelve.open", "shelve.DbfilenameShelf", "jsonpickle.decode", "jsonpickle.unpickler.decode", "jsonpickle.unpickler.Unpickler", "pandas.read_pickle"}},
		{"B302", []string{"marshal.load", "marshal.loads"}},
		{"B303", slices.Concat(below("Crypto.Hash.", "MD2.new", "MD4.new", "MD5.new", "SHA.new"), below("Cryptodome.Hash.", "MD2.new", "MD4.new", "MD5.new", "SHA.new"), below("cryptography.hazmat.primitives.hashes.", "MD5", "SHA1"))},
		{"B304", slices.Concat(below("Crypto.Cipher.", "ARC2.new", "ARC4.new", "Blowfish.new", "DES.new", "XOR.new"), below("Cryptodome.Cipher.", "ARC2.new", "ARC4.new", "Blowfish.new", "DES.new", "XOR.new"), below("cryptography.hazmat.primitives.ciphers.algorithms.", "ARC4", "Blowfish", "CAST5", "IDEA", "SEED", "TripleDES"))},
		{"B305", []string{"cryptography.hazmat.primitives.ciphers.modes.ECB"}},
		{"B306", []string{"tempfile.mktemp"}},
		{"B307", []string{"eval"}},
		{"B308", []string{"django.utils.safestring.mark_safe"}},
		{"B310", slices.Concat(below("urllib.request.", "urlopen", "urlretrieve", "URLopener", "FancyURLopener"), below("six.moves.urllib.request.", "urlopen", "urlretrieve", "URLopener", "FancyURLopener"))},
		{"B311", below("random.", "Random", "random", "randrange", "randint", "choice", "choices", "uniform", "triangular", "randbytes", "sample", "getrandbits")},
		{"B312", []string{"telnetlib.Telnet"}},
		{"B313", below("xml.etree.cElementTree.", "parse", "iterparse", "fromstring", "XMLParser")},
		{"B314", below("xml.etree.ElementTree.", "parse", "iterparse", "fromstring", "XMLParser")},
		{"B315", []string{"xml.sax.expatreader.create_parser"}},
		{"B316", below("xml.dom.expatbuilder.", "parse", "parseString")},
		{"B317", below("xml.sax.", "parse", "parseString", "make_parser")},
		{"B318", below("xml.dom.minidom.", "parse", "parseString")},
		{"B319", below("xml.dom.pulldom.", "parse", "parseString")},
		{"B321", []string{"ftplib.FTP"}},
		{"B323", []string{"ssl._create_unverified_context"}},
	}
})

// bannedImports are modules. A name that only begins like one is reported, too.
var bannedImports = sync.OnceValue(func() []banned {
	return []banned{
		{"B401", []string{"telnetlib"}},
		{"B402", []string{"ftplib"}},
		{"B403", []string{"pickle", "cPickle", "dill", "shelve"}},
		{"B404", []string{"subprocess"}},
		{"B405", []string{"xml.etree.cElementTree", "xml.etree.ElementTree"}},
		{"B406", []string{"xml.sax"}},
		{"B407", []string{"xml.dom.expatbuilder"}},
		{"B408", []string{"xml.dom.minidom"}},
		{"B409", []string{"xml.dom.pulldom"}},
		{"B411", []string{"xmlrpc"}},
		{"B412", []string{"wsgiref.handlers.CGIHandler", "twisted.web.twcgi.CGIScript", "twisted.web.twcgi.CGIDirectory"}},
		{"B413", below("Crypto.", "Cipher", "Hash", "IO", "Protocol", "PublicKey", "Random", "Signature", "Util")},
		{"B415", []string{"pyghmi"}},
	}
})

func below(prefix string, names ...string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// bannedImport reports an import once, under the first list that it is on.
func (v *visit) bannedImport(n python.Node) {
	t := v.t
	names, prefix := t.List(n), ""
	if t.Kind(n) == python.KindImportFrom {
		d := t.ImportFrom(n)
		names = d.Names
		if d.Module != "" {
			prefix = d.Module + "."
		}
	}
	for _, b := range bannedImports() {
		for _, a := range names {
			whole := prefix + t.Alias(a).Name
			if slices.ContainsFunc(b.names, func(m string) bool { return strings.HasPrefix(whole, m) }) {
				v.hit(b.id, n, n)
				return
			}
		}
	}
}

// bannedCall reports calls of functions, and imports by a call.
func (s *site) bannedCall() {
	name := s.name
	switch {
	case s.t.IsName(s.t.Call(s.node).Func, "__import__"):
		name = ""
		if len(s.args) > 0 {
			name, _ = s.str(s.args[0])
		}
	case name == "importlib.import_module" || name == "importlib.__import__":
		v := s.named("name")
		if len(s.args) > 0 {
			v = s.at(0)
		}
		name = v.s
	}
	for _, b := range slices.Concat(bannedCalls(), bannedImports()) {
		if name != "" && slices.Contains(b.names, name) {
			s.hit(b.id, s.node, s.node)
			return
		}
	}
}
