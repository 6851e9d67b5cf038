// Package formats makes samples of credentials from a table of its own: what each
// looks like and where its issuer documents it. It imports nothing of a scanner, so
// that a scanner can be held to it; no sample is a key of anybody.
//
// For most uses call [Table], then [Format.Sample] and [Contexts].
package formats

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

//go:embed table.tsv
var table string

// Source says how a format is known.
type Source string

// The sources, the best first.
const (
	Published Source = "published" // the issuer states the format
	Example   Source = "example"   // the issuer shows the prefix or an example
	Issued    Source = "issued"    // the issuer states none: as issued values look
)

// Format is a row of the table.
type Format struct {
	Type     string // id of the type that a scanner should name
	Source   Source
	Document string   // address
	Names    []string // variables it is kept in; none: it is told without its name
	forms    [][]part
}

// Table reads the table, in its order.
func Table() ([]Format, error) {
	var all []Format
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 5 || !strings.HasPrefix(cells[4], "https://") {
			return nil, fmt.Errorf("table.tsv:%d: want type, source, forms, names and a document", i+1)
		}
		f := Format{Type: cells[0], Source: Source(cells[1]), Document: cells[4]}
		if f.Source != Published && f.Source != Example && f.Source != Issued {
			return nil, fmt.Errorf("table.tsv:%d: source %q", i+1, cells[1])
		}
		if seen[f.Type] {
			return nil, fmt.Errorf("table.tsv:%d: %s stands here twice", i+1, f.Type)
		}
		seen[f.Type] = true
		for form := range strings.SplitSeq(cells[2], " | ") {
			parts, err := parse(form)
			if err != nil {
				return nil, fmt.Errorf("table.tsv:%d: %w", i+1, err)
			}
			f.forms = append(f.forms, parts)
		}
		if cells[3] != "-" {
			f.Names = strings.Split(cells[3], " | ")
		}
		all = append(all, f)
	}
	return all, nil
}

// part is a piece of a form: text, characters of an alphabet, or what a maker makes.
type part struct {
	text     string
	set      string
	min, max int
	maker    string
	arg      string
}

var hole = regexp.MustCompile(`\{=([a-z0-9-]+)(?:[: ]([^}]+))?\}|\{(\d+)(?:-(\d+))? (\[[^\]]+\]|\w+)\}`)

// parse reads a form.
func parse(form string) ([]part, error) {
	var parts []part
	at := 0
	for _, m := range hole.FindAllStringSubmatchIndex(form, -1) {
		if m[0] > at {
			parts = append(parts, part{text: form[at:m[0]]})
		}
		at = m[1]
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return form[m[2*i]:m[2*i+1]]
		}
		p := part{maker: group(1), arg: group(2)}
		if p.maker == "" {
			if _, err := fmt.Sscan(group(3), &p.min); err != nil {
				return nil, err
			}
			p.max = p.min
			if group(4) != "" {
				if _, err := fmt.Sscan(group(4), &p.max); err != nil {
					return nil, err
				}
			}
			if p.set = letters(group(5)); p.set == "" {
				return nil, fmt.Errorf("form %q: unknown alphabet %q", form, group(5))
			}
		} else if makers[p.maker] == nil && !sums[p.maker] {
			return nil, fmt.Errorf("form %q: unknown maker %q", form, p.maker)
		}
		parts = append(parts, p)
	}
	if at < len(form) {
		parts = append(parts, part{text: form[at:]})
	}
	if rest := hole.ReplaceAllString(form, ""); strings.ContainsAny(rest, "{}") {
		return nil, fmt.Errorf("form %q: a brace that opens nothing", form)
	}
	return parts, nil
}

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62 = digits + upper + lower
)

var alphabets = map[string]string{
	"hex": digits + "abcdef", "HEX": digits + "ABCDEF", "hexmixed": digits + "abcdefABCDEF", "digit": digits, "lower": lower, "upper": upper,
	"lower36": lower + digits, "upper36": upper + digits, "alpha": upper + lower, "alnum": base62, "word": base62 + "_",
	"base32": upper + "234567", "upper32": upper + "234567", "lower32": lower + "234567",
	"base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
	"b64":    base62 + "+/", "b64url": base62 + "-_",
}

// letters expands the name of an alphabet, or a set in brackets with ranges.
func letters(name string) string {
	set, ok := strings.CutPrefix(name, "[")
	if !ok {
		return alphabets[name]
	}
	set = strings.TrimSuffix(set, "]")
	out := ""
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			for c := set[i]; c <= set[i+2]; c++ {
				out += string(c)
			}
			i += 2
			continue
		}
		out += set[i : i+1]
	}
	return out
}

// Sample makes a value. It does not begin or end with a hyphen, a point or an
// underscore where only chance would have put it there: in running text nobody could
// tell it from punctuation.
func (f Format) Sample(r *rand.Rand) string {
	form := f.forms[r.IntN(len(f.forms))]
	var b strings.Builder
	for _, p := range form {
		switch {
		case sums[p.maker]:
			b.WriteString(sum(p.maker, b.String()))
		case p.maker != "":
			b.WriteString(makers[p.maker](r, p.arg))
		case p.set != "":
			b.WriteString(random(r, p.set, p.min+r.IntN(p.max-p.min+1)))
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// Exact reports that a sample has one length, whatever chance does, and one form.
func (f Format) Exact() bool {
	if len(f.forms) != 1 {
		return false
	}
	for _, p := range f.forms[0] {
		if p.min != p.max || p.maker != "" && p.maker != "uuid" && !sums[p.maker] {
			return false
		}
	}
	return true
}

// Checksum reports that the last characters of a sample depend on the others.
func (f Format) Checksum() bool {
	last := f.forms[0][len(f.forms[0])-1]
	return sums[last.maker]
}

func random(r *rand.Rand, set string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = set[r.IntN(len(set))]
	}
	for _, i := range []int{0, n - 1} {
		for n > 8 && strings.IndexByte("-_.:~=", b[i]) >= 0 {
			b[i] = set[r.IntN(len(set))]
		}
	}
	return string(b)
}
