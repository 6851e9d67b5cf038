package agentconf

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/text"
)

// Change is a difference between what was approved and what is there.
type Change struct {
	What  string   // "added", "removed", "changed"
	Kind  string   // of the entry
	Name  string   // of the entry
	Lines []string // what changed, one value each: "+ ...", "- ..." or "~ ..."
}

// String says it in one line.
func (c Change) String() string {
	s := c.Kind
	if c.Name != "" {
		s += fmt.Sprintf(" %q", text.Visible(text.Cut(c.Name, 60)))
	}
	s += " was " + c.What
	if c.What == "changed" && len(c.Lines) > 0 {
		s += ": " + c.Lines[0]
		if n := len(c.Lines) - 1; n > 0 {
			s += fmt.Sprintf(" (and %d more)", n)
		}
	}
	return s
}

// Compare lists what is different, in the order of what is there now; what is gone
// comes last.
func Compare(approved, now *LockedServer) []Change {
	var all []Change
	find := func(s *LockedServer, e Entry) *Entry {
		i := slices.IndexFunc(s.Entries, func(x Entry) bool { return x.Kind == e.Kind && x.Name == e.Name })
		if i < 0 {
			return nil
		}
		return &s.Entries[i]
	}
	for _, e := range now.Entries {
		old := find(approved, e)
		switch {
		case old == nil:
			all = append(all, Change{"added", e.Kind, e.Name, nil})
		case old.SHA256 != e.SHA256:
			all = append(all, Change{"changed", e.Kind, e.Name, differences(old.Content, e.Content)})
		}
	}
	for _, e := range approved.Entries {
		if find(now, e) == nil {
			all = append(all, Change{"removed", e.Kind, e.Name, nil})
		}
	}
	return all
}

const maxDifferences = 20

// differences compares two documents value by value.
func differences(a, b []byte) []string {
	was, is := leaves(a), leaves(b)
	var all []string
	for _, l := range is {
		old := slices.IndexFunc(was, func(x leaf) bool { return x.path == l.path })
		switch {
		case old < 0:
			all = append(all, "+ "+l.path+": "+short(l.text))
		case was[old].text != l.text:
			all = append(all, "~ "+l.path+": "+edit(was[old].text, l.text))
		}
	}
	for _, l := range was {
		if !slices.ContainsFunc(is, func(x leaf) bool { return x.path == l.path }) {
			all = append(all, "- "+l.path+": "+short(l.text))
		}
	}
	if len(all) > maxDifferences {
		all = append(all[:maxDifferences], fmt.Sprintf("and %d more", len(all)-maxDifferences))
	}
	return all
}

type leaf struct{ path, text string }

const maxLeaves = 2000 // of one entry; what lies behind has changed the digest all the same

func leaves(doc []byte) []leaf {
	v, _, err := strictjson.Parse(doc, strictjson.Options{Python: true}, maxNodes)
	if err != nil {
		return nil
	}
	var all []leaf
	var walk func(v *value, path string)
	walk = func(v *value, path string) {
		switch {
		case len(all) >= maxLeaves:
		case len(v.Members) > 0:
			for i := range v.Members {
				walk(&v.Members[i].Value, join(path, v.Members[i].Key))
			}
		case len(v.Items) > 0:
			for i := range v.Items {
				walk(&v.Items[i], fmt.Sprintf("%s[%d]", path, i))
			}
		default:
			if path == "" {
				path = "text"
			}
			all = append(all, leaf{text.Visible(text.CutMiddle(path, 80)), v.Text})
		}
	}
	walk(&v, "")
	return all
}

func short(s string) string { return fmt.Sprintf("%q", text.Visible(text.CutMiddle(s, 160))) }

// edit shows what was taken out of a text and what was put in, with a little of what
// stayed around it.
func edit(was, is string) string {
	from := 0
	for from < len(was) && from < len(is) && was[from] == is[from] {
		from++
	}
	end := 0
	for end < len(was)-from && end < len(is)-from && was[len(was)-1-end] == is[len(is)-1-end] {
		end++
	}
	for from > 0 && !(utf8.RuneStart(at(was, from)) && utf8.RuneStart(at(is, from))) {
		from--
	}
	for end > 0 && !(utf8.RuneStart(was[len(was)-end]) && utf8.RuneStart(is[len(is)-end])) {
		end--
	}
	var b strings.Builder
	if before := was[:from]; before != "" {
		b.WriteString(text.CutStart(text.Visible(before), 24))
	}
	if gone := was[from : len(was)-end]; gone != "" {
		b.WriteString("[-" + text.Visible(text.CutMiddle(gone, 120)) + "-]")
	}
	if put := is[from : len(is)-end]; put != "" {
		b.WriteString("{+" + text.Visible(text.CutMiddle(put, 120)) + "+}")
	}
	if after := was[len(was)-end:]; after != "" {
		b.WriteString(text.Cut(text.Visible(after), 24))
	}
	return b.String()
}

// at is a byte of a text, and the start of a character behind its end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}
