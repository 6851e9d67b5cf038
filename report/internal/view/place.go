// Package view holds what the formats for people share: how a place, a number of
// bytes or a count is said in words. Text from a scanned file leaves it only
// through [text.Visible].
package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
)

// Path returns the path of the file that r lies in, made visible.
func Path(r asset.Ref) string {
	if r.Path == "" {
		return "(no file)"
	}
	return text.Visible(r.Path)
}

// Inner returns the way from the file inwards in words, made visible: the
// member's name, "cell 3", "a.zip!/b.pkl, column id". Empty for the file itself.
func Inner(r asset.Ref) string {
	var b strings.Builder
	for i, s := range r.Inner {
		word := asset.Ref{Inner: r.Inner[i : i+1]}.InnerString()
		switch s.Kind {
		case asset.Member, asset.Stream, asset.Layer, asset.Commit:
			if i == 0 {
				word = strings.TrimPrefix(strings.TrimPrefix(word, "!"), "/")
			}
		case asset.Cell, asset.Row, asset.Output:
			word = fmt.Sprintf("%s %d", s.Kind, s.N)
		case asset.Nested:
			word = fmt.Sprintf("nested at offset %d", s.N)
		default:
			word = s.Kind + " " + s.Name
		}
		if i > 0 && !strings.HasPrefix(word, "!") {
			b.WriteString(", ")
		}
		b.WriteString(word)
	}
	return text.Visible(b.String())
}

// Position returns the place inside the part that l names: "line 3:5",
// "offset 34", or "" when only the part is known.
func Position(l finding.Location) string {
	switch {
	case l.Line > 0 && l.Col > 0:
		return fmt.Sprintf("line %d:%d", l.Line, l.Col)
	case l.Line > 0:
		return fmt.Sprintf("line %d", l.Line)
	case l.Offset != nil:
		return fmt.Sprintf("offset %d", *l.Offset)
	}
	return ""
}

// Place joins [Inner] and [Position]: "data.pkl, offset 34".
func Place(l finding.Location) string {
	inner, pos := Inner(l.Ref), Position(l)
	if inner != "" && pos != "" {
		return inner + ", " + pos
	}
	return inner + pos
}

// Whole joins [Path] and [Place].
func Whole(l finding.Location) string {
	p := Path(l.Ref)
	if in := Place(l); in != "" {
		p += ", " + in
	}
	return p
}

// Call returns the call that a scanner reconstructed from a serialized object,
// made visible; empty when the finding is about something else. Scanners put it
// into the attribute "call".
func Call(r finding.Record) string {
	s, _ := r.Attrs["call"].(string)
	return text.Visible(s)
}

// Bytes returns a size as people say it: "532 B", "3.2 MiB".
func Bytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), ""
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if v /= 1024; v < 1023.95 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// Seconds returns a duration as people say it: "12 ms", "0.4 s",
// "3 min 20 s".
func Seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	s := int(d.Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
}

// Count says how many there are: "1 finding", "2,300 findings", "2 entries".
func Count(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return Number(n) + " " + strings.TrimSuffix(one, "y") + "ies"
	}
	return Number(n) + " " + one + "s"
}

// Number prints n with separators between thousands.
func Number(n int) string {
	if n < 0 {
		return "-" + Number(-n)
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Sentence returns the first sentence of a text on one line, without the period.
func Sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for i := 0; i+1 < len(s); i++ {
		// A period ends a sentence only before a capital: "e.g. this" goes on.
		if s[i] == '.' && s[i+1] == ' ' && i+2 < len(s) && s[i+2] >= 'A' && s[i+2] <= 'Z' {
			return s[:i]
		}
	}
	return strings.TrimSuffix(s, ".")
}
