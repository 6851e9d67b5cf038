package pyflow

import "regexp"

// Spec says which outside names matter. Names are dotted: "flask.request.args",
// methods behind their class ("sqlite3.Cursor.execute"), results of functions with
// parentheses ("requests.get().text"), what is put into something with the name of its
// method ("flask.session.__setitem__") or an equals sign ("flask.Response.data="). It is
// read only during an analysis.
type Spec struct {
	Kinds []string // sink kinds, at most 64

	Calls   map[string]*Call   // by the name of what is called
	Methods map[string]*Call   // by ".method", where the receiver is not known
	Reads   map[string]string  // source kind by the name of what is read
	Types   map[string]string  // class of what a call returns or an attribute holds, by its name
	Aliases map[string]string  // other names of the same thing, with everything below
	Params  map[string]*Params // by the name of a decorator, or of a base class with its method: "tornado.web.RequestHandler.get"
	Named   map[string]string  // class of parameters by their name where nothing else is known: "request"
	Exits   map[string]bool    // calls that do not return
}

// Call is what is known of a function outside the project.
type Call struct {
	Source  string // source kind of the result
	Returns string // class of the result
	Sinks   []Sink
	Clean   Mask // the result carries what the arguments carry, cleaned
	Undo    bool // the result carries what the arguments carry as if nothing had cleaned it: decoding
	Check   Mask // true means that the first argument (or the receiver) is clean
	// Pass lists the arguments whose data the result carries; nil is all of them and
	// the receiver. Use [NoPass] for none.
	Pass []Arg
	// Into lists arguments whose data the receiver carries from then on.
	Into []Arg
	// Feeds says that functions given as an argument are called with data of a source
	// kind.
	Feeds []Feed
	Weak  bool // known by its method name only
}

// NoPass is a Pass without any argument.
var NoPass = []Arg{}

// Arg selects an argument.
type Arg struct {
	Pos  int    // from 0; below 0: none by position
	Name string // keyword; "" none
	Key  string // item or attribute of the argument: "[0]"
	All  bool   // every argument
	Self bool   // the receiver
}

// Sink is an argument that must not carry data of certain sources.
type Sink struct {
	Kind int
	Arg  Arg
	Rule string
	When []Condition
	Sure bool // not weak, though the call is known by its method name only
}

// Condition is about another argument or the sink's own string.
type Condition struct {
	Arg   Arg
	Is    string // source text of a constant: "True", "None", "0"; "unset" for an argument that is not there
	Not   string
	Match *regexp.Regexp // the argument is a constant string or the name of an outside thing that matches, or a list with such a string
	Lack  *regexp.Regexp // it is nothing of that kind
	Host  bool           // the string does not begin with a scheme, a host and a slash
	Local bool           // the string does not begin with a slash and something else
	Built bool           // the value is a string, possibly put together from parts
	Parts bool           // the value is a string that was put together from parts here
	Begin *regexp.Regexp // the string's constant beginning matches
}

// Feed says which parameters of a function given as an argument are sources.
type Feed struct {
	Arg  Arg
	Kind string
}

// Params says what parameters of a decorated function, or of a method of a class
// with a certain base, are.
type Params struct {
	Kind   string   // source kind; "" none
	Skip   int      // parameters at the beginning that are not sources
	Types  []string // classes of the first parameters; "" unknown
	Clean  []string // annotations that make a parameter harmless: "int"
	Return []Sink   // what is returned reaches these sinks; Arg is not used
	Except []string // classes of annotations or defaults that are not data: "fastapi.Depends"
}

// Source is a place where data comes in.
type Source struct {
	Kind string
	mod  *module
	node int32
	Name string // what is read or called there
}
