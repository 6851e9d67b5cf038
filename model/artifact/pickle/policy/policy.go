// Package policy holds what is known about the names that pickles use: an allowlist with the exact uses under which a name is harmless, a list
// of names with a dangerous effect, and the aliases through which one name reaches another.
//
// [Look] judges one name; [Allow.Call] and [Allow.State] judge a use of it.
//
// # Precedence
//
// An exact line of deny.tsv wins over allow.tsv (unless that forbids calls by the shape "never": then only a call is denied), which wins over a * line of deny.tsv. A name with a dot inside passes only by its own line of
// allow.tsv; otherwise it is followed component by component, through aliases (alias.tsv) and modules, and denied if any step is. Names
// of Python 2 are looked up as they are and as Python 3 maps them (py2.tsv). A name in neither table is unverified: neither allowed nor denied.
package policy

import "strings"

// Effect is what a denied name gives an attacker.
type Effect string

// The effects.
const (
	Code        Effect = "code"
	Process     Effect = "process"
	Import      Effect = "import"
	Native      Effect = "native"
	Network     Effect = "network"
	FileRead    Effect = "file-read"
	FileWrite   Effect = "file-write"
	Unpickle    Effect = "unpickle"
	Introspect  Effect = "introspect"
	Environment Effect = "environment"
)

var phrases = map[Effect]string{
	Code: "runs code", Process: "starts programs", Import: "imports modules", Native: "calls native code", Network: "opens connections",
	FileRead: "reads files", FileWrite: "writes files", Unpickle: "loads another pickle", Introspect: "reaches the interpreter's insides",
	Environment: "changes the process",
}

// Phrase says the effect as a predicate: "runs code".
func (e Effect) Phrase() string { return phrases[e] }

// Deny is why a name is dangerous.
type Deny struct {
	Module, Name string // the dangerous object itself, which the name may only lead to
	Effect       Effect
	Note         string
}

// Use is a set of ways in which a pickle uses a global.
type Use uint16

// The uses, as allow.tsv names them.
const (
	Ref        Use = 1 << iota // stays as a plain value
	Reduce                     // called by REDUCE
	NewObj                     // NEWOBJ
	NewObjEx                   // NEWOBJ_EX
	Obj                        // called by OBJ or INST
	BuildDict                  // BUILD with a dict
	BuildTuple                 // BUILD with a tuple
	BuildOther                 // BUILD with anything else
	Append                     // APPEND, APPENDS
	SetItem                    // SETITEM, SETITEMS
	AddItem                    // ADDITEMS
)

var useNames = []string{"ref", "reduce", "newobj", "newobj_ex", "obj", "build-dict", "build-tuple", "build-other", "append", "setitem", "additem"}

// String lists the uses as allow.tsv does.
func (u Use) String() string {
	var out []string
	for i, name := range useNames {
		if u&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

// Allow is one line of allow.tsv.
type Allow struct {
	Module, Name string
	Uses         Use
	tags         []string // of "is:TAG": arguments that a shape demands
	shape        string
	state        string
}

// Is reports whether the name carries the tag: shapes demand tagged arguments, "ndarray" for an array class and so on.
func (a *Allow) Is(tag string) bool {
	if a == nil {
		return false
	}
	for _, t := range a.tags {
		if t == tag {
			return true
		}
	}
	return false
}

// Can reports whether the name may be used in one of these ways.
func (a *Allow) Can(u Use) bool { return a != nil && a.Uses&u != 0 }

// Decision is what is known about one name. Both fields nil: nothing.
type Decision struct {
	Allow *Allow
	Deny  *Deny
	// OnCall is set with Allow: the name may stand as a value or argument, and calling it is dangerous (numpy.memmap is an array class and opens files).
	OnCall *Deny
}

// Look judges the global module.name as a stream spells it.
func Look(module, name string) Decision {
	t := tables()
	module2, name2 := t.modern(module, name)
	var d Decision
	if d.Deny = t.denyExact(module, name); d.Deny == nil {
		d.Deny = t.denyExact(module2, name2)
	}
	if d.Allow = t.allow[key(module, name)]; d.Allow == nil {
		d.Allow = t.allow[key(module2, name2)]
	}
	if d.Deny != nil {
		if d.Allow != nil && d.Allow.shape == "never" {
			d.Deny, d.OnCall = nil, d.Deny
		} else {
			d.Allow = nil
		}
		return d
	}
	if d.Allow != nil {
		return d
	}
	if d.Deny = t.follow(module, name); d.Deny == nil && module2 != module {
		d.Deny = t.follow(module2, name2)
	}
	return d
}

// KnownModule reports whether either table has a name of the module: text that happens to parse as a pickle names no such module.
func KnownModule(module string) bool {
	t := tables()
	return t.modules[module] || t.star(module) != nil
}
