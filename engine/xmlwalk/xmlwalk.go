// Package xmlwalk reads XML of unknown origin as a stream of elements, bounded, and
// tells what a careless parser would do with it: entities that read files, entities
// that multiply, includes. It resolves none of them. The grammar is that of XML 1.0
// (https://www.w3.org/TR/xml/), as encoding/xml reads it.
package xmlwalk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Threat is something in a document that makes other parsers do more than parse.
type Threat string

// The threats.
const (
	ExternalEntity Threat = "external entity"      // reads a file or an address
	ExternalDTD    Threat = "external DTD"         // fetched by parsers that validate
	EntityBomb     Threat = "entities in entities" // multiply when they are expanded
	Entity         Threat = "entity"               // declared by the document itself
	Doctype        Threat = "document type"        // without any of these
	Include        Threat = "XInclude"             // reads a file or an address
	Stylesheet     Threat = "style sheet"          // transforms the document in some readers
)

// Visitor takes what a document consists of. Every field is optional.
type Visitor struct {
	// Start is called for an element; its attributes are valid until it returns.
	Start func(e *Element) error
	End   func(e *Element) error
	// Text is called with the text between tags, cut after 4 KB.
	Text   func(e *Element, text string) error
	Threat func(t Threat, detail string, offset int64)
}

// Element is an open element.
type Element struct {
	Name   string // local name
	Prefix string
	Attrs  []xml.Attr // of its start tag
	Parent *Element   // nil for the root
	Depth  int        // 1 for the root
	Offset int64      // of its start tag
}

// Attr returns an attribute by its local name, "" if it is not there.
func (e *Element) Attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

const (
	maxDepth = 1000
	maxToken = 8 << 20 // bytes of one tag or text
	maxText  = 4096
)

// ErrLimit is wrapped by errors about documents that exceed the bounds.
var ErrLimit = errors.New("exceeds the limits")

// Walk reads a document to its end.
func Walk(ctx context.Context, r io.Reader, v Visitor) error {
	bounded := &limited{r: r, left: maxToken}
	src, err := decoded(bufio.NewReaderSize(bounded, 64<<10))
	if err != nil {
		return err
	}
	d := xml.NewDecoder(src)
	d.CharsetReader = charset
	var open *Element
	roots, n := 0, 0
	for {
		if n++; n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		bounded.left = maxToken
		at := d.InputOffset()
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("XML, offset %d: %w", at, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			e := &Element{Name: t.Name.Local, Prefix: t.Name.Space, Attrs: t.Attr, Parent: open, Depth: 1, Offset: at}
			if open != nil {
				e.Depth = open.Depth + 1
			} else if roots++; roots > 1 {
				return fmt.Errorf("XML, offset %d: a second root element", at)
			}
			if e.Depth > maxDepth {
				return fmt.Errorf("XML, offset %d: elements nested deeper than %d: %w", at, maxDepth, ErrLimit)
			}
			open = e
			if e.Name == "include" && e.Namespace() == "http://www.w3.org/2001/XInclude" {
				v.threat(Include, e.Attr("href"), at)
			}
			if v.Start != nil {
				if err := v.Start(e); err != nil {
					return err
				}
			}
			e.Attrs = keepNamespaces(e.Attrs)
		case xml.EndElement:
			if open == nil || open.Name != t.Name.Local || open.Prefix != t.Name.Space {
				return fmt.Errorf("XML, offset %d: the end of %q does not fit", at, t.Name.Local)
			}
			if v.End != nil {
				if err := v.End(open); err != nil {
					return err
				}
			}
			open = open.Parent
		case xml.CharData:
			if open == nil {
				if len(bytes.TrimSpace(t)) > 0 {
					return fmt.Errorf("XML, offset %d: text outside of the root element", at)
				}
			} else if v.Text != nil {
				if err := v.Text(open, cut(t)); err != nil {
					return err
				}
			}
		case xml.Directive:
			if v.doctype(string(t), at) {
				d.Strict = false // what the document declares is not resolved
			}
		case xml.ProcInst:
			if t.Target == "xml-stylesheet" {
				v.threat(Stylesheet, string(t.Inst[:min(len(t.Inst), 256)]), at)
			}
		}
	}
	switch {
	case open != nil:
		return fmt.Errorf("XML: the document ends inside of %q", open.Name)
	case roots == 0:
		return errors.New("XML: there is no element in it")
	}
	return nil
}

func (v Visitor) threat(t Threat, detail string, off int64) {
	if v.Threat != nil {
		v.Threat(t, detail, off)
	}
}

// Namespace is what the prefix of an element, or the lack of one, stands for.
func (e *Element) Namespace() string {
	want := "xmlns"
	if e.Prefix != "" {
		want = e.Prefix
	}
	for ; e != nil; e = e.Parent {
		for _, a := range e.Attrs {
			if a.Name.Local == want && (a.Name.Space == "xmlns" || a.Name.Space == "" && want == "xmlns") {
				return a.Value
			}
		}
	}
	return ""
}

// keepNamespaces is what an element keeps of its attributes while it is open.
func keepNamespaces(attrs []xml.Attr) []xml.Attr {
	var out []xml.Attr
	for _, a := range attrs {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			out = append(out, a)
		}
	}
	return out
}

func cut(b []byte) string {
	if len(b) > maxText {
		b = b[:maxText]
	}
	return string(b)
}

// doctype reports the threats of a document type declaration; false for another
// directive.
func (v Visitor) doctype(s string, at int64) bool {
	if len(s) < 7 || !strings.EqualFold(s[:7], "DOCTYPE") {
		return false
	}
	external, subset, _ := strings.Cut(s, "[")
	found := false
	if word(external, "SYSTEM") || word(external, "PUBLIC") {
		found = true
		v.threat(ExternalDTD, quoted(external), at)
	}
	for i, decl := range strings.Split(subset, "<!ENTITY") {
		if i == 0 {
			continue
		}
		decl, _, _ = strings.Cut(decl, "<!")
		found = true
		head := decl
		if q := strings.IndexAny(decl, `"'`); q >= 0 {
			head = decl[:q]
		}
		switch {
		case word(head, "SYSTEM"), word(head, "PUBLIC"):
			v.threat(ExternalEntity, quoted(decl), at)
		case strings.ContainsAny(quoted(decl), "&%"):
			v.threat(EntityBomb, quoted(decl), at)
		default:
			v.threat(Entity, quoted(decl), at)
		}
	}
	if !found {
		v.threat(Doctype, "", at)
	}
	return true
}

func word(s, w string) bool {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' }) {
		if f == w {
			return true
		}
	}
	return false
}

// quoted returns the last quoted text of a declaration, at most 256 bytes of it.
func quoted(s string) string {
	last := ""
	for {
		i := strings.IndexAny(s, `"'`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i+1:], s[i])
		if end < 0 {
			break
		}
		last = s[i+1 : i+1+end]
		s = s[i+end+2:]
	}
	return last[:min(len(last), 256)]
}

// limited ends a token that does not end by itself.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a tag or text of more than %d bytes: %w", maxToken, ErrLimit)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// decoded turns UTF-16, which parsers tell by its first bytes, into UTF-8.
func decoded(r *bufio.Reader) (io.Reader, error) {
	b, _ := r.Peek(4)
	var order binary.ByteOrder
	skip := 0
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return r, err
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		order, skip = binary.LittleEndian, 2
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order, skip = binary.BigEndian, 2
	case len(b) == 4 && b[0] == '<' && b[1] == 0:
		order = binary.LittleEndian
	case len(b) == 4 && b[0] == 0 && b[1] == '<':
		order = binary.BigEndian
	default:
		return r, nil
	}
	_, err := r.Discard(skip)
	return &utf16Reader{r: r, order: order}, err
}

type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	buf   []byte
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); err != nil {
		return 0, err
	}
	return rune(u.order.Uint16(b[:])), nil
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.buf) < len(p) && len(u.buf) < 4096 {
		c, err := u.unit()
		if err == nil && utf16.IsSurrogate(c) {
			var low rune
			if low, err = u.unit(); err == nil {
				c = utf16.DecodeRune(c, low)
			}
		}
		if err != nil {
			if len(u.buf) > 0 {
				break
			}
			return 0, err
		}
		u.buf = utf8.AppendRune(u.buf, c)
	}
	n := copy(p, u.buf)
	u.buf = u.buf[n:]
	return n, nil
}

// charset accepts encodings in which the characters of markup are those of ASCII, and
// UTF-16, which was decoded before. Anything else could hide tags.
func charset(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be":
		return r, nil
	case "iso-8859-1", "latin1", "iso-8859-15", "windows-1252", "cp1252":
		return &latin{r: bufio.NewReader(r)}, nil
	}
	return nil, fmt.Errorf("encoding %q is not read", label)
}

// latin turns single bytes into UTF-8.
type latin struct {
	r    io.ByteReader
	rest []byte
}

func (l *latin) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		c, err := l.r.ReadByte()
		if err != nil {
			return 0, err
		}
		l.rest = utf8.AppendRune(nil, rune(c))
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
