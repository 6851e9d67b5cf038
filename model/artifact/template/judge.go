package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/jinja"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// judge says what is wrong with one template.
type judge struct {
	*verdict.File
	ref  asset.Ref // of the template
	tree *jinja.Template
}

// template parses and judges a template.
func (j *judge) template(src string) {
	tree, err := jinja.Parse(src)
	if err != nil {
		j.Failf("chat template %s: %w", j.ref.InnerString(), err)
		return
	}
	j.tree = tree
	r := jinja.Analyse(tree)
	j.events(r.Events)
	j.conditions(r.Texts)
	j.hidden(src, r.Texts)
	if r.Incomplete {
		j.report(ruleComplex, asset.Unverified, 0, "complex", "The template computes more than merlon follows; what it would say is not known.")
	}
	j.facts(r.Texts)
}

func (j *judge) report(rule string, v asset.Verdict, pos int, key, msg string, triggers ...string) {
	f := finding.Finding{Rule: rule, Message: msg + cve.Sentence(triggers...), Key: key,
		Locations: []finding.Location{{Ref: j.ref, Line: j.tree.Line(pos)}}}
	if ids := cve.IDs(triggers...); len(ids) > 0 {
		f.Attrs = map[string]any{"cve": ids}
	}
	if rule == ruleExplode && v == asset.Malicious {
		f.Severity = finding.Critical
	}
	j.Report(v, f)
}

// What counts as too much. Published templates have no loop over more than a few
// dozen constants; the sandbox of Jinja refuses a range over 100,000.
const (
	manyRounds = 1e6
	endless    = 1e9
)

func (j *judge) events(events []jinja.Event) {
	code := slices.ContainsFunc(events, func(e jinja.Event) bool {
		return e.Kind == jinja.EventAttribute && jinja.Attribute(e.Name) == jinja.ReachCode
	})
	for _, e := range events {
		name, via := verdict.Show(e.Name), verdict.Show(e.Via)
		switch e.Kind {
		case jinja.EventAttribute:
			if inner(e, events) {
				continue // the whole walk is reported at its end
			}
			if jinja.Attribute(e.Name) == jinja.ReachCode {
				j.report(ruleCode, asset.Malicious, e.Pos, name, fmt.Sprintf("The template reads %s (%s).", name, via), "jinja/code")
			} else if !code {
				j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template reads %s (%s).", name, via))
			}
		case jinja.EventDynamic:
			if strings.Contains(e.Name, "__") {
				j.report(ruleCode, asset.Malicious, e.Pos, name, fmt.Sprintf("The template puts the name of an attribute together from %q (%s).", name, via), "jinja/code")
			} else {
				j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template reads an attribute that is named by %s (%s).", name, via))
			}
		case jinja.EventGlobal:
			j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template uses %s, which no chat template needs.", name))
		case jinja.EventCall:
			if method, ok := strings.CutPrefix(e.Name, "."); ok && dangerous(method) {
				j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template calls a method %s(), which no text, list or mapping has.", name))
				continue
			}
			j.report(ruleUnknown, asset.OK, e.Pos, name, fmt.Sprintf("The template calls %s(), which renderers of chat templates do not provide.", name))
		case jinja.EventLoad:
			j.report(ruleLoad, asset.Unverified, e.Pos, name, fmt.Sprintf("The template brings in another one by %q.", name))
		case jinja.EventFormat:
			j.format(e, name, via)
		case jinja.EventLoop:
			if e.Count >= manyRounds {
				j.report(ruleExplode, explodes(e.Count), e.Pos, "loop", fmt.Sprintf("A loop runs %.3g times.", e.Count))
			}
		case jinja.EventGrow:
			j.report(ruleExplode, explodes(e.Count), e.Pos, "grow", fmt.Sprintf("A value grows to %.3g characters.", e.Count))
		case jinja.EventRecursion:
			j.report(ruleExplode, asset.Unverified, e.Pos, name, fmt.Sprintf("The macro %s calls itself without an end that is in sight.", name))
		case jinja.EventReplace:
			if triggerOf(e.Name) == triggerWord && words(e.Name) > 0 {
				j.report(ruleRewrite, asset.Unverified, e.Pos, name, fmt.Sprintf("The template replaces %q by %q in what a message says.", name, via))
			}
		}
	}
}

// dangerous tells methods of modules and files that code is reached by.
func dangerous(name string) bool {
	switch name {
	case "popen", "Popen", "system", "eval", "exec", "execfile", "open", "read", "write", "run", "call", "check_output", "check_call",
		"getoutput", "spawn", "fork", "import_module", "load_module", "get_data", "find_module", "urlopen", "connect", "loads", "load", "compile",
		"environ", "getenv", "unlink":
		return true
	}
	return false
}

func explodes(n float64) asset.Verdict {
	if n >= endless {
		return asset.Malicious
	}
	return asset.Unverified
}

// inner reports whether an access is a part of a longer one.
func inner(e jinja.Event, events []jinja.Event) bool {
	return slices.ContainsFunc(events, func(o jinja.Event) bool {
		return o.Kind == e.Kind && len(o.Via) > len(e.Via) && strings.HasPrefix(o.Via, e.Via) &&
			(jinja.Attribute(o.Name) == jinja.ReachCode || jinja.Attribute(e.Name) != jinja.ReachCode)
	})
}

func (j *judge) format(e jinja.Event, name, via string) {
	switch e.Name {
	case "content":
		j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template uses what a message says as a format, whose fields can walk to any attribute (%s).", via))
	case "attr":
		j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template gets str.format past the sandbox (%s).", via), "jinja/attr-filter")
	default:
		j.report(rulePrivate, asset.Unverified, e.Pos, name, fmt.Sprintf("The template passes str.format on instead of calling it (%s).", via), "jinja/format")
	}
}

// The shortest texts that count as language. Three words can be an order; a mark of
// the format with a line of explanation beside it is common, so after a mark it takes
// more.
const (
	fewWords  = 3
	someWords = 8
)

// conditions judges the texts that are put out only under a condition on what a
// message says, or on the date.
func (j *judge) conditions(texts []jinja.Emitted) {
	var order []*jinja.Cond
	under := map[*jinja.Cond][]jinja.Emitted{}
	for _, t := range texts {
		for _, c := range t.Conds {
			if under[c] == nil {
				order = append(order, c)
			}
			under[c] = append(under[c], t)
		}
	}
	for _, c := range order {
		pieces := under[c]
		n := max(words(joined(pieces, "")), words(joined(pieces, " ")))
		if n < fewWords {
			continue
		}
		best, word := triggerNone, ""
		for _, t := range c.Triggers {
			if k := triggerOf(t); k > best {
				best, word = k, t
			}
		}
		if best == triggerNone && c.Numbers {
			best, word = triggerMarker, "a number"
		}
		says := verdict.Show(strings.TrimSpace(joined(pieces, " ")))
		where := map[jinja.CondKind]string{jinja.CondContent: "a message", jinja.CondSystem: "the system message", jinja.CondTime: "the date or chance", jinja.CondTurns: "the length of the conversation"}[c.Kind]
		switch {
		case best == triggerWord, c.Kind == jinja.CondTime:
			j.report(rulePoison, asset.Malicious, pieces[0].Pos, verdict.Show(word),
				fmt.Sprintf("Only when %s matches \"%s\", the template says: \"%s\"", where, verdict.Show(word), says))
		case n >= someWords && (c.Kind == jinja.CondContent || c.Kind == jinja.CondTurns) && best != triggerNone:
			j.report(ruleDepends, asset.Unverified, pieces[0].Pos, verdict.Show(word),
				fmt.Sprintf("Only when %s matches \"%s\", the template says: \"%s\"", where, verdict.Show(word), says))
		}
	}
}

func joined(pieces []jinja.Emitted, sep string) string {
	var b strings.Builder
	for _, p := range pieces {
		if b.Len() > 64<<10 {
			break
		}
		b.WriteString(p.Text)
		b.WriteString(sep)
	}
	return b.String()
}

// facts records what the template tells the model in every case, for a reader to
// agree with.
func (j *judge) facts(texts []jinja.Emitted) {
	var says []string
	for _, t := range texts {
		if len(t.Conds) == 0 && len(says) < 16 && words(t.Text) >= 5 {
			says = append(says, verdict.Show(strings.TrimSpace(t.Text)))
		}
	}
	if len(says) > 0 {
		j.Fact("template-text", says, true)
	}
}
