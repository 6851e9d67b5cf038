package sast

import (
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/patch"
	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
)

// fixes say how findings of rules are mended, as it stands in rules/*.yaml.
type fixes struct {
	Rules  []string   `yaml:"rules"`
	Calls  []string   `yaml:"calls"`  // only of these functions. Optional
	Steps  [][]string `yaml:"steps"`  // the first that can be taken is; see step
	Unsafe string     `yaml:"unsafe"` // why honest users may notice. Optional
}

// fix is one way to mend a finding.
type fix struct {
	calls  []string
	steps  []step
	unsafe string
}

// Mending is one way to mend findings of a rule, as it stands in the files of rules.
type Mending struct {
	Rule   string
	Steps  []string
	Unsafe string // why honest users may notice; "" they do not
}

// Fixes lists how findings are mended, by rule and in the order in which it is tried.
func (k *Knowledge) Fixes() []Mending {
	var out []Mending
	for _, id := range slices.Sorted(maps.Keys(k.rules.fixes)) {
		for _, x := range k.rules.fixes[id] {
			m := Mending{Rule: id, Unsafe: x.unsafe}
			for _, s := range x.steps {
				m.Steps = append(m.Steps, s.text)
			}
			out = append(out, m)
		}
	}
	return out
}

// step is one change of a call:
//
//	set [POS] NAME VALUE      give the argument this value
//	replace [POS] NAME VALUE  give it this value, if it is given
//	drop NAME                 leave the keyword out
//	end [POS] NAME WORD       end the dotted name that the argument is with this word
//	call WORD WORD            call this instead of that function of the same module
//	module NAME NAME          call the function of this instead of that module, and import it
//	missing [POS] NAME        the argument is not given; nothing is changed
//	alone                     there are no arguments; nothing is changed
//
// Only what is written out in the call is changed: a constant, a keyword, a dotted name. A
// step that cannot be taken makes the fix impossible.
type step struct {
	text  string
	verb  string
	arg   pyflow.Arg
	words []string
}

func (k *Knowledge) addFixes(f fixes) error {
	if len(f.Rules) == 0 || len(f.Steps) == 0 {
		return mistakef("fixes:", "an entry of fixes has no rules, or no steps")
	}
	for _, id := range f.Rules {
		if !slices.ContainsFunc(k.rules.all, func(r finding.Rule) bool { return r.ID == id }) {
			return mistakef(id, "there is no rule %s that could be mended", id)
		}
		for _, texts := range f.Steps {
			x := fix{calls: f.Calls, unsafe: f.Unsafe}
			for _, text := range texts {
				s, err := parseStep(text)
				if err != nil {
					return err
				}
				x.steps = append(x.steps, s)
			}
			k.rules.fixes[id] = append(k.rules.fixes[id], x)
		}
	}
	return nil
}

func parseStep(text string) (step, error) {
	verb, rest, _ := strings.Cut(text, " ")
	words := strings.Fields(rest)
	s := step{text: text, verb: verb, words: words, arg: pyflow.Arg{Pos: -1}}
	want := 2
	switch verb {
	case "set", "replace", "end":
		if len(words) < 2 {
			return step{}, mistakef(text, "step %q names no argument and value", text)
		}
		args, err := selectors(words[:len(words)-1])
		if err != nil || len(args) != 1 {
			return step{}, mistakef(text, "step %q does not name one argument", text)
		}
		s.arg, s.words = args[0], words[len(words)-1:]
		want = 1
	case "missing":
		args, err := selectors(words)
		if err != nil || len(args) != 1 {
			return step{}, mistakef(text, "step %q does not name one argument", text)
		}
		s.arg, s.words, want = args[0], nil, 0
	case "drop":
		s.arg.Name, want = rest, 1
	case "call", "module":
	case "alone":
		want = 0
	default:
		return step{}, mistakef(text, "step %q begins with none of set, replace, end, drop, call, module, missing, alone", text)
	}
	if len(s.words) != want {
		return step{}, mistakef(text, "step %q has not %d words after its verb", text, want)
	}
	return s, nil
}

// mend returns the fixes of a finding about a call: the first that can be made.
func (r *reporter) mend(id string, f *source, n python.Node, callee string) []finding.Fix {
	t := f.tree
	if f.lines != nil || len(f.ref.Inner) > 0 || t.ErrorCount() > 0 || t.Kind(n) != python.KindCall || t.IsPython2(n) {
		return nil
	}
	for _, x := range r.rules.fixes[id] {
		if len(x.calls) > 0 && !slices.Contains(x.calls, callee) {
			continue
		}
		c := &changer{t: t, call: t.Call(n), node: n}
		for _, s := range x.steps {
			if !c.take(s) {
				c = nil
				break
			}
		}
		if c == nil || len(c.edits) == 0 {
			continue
		}
		if edits, ok := f.located(c.edits); ok {
			return []finding.Fix{{Title: strings.Join(c.did, ", "), Safe: x.unsafe == "", Edits: edits}}
		}
	}
	return nil
}

// maxEncoded is how large a file that is not UTF-8 may be to be mended.
const maxEncoded = 8 << 20

// byteAt is the place in the file of a place in the tree's text; ok is false if that is not
// known.
func (f *source) byteAt(offset int) (at int, ok bool) {
	if f.raw == nil {
		return offset, true
	}
	f.atOnce.Do(func() { // several groups may ask
		if len(f.raw) <= maxEncoded {
			f.at, _ = python.Offsets(f.raw, f.tree.Source())
		}
	})
	if f.at == nil {
		return offset, false
	}
	return f.at(offset), true
}

// located gives edits of a tree's text their places in the file.
func (f *source) located(edits []patch.Edit) ([]finding.Edit, bool) {
	var out []finding.Edit
	for _, e := range edits {
		start, ok := f.byteAt(e.Start)
		end, _ := f.byteAt(e.End)
		if !ok {
			return nil, false
		}
		l := span(f, f.tree, e.Start, e.End)
		out = append(out, finding.Edit{Ref: f.ref, Start: int64(start), End: int64(end), New: e.New,
			Line: l.Line, Col: l.Col, EndLine: l.EndLine, EndCol: l.EndCol})
	}
	return out, true
}
