package sast

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// kept is a group on its way to another run.
type kept struct {
	Foreign  int
	Over     bool            `json:",omitempty"`
	Asks     []string        `json:",omitempty"`
	Exposed  bool            `json:",omitempty"`
	Findings json.RawMessage `json:",omitempty"`
	From     []int           `json:",omitempty"` // of each finding, where it begins in its file
	In       []string        `json:",omitempty"` // and which file that is
	Sought   []string        `json:",omitempty"` // names that count
	Paths    string          // digest of the names of all files
	Files    string          // lines: kind, digest, name; see depends
	Asked    string          // lines: name of a module, file that it means
}

// Kinds of lines in kept.Files.
const (
	byText  = "t" // the text counts
	byNames = "n" // only the names count that it binds; the digest of the text follows
)

// key names a group, but not what is in its files.
func (x *run) key(own []*source, limit int) [sha256.Size]byte {
	parts := []string{"python", fmt.Sprint(limit == 0)}
	for _, f := range own {
		parts = append(parts, f.ref.String())
	}
	return scan.CacheKey(parts...)
}

// paths is the digest of the names of all files: as long as it is the same, every import
// means the same file.
func (x *run) paths() string {
	x.pathsOnce.Do(func() {
		var parts []string
		x.plain = true
		for _, f := range x.files {
			ref := f.ref.String()
			parts = append(parts, ref)
			// Other names would not come back as they went.
			x.plain = x.plain && utf8.ValidString(ref) && !strings.ContainsAny(ref, "\n\t")
		}
		x.pathsSum = fmt.Sprintf("%x", scan.CacheKey(parts...))
		x.byRef = make(map[string]*source, len(x.files))
		for _, f := range x.files {
			x.byRef[f.ref.String()] = f
		}
	})
	return x.pathsSum
}

// remember keeps a group together with everything that it depends on.
func (x *run) remember(own []*source, key [sha256.Size]byte, r result, uses pyflow.Uses) {
	k := kept{Foreign: r.foreign, Over: r.over, Asks: r.asks, Exposed: r.exposed, Sought: uses.Sought, Paths: x.paths()}
	records := make([]finding.Record, len(r.found))
	for i, f := range r.found {
		records[i] = finding.Record{Finding: f.Finding, Suppressed: f.ignored}
		k.From = append(k.From, f.from)
		k.In = append(k.In, f.file.ref.String())
	}
	var err error
	if k.Findings, err = finding.Encode(records); err != nil {
		return
	}
	var files, asked strings.Builder
	mine := map[any]bool{}
	text := func(f *source) {
		if !mine[f] {
			mine[f] = true
			fmt.Fprintf(&files, "%s %x %s\n", byText, f.sum, f.ref)
		}
	}
	for _, f := range own {
		text(f)
	}
	for _, id := range uses.Loaded {
		text(id.(*source))
	}
	for _, id := range uses.Named {
		f := id.(*source)
		fmt.Fprintf(&files, "%s%x %x %s\n", byNames, x.program.Names(f, uses.Sought), f.sum, f.ref)
	}
	for _, name := range uses.Asked {
		ref := ""
		if f := x.program.Find(name); f != nil {
			ref = f.(*source).ref.String()
		}
		asked.WriteString(name + "\t" + ref + "\n")
	}
	k.Files, k.Asked = files.String(), asked.String()
	if !x.plain {
		return
	}
	if b, err := json.Marshal(k); err == nil {
		x.cache.Put(key, b)
	}
}

// recall gives what is known of a group, if everything it depends on is as it was.
func (x *run) recall(key [sha256.Size]byte, limit int) (out result, ok bool) {
	x.paths()
	b := x.cache.Get(key)
	var k kept
	if b == nil || json.Unmarshal(b, &k) != nil || !x.unchanged(&k) {
		return out, false
	}
	if k.Over && k.Foreign <= limit {
		return out, false // today it may use more
	}
	records, err := finding.Decode(k.Findings, func(id string) (finding.Rule, bool) { r, ok := x.byID()[id]; return r, ok })
	if err != nil || len(k.From) != len(records) || len(k.In) != len(records) {
		return out, false
	}
	out = result{foreign: k.Foreign, over: k.Over, asks: k.Asks, exposed: k.Exposed}
	for i, r := range records {
		f := x.byRef[k.In[i]]
		if f == nil || len(r.Locations) == 0 {
			return out, false
		}
		out.found = append(out.found, judged{r.Finding, r.Suppressed, f, k.From[i]})
	}
	x.cache.Keep(key)
	return out, true
}

// unchanged reports whether everything is as it was that a group depends on.
func (x *run) unchanged(k *kept) bool {
	if k.Paths != x.paths() {
		for line := range strings.Lines(k.Asked) {
			name, ref, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if !ok {
				return false
			}
			now := ""
			if f := x.program.Find(name); f != nil {
				now = f.(*source).ref.String()
			}
			if now != ref {
				return false
			}
		}
	}
	for line := range strings.Lines(k.Files) {
		kind, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		sum, ref, ok2 := strings.Cut(rest, " ")
		f := x.byRef[ref]
		if !ok || !ok2 || f == nil {
			return false
		}
		if sum == hex.EncodeToString(f.sum[:]) {
			continue
		}
		names, byName := strings.CutPrefix(kind, byNames)
		if !byName || names != fmt.Sprintf("%x", x.program.Names(f, k.Sought)) {
			return false
		}
	}
	return true
}

// byID are the rules by their ids.
func (x *run) byID() map[string]finding.Rule {
	x.rulesOnce.Do(func() {
		x.ruleByID = make(map[string]finding.Rule, len(x.rules.all))
		for _, r := range x.rules.all {
			x.ruleByID[r.ID] = r
		}
	})
	return x.ruleByID
}

// Known takes a file that was parsed by an earlier run. It is read only if something has
// changed that makes it necessary.
func (sc *scanner) Known(u scan.Unread) error {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.files = append(sc.files, &source{ref: u.Ref, size: int(u.Size), sum: u.SHA256, read: u.Read})
	return nil
}
