package agentconf

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/secret"
)

// Lock is what was approved of servers: a later look finds what has changed since.
type Lock struct {
	Version int            `json:"lock_version"` // 1
	Servers []LockedServer `json:"servers"`      // ordered by their sources
}

// LockedServer is what a server was when it was approved.
type LockedServer struct {
	Source  string  `json:"source"` // command, address, or file#name
	Entries []Entry `json:"entries"`
}

// Entry is a tool, a prompt, a template of resources, the instructions or the
// configuration of a server.
type Entry struct {
	Kind    string          `json:"kind"` // "server", "instructions", "tool", "prompt", "template", "configuration"
	Name    string          `json:"name,omitempty"`
	SHA256  string          `json:"sha256"`  // of the content in canonical form
	Content json.RawMessage `json:"content"` // what the model is told, for people to review
}

// Listed resources are not locked: they are the data of a server, and come and go.

// MaxLock bounds a lock file, in bytes.
const MaxLock = 32 << 20

// ReadLock reads a lock file, and checks each digest.
func ReadLock(b []byte) (*Lock, error) {
	if err := evidence.Strict(b); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var l Lock
	if err := d.Decode(&l); err != nil {
		return nil, err
	}
	if l.Version != 1 {
		return nil, fmt.Errorf("lock_version %d, and this merlon reads 1", l.Version)
	}
	for _, s := range l.Servers {
		for _, e := range s.Entries {
			v, _, err := strictjson.Parse(e.Content, strictjson.Options{Python: true}, maxNodes)
			if err != nil {
				return nil, fmt.Errorf("%s: %s %q: %w", s.Source, e.Kind, e.Name, err)
			}
			if digest(canonical(&v, nil)) != e.SHA256 {
				return nil, fmt.Errorf("%s: %s %q does not have the digest that stands beside it: lock the server again", s.Source, e.Kind, e.Name)
			}
		}
	}
	return &l, nil
}

// Put replaces a server, or adds it.
func (l *Lock) Put(s LockedServer) {
	l.Version = 1
	i, found := slices.BinarySearchFunc(l.Servers, s.Source, func(x LockedServer, source string) int { return cmp.Compare(x.Source, source) })
	if found {
		l.Servers[i] = s
		return
	}
	l.Servers = slices.Insert(l.Servers, i, s)
}

// Find returns a server, nil for none.
func (l *Lock) Find(source string) *LockedServer {
	for i := range l.Servers {
		if l.Servers[i].Source == source {
			return &l.Servers[i]
		}
	}
	return nil
}

// Bytes is the file: the same servers give the same bytes, and characters that are
// not seen are written as escapes.
func (l *Lock) Bytes() []byte {
	var b, out bytes.Buffer
	b.WriteString(`{"lock_version":1,"servers":[`)
	for i, s := range l.Servers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"source":` + quote(s.Source) + `,"entries":[`)
		for j, e := range s.Entries {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{"kind":` + quote(e.Kind))
			if e.Name != "" {
				b.WriteString(`,"name":` + quote(e.Name))
			}
			b.WriteString(`,"sha256":` + quote(e.SHA256) + `,"content":`)
			b.Write(e.Content)
			b.WriteByte('}')
		}
		b.WriteString("]}")
	}
	b.WriteString("]}")
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return b.Bytes()
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonical writes a value in one way: keys in order, no white space, values of
// credentials masked. skip are keys of the outermost object that do not count.
func canonical(v *value, skip []string) []byte {
	return appendValue(nil, v, skip)
}

func appendValue(b []byte, v *value, skip []string) []byte {
	switch v.Kind {
	case strictjson.String:
		return append(b, quote(masked(v.Text))...)
	case strictjson.Array:
		b = append(b, '[')
		for i := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, &v.Items[i], nil)
		}
		return append(b, ']')
	case strictjson.Object:
		members := slices.Clone(v.Members)
		slices.SortStableFunc(members, func(x, y strictjson.Member) int { return cmp.Compare(x.Key, y.Key) })
		b = append(b, '{')
		first, last := true, ""
		for i := range members {
			m := &members[i]
			if slices.Contains(skip, m.Key) {
				continue
			}
			key := m.Key
			if !first {
				b = append(b, ',')
				if key == last { // given twice: both count, and none hides the other
					key += "#" + strconv.Itoa(i)
				}
			}
			first, last = false, m.Key
			b = append(append(b, quote(key)...), ':')
			b = appendValue(b, &m.Value, nil)
		}
		return append(b, '}')
	}
	return append(b, v.Text...)
}

// quote writes a string of JSON in which nothing is invisible.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ', r == 0x7f, r != utf8.RuneError && text.Hidden(r), r >= 0xe0000 && r <= 0xe0fff:
			if r > 0xffff {
				r -= 0x10000
				fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
				continue
			}
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// masked leaves credentials out: a lock is a file that many read.
func masked(s string) string {
	if len(s) < 8 {
		return s
	}
	b := []byte(s)
	found := secret.Default().Find(b)
	for i := len(found) - 1; i >= 0; i-- {
		if m := &found[i]; m.End <= len(s) {
			s = s[:m.Start] + m.Masked(b) + s[m.End:]
		}
	}
	return s
}

// Source names a server by its command, without what is secret in it.
func Source(words []string) string {
	return "stdio:" + masked(strings.Join(withoutKeys(words), " "))
}

// errNoListing is returned by [LockListing].
var errNoListing = errors.New("no listing of a server")

// LockListing makes the entries of a server out of the document of [Inspected].
func LockListing(doc []byte) (LockedServer, error) {
	v, _, err := strictjson.Parse(doc, strictjson.Options{Python: true}, maxListed)
	if err != nil {
		return LockedServer{}, err
	}
	if v.Get("source").String() == "" {
		return LockedServer{}, errNoListing
	}
	return lockListing(&v), nil
}

func lockListing(v *value) LockedServer {
	s := LockedServer{Source: v.Get("source").String(), Entries: []Entry{}}
	if x := v.Get("server"); x != nil {
		s.add("server", "", x, "version")
	}
	if x := v.Get("instructions"); x != nil {
		s.add("instructions", "", x)
	}
	for _, l := range lists {
		if list := v.Get(l.key); list != nil && l.kind != "resource" {
			for i := range list.Items {
				it := &list.Items[i]
				s.add(l.kind, it.Get("name").String(), it, "_meta", "icons")
			}
		}
	}
	return s
}

// add appends an entry. Entries with one name stay apart by their order.
func (s *LockedServer) add(kind, name string, v *value, skip ...string) {
	content := canonical(v, skip)
	for _, e := range s.Entries {
		if e.Kind == kind && e.Name == name {
			name += " (again)"
		}
	}
	s.Entries = append(s.Entries, Entry{kind, name, digest(content), content})
}
