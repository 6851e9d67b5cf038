//go:build unix

package ledger

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The proofs are checked by an implementation that shares no code with the one that
// made them: the client of Go's checksum database.
func TestInclusionProofsSatisfyAnotherImplementation(t *testing.T) {
	dir, key := newLedger(t, 257)
	grow(t, dir, key, 300)
	m, err := ReadMeta(dir)
	must(t, err)
	for _, seq := range []uint64{0, 1, 255, 256, 257, 511, 512, 556} {
		p, err := Prove(t.Context(), dir, seq)
		must(t, err)
		text, err := p.MarshalText()
		must(t, err)
		var back Proof
		must(t, back.UnmarshalText(text))
		if d := cmp.Diff(p, back); d != "" {
			t.Errorf("a proof changes on its way: %s", d)
		}
		e, cp, err := back.Verify(m.Verifier)
		must(t, err)
		if e.Seq != seq || cp.Size != 557 {
			t.Errorf("proof of entry %d says entry %d of %d", seq, e.Seq, cp.Size)
		}
		var record tlog.RecordProof
		for _, h := range back.Hashes {
			record = append(record, tlog.Hash(h))
		}
		if err := tlog.CheckRecord(record, int64(cp.Size), tlog.Hash(cp.Root), int64(seq), tlog.RecordHash(back.Line)); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
		for name, change := range map[string]func(*Proof){
			"entry": func(p *Proof) { p.Line = bytes.Replace(p.Line, []byte(`"allow"`), []byte(`"deny"`), 1) },
			"index": func(p *Proof) { p.Index++ },
			"hash":  func(p *Proof) { p.Hashes = append([][]byte{bytes.Repeat([]byte{1}, 32)}, p.Hashes[1:]...) },
			"short": func(p *Proof) { p.Hashes = p.Hashes[1:] },
			"size":  func(p *Proof) { p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n557\n"), []byte("\n558\n"), 1) },
		} {
			bad := back
			change(&bad)
			if _, _, err := bad.Verify(m.Verifier); err == nil {
				t.Errorf("entry %d: proof with another %s holds", seq, name)
			}
		}
	}
	if _, err := Prove(t.Context(), dir, 557); err == nil {
		t.Error("an entry that does not exist was proved")
	}
}

func TestConsistencyProofsSatisfyAnotherImplementation(t *testing.T) {
	dir, key := newLedger(t, 0)
	m, err := ReadMeta(dir)
	must(t, err)
	checkpoints := []Checkpoint{verify(t, dir).Checkpoint}
	for _, n := range []int{1, 5, 250, 1, 300} {
		checkpoints = append(checkpoints, grow(t, dir, key, n))
	}
	last := checkpoints[len(checkpoints)-1]
	for _, old := range checkpoints {
		c, err := ProveConsistency(t.Context(), dir, old)
		must(t, err)
		text, err := c.MarshalText()
		must(t, err)
		var back Consistency
		must(t, back.UnmarshalText(text))
		if _, err := back.Verify(old, m.Verifier); err != nil {
			t.Errorf("%d to %d: %v", old.Size, last.Size, err)
		}
		if old.Size > 0 && old.Size < last.Size {
			var proof tlog.TreeProof
			for _, h := range back.Hashes {
				proof = append(proof, tlog.Hash(h))
			}
			if err := tlog.CheckTree(proof, int64(last.Size), tlog.Hash(last.Root), int64(old.Size), tlog.Hash(old.Root)); err != nil {
				t.Errorf("%d to %d: %v", old.Size, last.Size, err)
			}
			other := old
			other.Root = bytes.Repeat([]byte{7}, 32)
			if _, err := back.Verify(other, m.Verifier); err == nil {
				t.Errorf("%d: another root is extended as well", old.Size)
			}
		}
	}
}

// Tessera's own checker and client read what is on the disk, as any C2SP tlog-tiles
// client would over HTTP.
func TestTilesSatisfyTesserasChecker(t *testing.T) {
	dir, key := newLedger(t, 300)
	grow(t, dir, key, 5)
	m, err := ReadMeta(dir)
	must(t, err)
	v, err := note.NewVerifier(m.Verifier)
	must(t, err)
	files := &client.FileFetcher{Root: filepath.Join(dir, logDir)}
	cp, _, _, err := client.FetchCheckpoint(t.Context(), files.ReadCheckpoint, v, m.Origin)
	must(t, err)
	if want := (&log.Checkpoint{Origin: m.Origin, Size: 305, Hash: cp.Hash}); cmp.Diff(want, cp) != "" {
		t.Error(cmp.Diff(want, cp))
	}
	hasher := func(bundle []byte) ([][]byte, error) {
		var hashes [][]byte
		for len(bundle) > 0 {
			n := int(bundle[0])<<8 | int(bundle[1])
			hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(bundle[2:2+n]))
			bundle = bundle[2+n:]
		}
		return hashes, nil
	}
	if err := fsck.New(m.Origin, v, files, hasher, fsck.Opts{N: 1}).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func FuzzProof(f *testing.F) {
	dir, _ := newLedger(f, 3)
	m, err := ReadMeta(dir)
	must(f, err)
	p, err := Prove(f.Context(), dir, 1)
	must(f, err)
	text, err := p.MarshalText()
	must(f, err)
	f.Add(text)
	c, err := ProveConsistency(f.Context(), dir, Checkpoint{Origin: m.Origin})
	must(f, err)
	text, err = c.MarshalText()
	must(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var q Proof
		if q.UnmarshalText(text) == nil {
			if _, _, err := q.Verify(m.Verifier); err == nil && !bytes.Equal(q.Line, p.Line) {
				t.Errorf("a forged proof holds: %s", text)
			}
		}
		var d Consistency
		if d.UnmarshalText(text) == nil {
			_, _ = d.Verify(Checkpoint{Origin: m.Origin, Size: 1, Root: make([]byte, 32)}, m.Verifier)
		}
	})
}

func FuzzReplay(f *testing.F) {
	e := testEntry(1)
	e.Prev = noPrev
	line, err := e.encode()
	must(f, err)
	f.Add(append(line, '\n'))
	f.Fuzz(func(t *testing.T, b []byte) {
		var end int64
		torn, err := replay(bytes.NewReader(b), func(e Entry, line []byte, at int64) error {
			if !bytes.Equal(b[end:at], append(bytes.Clone(line), '\n')) {
				t.Errorf("the line is not what the file holds")
			}
			end = at
			return nil
		})
		if err == nil && end+torn != int64(len(b)) {
			t.Errorf("%d bytes were read of %d", end+torn, len(b))
		}
	})
}
