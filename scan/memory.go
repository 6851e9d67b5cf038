package scan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/safeio"
)

// Cache keeps what one scan found out for the next one. A key names everything that
// its value depends on. It is used by many goroutines at once.
type Cache interface {
	Get(key [sha256.Size]byte) []byte // nil: nothing is known. Nobody may change it
	Keep(key [sha256.Size]byte)       // what Get gave was right
	Put(key [sha256.Size]byte, value []byte)
}

// CacheKey is a key made from texts.
func CacheKey(parts ...string) [sha256.Size]byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Rememberer is a [ProjectScanner] that can do without being shown a file again that
// it has seen in an earlier run, and that has not changed. Files that another project
// scanner wants are shown in every run.
type Rememberer interface {
	ProjectScanner
	Known(Unread) error
}

// Unread is a file that is as it was in an earlier run.
type Unread struct {
	Ref    asset.Ref
	Size   int64
	SHA256 [sha256.Size]byte
	// Read returns the content. A file that is not what it was when the scan came by is
	// an error.
	Read func(limit int64) ([]byte, error)
}

// remembered is what is kept of a file: what every scanner said about it that speaks
// of single files.
type remembered struct {
	Size         int64
	Stat         string          `json:",omitempty"` // identity and times; "" where they say nothing
	SHA256       string          `json:",omitempty"` // "" of a file that nobody wanted
	Unwanted     bool            `json:",omitempty"`
	Project      []int           `json:",omitempty"` // project scanners that wanted it
	Derived      int             `json:",omitempty"`
	Findings     json.RawMessage `json:",omitempty"`
	Facts        []keptFact      `json:",omitempty"`
	Assets       []asset.Asset   `json:",omitempty"`
	Measurements []Measurement   `json:",omitempty"`
}

// keptFact is a fact whose value is text.
type keptFact struct {
	Kind, Value string
	Proved      bool
	At          asset.Ref
}

// settled is how long ago a file must have changed for its times to tell whether it
// did so again: clocks of file systems are coarse.
const settled = 2 * time.Second

// recall replays what is known of a file. It reports false when the file has to be
// looked at.
func (w *worker) recall(ctx context.Context, it entry, key [sha256.Size]byte, info fs.FileInfo) bool {
	b := w.opts.Cache.Get(key)
	if b == nil {
		return false
	}
	var r remembered
	if json.Unmarshal(b, &r) != nil || r.Size != info.Size() {
		return false
	}
	same := r.Stat != "" && r.Stat == identity(info)
	switch {
	case same:
	case r.Unwanted:
		return false
	default:
		sum, err := w.digest(ctx, it)
		if err != nil || hex.EncodeToString(sum[:]) != r.SHA256 {
			return false
		}
	}
	t := &task{engine: w.engine, entry: it}
	if !r.Unwanted {
		t.entry.size = r.Size
		if !w.replay(t, &r) {
			return false
		}
	}
	if same {
		w.opts.Cache.Keep(key)
	} else if r.Stat = w.stamp(info); true {
		w.store(key, &r)
	}
	return true
}

// replay hands over what is known of a file; false when it cannot be used.
func (w *worker) replay(t *task, r *remembered) bool {
	sum, err := hex.DecodeString(r.SHA256)
	if err != nil || len(sum) != sha256.Size {
		return false
	}
	if r.Findings != nil {
		if t.findings, err = finding.Decode(r.Findings, w.rule); err != nil {
			return false
		}
	}
	for _, f := range r.Facts {
		t.facts = append(t.facts, asset.Fact{Kind: f.Kind, Value: f.Value, Proved: f.Proved, At: f.At})
	}
	t.assets, t.measurements, t.derived = r.Assets, r.Measurements, r.Derived
	u := Unread{Ref: t.entry.ref, Size: r.Size, SHA256: [sha256.Size]byte(sum)}
	u.Read = func(limit int64) ([]byte, error) { return t.reread(u, limit) }
	var known []Rememberer
	for _, i := range r.Project {
		if i < 0 || i >= len(w.scanners) {
			return false
		}
		k, ok := w.scanners[i].Scanner.(Rememberer)
		if !ok {
			return false
		}
		known = append(known, k)
	}
	for i, k := range known {
		if err := k.Known(u); err != nil {
			t.fail(u.Ref.String(), w.scanners[r.Project[i]].info.ID, err)
		}
	}
	w.collect(t)
	return true
}

// reread reads a file that was not read when the scan came by.
func (t *task) reread(u Unread, limit int64) ([]byte, error) {
	d, _, err := open(t.entry.disk, t.entry.explicit, make([]byte, 0))
	if err != nil {
		return nil, fmt.Errorf("file cannot be read: %w", err)
	}
	defer d.Close()
	b, err := safeio.ReadAll(d, limit)
	if err == nil && sha256.Sum256(b) != u.SHA256 {
		err = errors.New("file changed while it was scanned: scan again")
	}
	return b, err
}

// remember keeps what was said about a file, unless something about it could be
// different next time: an error, a file inside it that a project scanner has seen, a
// change while it was looked at.
func (w *worker) remember(ctx context.Context, t *task, f *file, who set, key [sha256.Size]byte, before fs.FileInfo) {
	if ctx.Err() != nil || len(t.errors) > 0 || t.shared {
		return
	}
	r := remembered{Size: t.entry.size, SHA256: t.digest, Derived: t.derived, Assets: t.assets, Measurements: t.measurements}
	ok := true
	who.each(func(i int) {
		switch w.scanners[i].Scanner.(type) {
		case Rememberer:
			r.Project = append(r.Project, i)
		case ProjectScanner:
			ok = false
		}
	})
	if !ok {
		return
	}
	for _, x := range t.facts {
		v, ok := x.Value.(string)
		if !ok {
			return
		}
		r.Facts = append(r.Facts, keptFact{x.Kind, v, x.Proved, x.At})
	}
	if len(t.findings) > 0 {
		var err error
		if r.Findings, err = finding.Encode(t.findings); err != nil {
			return
		}
	}
	if r.SHA256 == "" {
		sum, err := content(ctx, f)
		if err != nil {
			return
		}
		r.SHA256 = hex.EncodeToString(sum[:])
	}
	after, err := lookAt(t.entry)
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) || identity(after) != identity(before) || after.Size() != t.entry.size {
		return
	}
	r.Stat = w.stamp(after)
	w.store(key, &r)
}

// unwanted keeps that nobody wants a file.
func (w *worker) unwanted(key [sha256.Size]byte, info fs.FileInfo) {
	r := remembered{Size: info.Size(), Stat: w.stamp(info), Unwanted: true}
	if r.Stat != "" {
		w.store(key, &r)
	}
}

func (w *worker) store(key [sha256.Size]byte, r *remembered) {
	if b, err := json.Marshal(r); err == nil {
		w.opts.Cache.Put(key, b)
	}
}

// stamp is the identity of a file, where that will tell whether it has changed.
func (w *worker) stamp(info fs.FileInfo) string {
	if w.started.Sub(changed(info)) < settled {
		return ""
	}
	return identity(info)
}

// lookAt is what the file system says of a file that is about to be opened.
func lookAt(it entry) (fs.FileInfo, error) {
	if it.explicit {
		return os.Stat(it.disk)
	}
	return os.Lstat(it.disk)
}

// memoryKey names a file and how it is looked at; its content and the scanners are
// told apart in other ways.
func (it entry) memoryKey() [sha256.Size]byte {
	return CacheKey("file", it.ref.String(), fmt.Sprint(it.vendored))
}

func (w *worker) digest(ctx context.Context, it entry) (sum [sha256.Size]byte, err error) {
	d, head, err := open(it.disk, it.explicit, w.head)
	if err != nil {
		return sum, err
	}
	defer d.Close()
	return content(ctx, &file{Content: d, ref: it.ref, head: head})
}

// content is the digest of a file.
func content(ctx context.Context, f *file) (sum [sha256.Size]byte, err error) {
	if f.Size() <= maxShared {
		b, err := Bytes(f, maxShared)
		return sha256.Sum256(b), err
	}
	text, err := safeio.SHA256(ctx, f)
	if err == nil {
		_, err = hex.Decode(sum[:], []byte(text))
	}
	return sum, err
}

// rule finds a rule of any scanner.
func (e *engine) rule(id string) (finding.Rule, bool) {
	for i := range e.scanners {
		if r, ok := e.scanners[i].rules[id]; ok {
			return r, true
		}
	}
	return finding.Rule{}, false
}
