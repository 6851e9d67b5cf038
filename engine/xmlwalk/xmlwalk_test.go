package xmlwalk

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func walk(s string) (events []string, err error) {
	err = Walk(context.Background(), strings.NewReader(s), Visitor{
		Start: func(e *Element) error { events = append(events, e.Name+" "+e.Attr("a")); return nil },
		Text: func(e *Element, text string) error {
			if text = strings.TrimSpace(text); text != "" {
				events = append(events, e.Name+": "+text)
			}
			return nil
		},
		Threat: func(t Threat, detail string, _ int64) { events = append(events, "! "+string(t)+" "+detail) },
	})
	return events, err
}

func TestWalk(t *testing.T) {
	for doc, want := range map[string][]string{
		`<?xml version="1.0"?><r a="1"><!-- c --><s/>text</r>`:                   {"r 1", "s ", "r: text"},
		`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>`:       {"! external entity file:///etc/passwd", "r ", "r: &x;"},
		`<!DOCTYPE r [<!ENTITY % x PUBLIC "p" 'http://example.org/x'> %x;]><r/>`: {"! external entity http://example.org/x", "r "},
		`<!DOCTYPE r SYSTEM "http://example.org/r.dtd"><r/>`:                     {"! external DTD http://example.org/r.dtd", "r "},
		`<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r/>`:                {"! entity aa", "! entities in entities &a;&a;", "r "},
		`<!DOCTYPE r><r/>`: {"! document type ", "r "},
		`<r xmlns:i="http://www.w3.org/2001/XInclude"><s><i:include href="/etc/passwd"/></s></r>`: {"r ", "s ", "! XInclude /etc/passwd", "include "},
		`<r><include href="x"/></r>`:          {"r ", "include "},
		`<?xml-stylesheet href="x.xsl"?><r/>`: {`! style sheet href="x.xsl"`, "r "},
		"\xef\xbb\xbf<r/>":                    {"r "},
		`<?xml version="1.0" encoding="ISO-8859-1"?><r a="` + "\xe9" + `"/>`: {"r é"},
	} {
		got, err := walk(doc)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", doc, err, d)
		}
	}
}

func TestUTF16(t *testing.T) {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///x">]><r a="é"/>`)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	got, err := walk(b.String())
	if d := cmp.Diff([]string{"! external entity file:///x", "r é"}, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestBad(t *testing.T) {
	for _, doc := range []string{"", "x", "<r>", "<r></s>", "</r>", "<r/><r/>", "<r/>x", "<r", `<?xml version="1.0" encoding="UTF-7"?><r/>`, "<r>&x;</r>"} {
		if _, err := walk(doc); err == nil {
			t.Errorf("%q is accepted", doc)
		}
	}
	if _, err := walk(strings.Repeat("<r>", 2000)); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	if _, err := walk("<r>" + strings.Repeat("x", maxToken+1<<20) + "</r>"); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(`<!DOCTYPE r [<!ENTITY x SYSTEM "f">]><r a="1">&x;<s/></r>`)
	f.Fuzz(func(t *testing.T, s string) { _, _ = walk(s) })
}
