package sast

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
)

// test is one condition of a call rule. ARG is a position, names of keywords, or both;
// it holds if one of them does:
//
//	ARG is VALUE          it is this constant
//	ARG not VALUE         it is left out, or another constant; not if only the caller knows
//	ARG given             it may be given
//	ARG missing           it is certainly not given
//	ARG constant          it is a constant string or bytes
//	ARG dynamic           it is neither constant nor missing
//	ARG matches REGEX     it is a constant string that the expression finds
//	ARG not-matches REGEX it is anything else
//	ARG begins REGEX      its constant beginning matches, also of a string that is put together
//	ARG not-begins REGEX  its beginning is known and does not match
//	ARG named NAME        it is this outside thing
//	ARG names REGEX       it is an outside thing whose dotted name matches
//	ARG has REGEX         it is a string that matches, or a list with one
//	ARG below NUMBER      it is a smaller constant number
//	ARG bits NUMBER       it is a constant number with one of these bits
//	ARG reads REGEX       its source text matches
//	ARG data              it carries data of a source
//	ARG catastrophic      it is a regular expression that can take exponential time
//	context REGEX         the names of the functions around, or what stands before the call in its line, match
type test struct {
	args  []pyflow.Arg
	verb  string
	value string
	re    *regexp.Regexp
	n     int64
}

var verbs = []string{"is", "not", "given", "missing", "constant", "dynamic", "matches", "not-matches", "begins", "not-begins", "named", "names", "has", "below", "bits", "reads", "data", "catastrophic", "context"}

func parseTest(text string) (test, error) {
	words := strings.Fields(text)
	for i, w := range words {
		if !slices.Contains(verbs, w) || i == 0 && w != "context" {
			continue
		}
		args, err := selectors(words[:i])
		if err != nil {
			return test{}, err
		}
		_, value, _ := strings.Cut(" "+text, " "+w+" ")
		t := test{args: args, verb: w, value: strings.TrimSpace(value)}
		switch w {
		case "matches", "not-matches", "begins", "not-begins", "names", "has", "reads", "context":
			t.re, err = regexp.Compile(t.value)
		case "below", "bits":
			t.n, err = strconv.ParseInt(t.value, 0, 64)
		}
		return t, err
	}
	return test{}, fmt.Errorf("test %q has none of the verbs %s", text, strings.Join(verbs, ", "))
}

// selectors reads a position and any number of keywords.
func selectors(words []string) ([]pyflow.Arg, error) {
	var pos string
	var out []string
	for _, w := range words {
		if w[0] >= '0' && w[0] <= '9' {
			pos = w
			continue
		}
		if pos != "" {
			w, pos = pos+" "+w, ""
		}
		out = append(out, w)
	}
	if pos != "" {
		out = append(out, pos)
	}
	return arguments(out)
}

func (t test) holds(s pyflow.Site) bool {
	switch t.verb {
	case "context":
		return t.re.MatchString(surroundings(s))
	case "missing", "not": // of all
		return !slices.ContainsFunc(t.args, func(a pyflow.Arg) bool { return !t.one(s, a) })
	}
	return slices.ContainsFunc(t.args, func(a pyflow.Arg) bool { return t.one(s, a) })
}

func (t test) one(s pyflow.Site, a pyflow.Arg) bool {
	k := s.Arg(a)
	if whole := a; a.Key != "" { // no item of a constant
		whole.Key = ""
		if s.Arg(whole).Const {
			k = pyflow.Known{}
		}
	}
	switch t.verb {
	case "is":
		return k.Given && k.Const && k.Text == t.value
	case "not":
		return !k.Given || k.Const && k.Text != t.value
	case "given":
		return k.Given
	case "missing":
		return !k.Given
	case "constant":
		return k.Const && k.IsStr || bytesLiteral().MatchString(argText(s, a))
	case "data":
		return k.Data
	case "catastrophic":
		return k.Const && k.IsStr && catastrophic(k.Text)
	case "dynamic":
		return k.Given && !k.Const
	case "matches":
		return k.Const && k.IsStr && t.re.MatchString(k.Text)
	case "not-matches":
		return !(k.Const && k.IsStr && t.re.MatchString(k.Text))
	case "begins":
		return k.Prefix != "" && t.re.MatchString(k.Prefix)
	case "not-begins":
		return k.Prefix != "" && !t.re.MatchString(k.Prefix)
	case "named":
		return k.Name == t.value || k.Type == t.value
	case "names":
		return k.Name != "" && t.re.MatchString(k.Name) || k.Type != "" && t.re.MatchString(k.Type)
	case "has":
		matches := func(k pyflow.Known) bool { return k.Const && k.IsStr && t.re.MatchString(k.Text) }
		return matches(k) || slices.ContainsFunc(s.Items(a), matches)
	case "below", "bits":
		n, err := strconv.ParseInt(strings.ReplaceAll(k.Text, "_", ""), 0, 64)
		if err != nil || !k.Const || k.IsStr {
			return false
		}
		return t.verb == "below" && n < t.n || t.verb == "bits" && n&t.n != 0
	case "reads":
		return t.re.MatchString(argText(s, a))
	}
	return false
}

// bytesLiteral is how constant bytes are written.
var bytesLiteral = pattern(`^[bB][rR]?["']`)

// surroundings are where a call stands: the functions around it and what stands before it in
// its line.
func surroundings(s pyflow.Site) string {
	start := s.Tree.Start(s.Node)
	src := s.Tree.Source()
	line := strings.LastIndexByte(src[:start], '\n') + 1
	return strings.Join(s.Function(), " ") + " " + src[max(line, start-200):start]
}

// argText is the source text of an argument.
func argText(s pyflow.Site, a pyflow.Arg) string {
	t := s.Tree
	if t.Kind(s.Node) != python.KindCall {
		return ""
	}
	c := t.Call(s.Node)
	if a.Name != "" {
		for _, k := range c.Keywords {
			if kw := t.Keyword(k); kw.Name == a.Name {
				return t.Text(kw.Value)
			}
		}
	}
	if a.Pos >= 0 && a.Pos < len(c.Args) {
		return t.Text(c.Args[a.Pos])
	}
	return ""
}
