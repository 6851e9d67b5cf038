package sast

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// sourceKind is a way in which data comes into a program, and how far it is trusted.
type sourceKind struct {
	id    string
	words string // "an HTTP request": completes "data from ..."
	trust trust
}

// trust says who chooses the data.
type trust uint8

const (
	remote   trust = iota // anyone who can reach the service
	model                 // whoever can influence what a model answers
	content               // whoever wrote a document, page or file that is read
	internal              // another component: a database, a queue, a file of one's own
	local                 // who starts the program: arguments, environment, terminal
	own                   // the program itself: what matters is where it goes, not who chose it
)

func (t trust) String() string { return trustNames[t] }

var (
	trustNames = [...]string{"remote", "model", "content", "internal", "local", "own"}
	// trustWords complete "data from an HTTP request (...)" for people.
	trustWords = [...]string{"remote attacker", "attacker-influenced by prompt injection", "whoever wrote it", "another component", "local user", ""}
)

var sourceKinds = []sourceKind{
	{"http-request", "an HTTP request", remote},
	{"websocket", "a WebSocket message", remote},
	{"rpc", "a remote procedure call", remote},
	{"socket", "a network connection", remote},
	{"ui-input", "a user's input in the web interface", remote},
	{"upload", "an uploaded file", remote},
	{"chat-message", "a message in a chat", remote},
	{"model-output", "the answer of a language model", model},
	{"tool-argument", "arguments that a language model chose for a tool", model},
	{"tool-result", "the result of a tool", content},
	{"retrieved", "a retrieved document", content},
	{"web-content", "a page or an answer from the network", content},
	{"file-content", "the content of a file", internal},
	{"database", "a row of a database", internal},
	{"queue", "a message of a queue", internal},
	{"argv", "the command line", local},
	{"environment", "an environment variable", local},
	{"stdin", "the terminal", local},
	{"secret", "a secret of the program", own},
	{"personal-data", "personal data", own},
	{"predictable", "a predictable random number", own},
}

// reaches is the message of a flow: what comes from where, how far it is trusted, and
// what it reaches.
func (k sourceKind) reaches(callee string) string {
	if k.trust == own {
		return fmt.Sprintf("%s reaches %s", k.words, text.Cut(callee, 80))
	}
	return fmt.Sprintf("data from %s (%s) reaches %s", k.words, trustWords[k.trust], text.Cut(callee, 80))
}

func sourceOf(id string) sourceKind {
	for _, k := range sourceKinds {
		if k.id == id {
			return k
		}
	}
	return sourceKind{id: id, words: id, trust: internal}
}

func checkSource(id string) error {
	if !slices.ContainsFunc(sourceKinds, func(k sourceKind) bool { return k.id == id }) {
		var known []string
		for _, k := range sourceKinds {
			known = append(known, k.id)
		}
		return mistakef(id, "unknown kind of source %q%s (known: %s)", id, nearest(id, known), strings.Join(known, ", "))
	}
	return nil
}

// sinkIDs are the kinds of sinks that are built in, each with a rule of taint in rules/.
// A rule about another kind makes it one.
var sinkIDs = []string{
	"code", "shell", "argument", "sql", "path", "archive", "deserialization", "template", "html", "ldap", "xpath", "xml", "redirect", "ssrf",
	"header", "log", "regex", "mass-assignment", "prompt", "system-prompt", "nosql", "import", "email", "format", "dos", "model-load", "llm-secret", "log-secret", "cookie", "file-write", "session", "identity", "xml-expansion",
}

// maxKinds is how many kinds of sinks there can be: a [pyflow.Mask] has a bit for each.
const maxKinds = 64

func (s *ruleSet) sinkKind(id string) (int, error) {
	if i := slices.Index(s.kinds, id); i >= 0 {
		return i, nil
	}
	return 0, mistakef(id, "unknown kind of sink %q%s; a rule with taint: %s would make it one (known: %s)", id, nearest(id, s.kinds), id, strings.Join(s.kinds, ", "))
}

func (s *ruleSet) mask(kinds []string) (pyflow.Mask, error) {
	var m pyflow.Mask
	for _, id := range kinds {
		if id == "all" {
			return pyflow.AllKinds, nil
		}
		i, err := s.sinkKind(id)
		if err != nil {
			return 0, err
		}
		m |= 1 << i
	}
	return m, nil
}

// nearest is a guess at what was meant.
func nearest(name string, known []string) string {
	if near := strictyaml.Nearest(name, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
