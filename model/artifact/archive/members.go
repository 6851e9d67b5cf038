package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// Member is the value of a fact of kind "member": one file inside an archive.
type Member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`             // bytes of the content as read
	SHA256 string `json:"sha256,omitempty"` // lower-case hex; empty when the content could not be read to its end
}

// maxFacts bounds the facts about one archive.
const maxFacts = 100_000

// errOverlap is the error of members whose bytes lie inside too many others'.
var errOverlap = errors.New("overlaps too many other members")

// members hands the members of a container to the engine, one after the other, and
// hashes them: those stored as they are beside it, the others as they are decoded.
func members(ctx context.Context, f scan.File, c archive.Container, j *judge) error {
	j.anomalies(f.Ref(), "", anomaliesOf(f, c), false)
	all := c.Members()
	results := make([]*digest, len(all))
	for i := range all {
		if m := &all[i]; !m.Dir && (m.Packed > 0 || !m.Symlink && !m.Special) {
			results[i] = &digest{}
		}
	}
	hashing, fits := planInPlace(j.sink, c, results)
	hashing.start()
	defer hashing.wait()
	if !fits {
		j.bomb(f.Ref(), "", fmt.Errorf("more than %d members share the same bytes: %w", maxPasses, scan.ErrBudget))
	}
	hint := layout(all)
	u := unpacker{ctx: ctx, f: f, c: c, j: j, budget: budget(f.Size()), names: map[string]int{}}
	for i := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, d := &all[i], results[i]
		ref := u.ref(m)
		j.name(ref, m)
		if d == nil {
			j.anomalies(ref, m.Name, m.Anomalies, false)
			continue
		}
		if d.overlap {
			continue
		}
		err := u.member(i, ref, hint(m), d)
		if errors.Is(err, scan.ErrBudget) {
			j.bomb(ref, m.Name, err)
			clear(results[i+1:]) // the next would meet the same bound
			break
		}
		if err != nil {
			return err
		}
	}
	hashing.wait()
	u.names = map[string]int{}
	for i := range all {
		m, d := &all[i], results[i]
		ref := u.ref(m)
		if d == nil {
			continue
		}
		u.judge(ref, m, d)
		if i < maxFacts {
			j.sink.Fact(asset.Fact{Kind: "member", Value: Member{Name: m.Name, Size: d.size, SHA256: d.sum}, Proved: true, At: ref})
		}
	}
	return nil
}

// budget is how much of an archive of the given size is decoded where the engine
// does not count it: when no scanner wants the content.
func budget(size int64) int64 {
	const most = 64 << 30
	if size >= most/100 {
		return most
	}
	return 512<<20 + 100*size
}

// maxTarget is how much of a link's target is looked at.
const maxTarget = 4096

// unpacker opens the members of one container.
type unpacker struct {
	ctx    context.Context
	f      scan.File
	c      archive.Container
	j      *judge
	budget int64
	names  map[string]int
}

// ref names a member; those of one name are told apart by their order.
func (u *unpacker) ref(m *archive.Member) asset.Ref {
	n := u.names[m.Name]
	u.names[m.Name]++
	return u.f.Ref().Join(asset.Step{Kind: asset.Member, Name: m.Name, N: n})
}

// digest is what was read of one member.
type digest struct {
	size      int64
	sum       string
	crc       uint32
	anomalies []archive.Anomaly
	inPlace   bool
	overlap   bool   // not looked at: see errOverlap
	start     []byte // of a symbolic link: its target
	err       error
}

// member shows member i to the engine. The error is about the engine's bounds or
// the context; what is wrong with the content goes to the digest.
func (u *unpacker) member(i int, ref asset.Ref, hint string, d *digest) error {
	if d.inPlace {
		s := u.c.Section(i)
		if u.c.Members()[i].Symlink {
			d.start = make([]byte, min(s.Size(), maxTarget))
			_, _ = s.ReadAt(d.start, 0) // the digest meets the same failure
		}
		err := u.j.sink.Derive(scan.Derived{Ref: ref, Hint: hint, Body: s})
		if errors.Is(err, scan.ErrBudget) || u.ctx.Err() != nil {
			return errors.Join(err, u.ctx.Err())
		}
		return nil // any other failure is one of reading, and the digest meets it too
	}
	st, err := u.c.Open(i)
	if err != nil {
		d.err = err
		return nil
	}
	defer st.Close()
	t := &tee{r: st, h: sha256.New()}
	if u.c.Members()[i].Symlink {
		t.keep = make([]byte, 0, maxTarget)
	}
	err = u.j.sink.Derive(scan.Derived{Ref: ref, Hint: hint, Body: t})
	if errors.Is(err, scan.ErrBudget) || u.ctx.Err() != nil {
		return errors.Join(err, u.ctx.Err())
	}
	if t.err == nil { // nobody wanted the content, or not all of it
		n, err := io.Copy(io.Discard, io.LimitReader(t, u.budget))
		if u.budget -= n; u.budget <= 0 && err == nil {
			return fmt.Errorf("%s: expands to more than its budget: %w", ref, scan.ErrBudget)
		}
	}
	d.size, d.anomalies, d.start = t.n, st.Anomalies(), t.keep
	if t.err == io.EOF {
		d.sum = hex.EncodeToString(t.h.Sum(nil))
	} else {
		d.err = t.err
	}
	return nil
}

// judge reports what is wrong with one member, its content included.
func (u *unpacker) judge(ref asset.Ref, m *archive.Member, d *digest) {
	if d.inPlace && d.err == nil {
		d.anomalies = m.Check(d.size, d.crc)
		if m.Encrypted && (len(d.anomalies) > 0 || !m.HasCRC) {
			d.err = &archive.Error{Reason: archive.Encrypted, Err: errors.New("marked as encrypted, and does not have its checksum when read as if it were not")}
			d.anomalies = nil
		}
	}
	u.j.anomalies(ref, m.Name, m.Anomalies, false)
	u.j.anomalies(ref, m.Name, d.anomalies, true)
	if d.err != nil {
		u.j.undecodable(ref, m.Name, d.err)
	}
	if m.Symlink && m.Link == "" { // in a zip the target is the content
		u.j.link(ref, m.Name, string(d.start))
	}
}

// tee hashes what is read through it and remembers how reading ended.
type tee struct {
	r    io.Reader
	h    hash.Hash
	n    int64
	keep []byte // the first bytes, as far as its capacity
	err  error
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.h.Write(p[:n])
	t.keep = append(t.keep, p[:min(n, cap(t.keep)-len(t.keep))]...)
	t.n += int64(n)
	if err != nil {
		t.err = err
	}
	return n, err
}
