package jinja

// EventKind classifies what [Analyse] notices.
type EventKind uint8

// The kinds of event.
const (
	// EventAttribute is an access to an attribute or item that leads out of data:
	// Name is the attribute, Via how it was reached.
	EventAttribute EventKind = iota + 1
	// EventDynamic is an attribute whose name is only known when the template is
	// rendered; Name says what it is made from.
	EventDynamic
	// EventGlobal is the use of a name that no chat template needs: Name.
	EventGlobal
	// EventCall is a call of a function that renderers do not provide: Name.
	EventCall
	// EventLoad brings in another template: Name is the tag.
	EventLoad
	// EventFormat is a use of str.format that the sandbox of old versions does not
	// see: Name is "reference", "attr" or "content" (the format comes from a message).
	EventFormat
	// EventLoop is a loop that runs Count times, with the loops around it.
	EventLoop
	// EventGrow is a value of Count bytes or digits.
	EventGrow
	// EventRecursion is a macro that calls itself without a bound that is known.
	EventRecursion
	// EventReplace rewrites the text of messages: Name is what is looked for, Via what
	// it becomes.
	EventReplace
)

// Event is one thing noticed.
type Event struct {
	Kind  EventKind
	Pos   int // bytes from the start of the template
	Name  string
	Via   string
	Count float64
}

// CondKind says what a condition is about.
type CondKind uint8

// The kinds of condition.
const (
	CondContent CondKind = iota + 1 // what a message says
	CondSystem                      // what the system message says
	CondTime                        // when the template is rendered, or chance
	CondTurns                       // how long the conversation is
)

// Cond is a condition on something that whoever writes messages controls, or on
// the time.
type Cond struct {
	Kind     CondKind
	Pos      int
	Triggers []string // the texts compared with
	Numbers  bool     // compared with a number, a length for example
}

// Emitted is literal text that the template puts into the prompt.
type Emitted struct {
	Text  string
	Pos   int
	Conds []*Cond // what decides whether it does; none: always, or by flags of the caller
}

// Report is what can be told about a template without rendering it.
type Report struct {
	Events []Event
	Texts  []Emitted
	// Incomplete is set if the template is too complex: there may be more.
	Incomplete bool
}
