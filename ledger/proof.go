package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
)

// maxProof bounds the proofs that are read, in bytes: 63 hashes, an entry and a
// checkpoint.
const maxProof = 1 << 18

const proofHeader = "c2sp.org/tlog-proof@v1"

// Proof shows, without the ledger, that an entry is in it.
type Proof struct {
	Line       []byte // the entry as it is kept
	Index      uint64
	Hashes     [][]byte // RFC 6962 inclusion proof
	Checkpoint []byte   // signed note
}

// Prove makes a proof that entry seq is covered by the published checkpoint.
func Prove(ctx context.Context, dir string, seq uint64) (Proof, error) {
	m, err := ReadMeta(dir)
	if err != nil {
		return Proof{}, err
	}
	cp, err := ReadCheckpoint(dir, m)
	if err != nil {
		return Proof{}, err
	}
	if seq >= cp.Size {
		return Proof{}, fmt.Errorf("entry %d is not sealed: the checkpoint commits to %d entries", seq, cp.Size)
	}
	p := Proof{Index: seq, Checkpoint: cp.Note}
	bundle, err := client.GetEntryBundle(ctx, bundleReader(dir), seq/layout.EntryBundleWidth, cp.Size)
	if err != nil {
		return p, err
	}
	if n := int(seq % layout.EntryBundleWidth); n < len(bundle.Entries) {
		p.Line = bundle.Entries[n]
	} else {
		return p, &TamperError{Seq: &seq, Reason: "is missing from its bundle"}
	}
	pb, err := client.NewProofBuilder(ctx, cp.Size, tileReader(dir))
	if err != nil {
		return p, err
	}
	if p.Hashes, err = pb.InclusionProof(ctx, seq); err != nil {
		return p, err
	}
	if _, _, err := p.Verify(m.Verifier); err != nil {
		return p, &TamperError{Seq: &seq, Reason: "cannot be proved: " + err.Error()}
	}
	return p, nil
}

// Verify checks a proof with the public key of the ledger.
func (p Proof) Verify(verifier string) (Entry, Checkpoint, error) {
	cp, err := ParseCheckpoint(p.Checkpoint, verifier)
	if err != nil {
		return Entry{}, cp, err
	}
	e, err := decode(p.Line)
	if err != nil {
		return e, cp, err
	}
	if e.Seq != p.Index {
		return e, cp, fmt.Errorf("the proof is about entry %d and carries entry %d", p.Index, e.Seq)
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(p.Line)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, cp.Size, leaf, p.Hashes, cp.Root); err != nil {
		return e, cp, fmt.Errorf("the entry is not in the tree of the checkpoint: %w", err)
	}
	return e, cp, nil
}

// MarshalText writes a proof in the form of C2SP tlog-proof, with the entry as its
// extra data.
func (p Proof) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString(p.Line), p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h))
	}
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes(), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *Proof) UnmarshalText(text []byte) error {
	head, cp, ok := bytes.Cut(text, []byte("\n\n"))
	if len(text) > maxProof || !ok {
		return errors.New("this is not a proof (C2SP tlog-proof)")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 3 || lines[0] != proofHeader {
		return fmt.Errorf("this is not a proof: its first line is not %q", proofHeader)
	}
	extra, ok1 := strings.CutPrefix(lines[1], "extra ")
	index, ok2 := strings.CutPrefix(lines[2], "index ")
	if !ok1 || !ok2 {
		return errors.New("the proof has no entry or no index")
	}
	var err error
	if p.Line, err = base64.StdEncoding.Strict().DecodeString(extra); err != nil {
		return fmt.Errorf("the entry of the proof: %w", err)
	}
	if p.Index, err = strconv.ParseUint(index, 10, 63); err != nil || index != strconv.FormatUint(p.Index, 10) {
		return fmt.Errorf("the index of the proof is %q", index)
	}
	if p.Hashes, err = decodeHashes(lines[3:]); err != nil {
		return err
	}
	p.Checkpoint = cp
	return nil
}

func decodeHashes(lines []string) ([][]byte, error) {
	var out [][]byte
	for i, line := range lines {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != rfc6962.DefaultHasher.Size() || i >= 63 {
			return nil, fmt.Errorf("hash %d of the proof is not one", i)
		}
		out = append(out, h)
	}
	return out, nil
}

// Consistency shows, without the ledger, that the tree of one checkpoint extends
// that of an earlier one.
type Consistency struct {
	Old    uint64   // size of the earlier tree
	Hashes [][]byte // RFC 6962 consistency proof
	New    []byte   // signed note of the later checkpoint
}

// ProveConsistency makes a proof that the published checkpoint extends an earlier
// one.
func ProveConsistency(ctx context.Context, dir string, old Checkpoint) (Consistency, error) {
	m, err := ReadMeta(dir)
	if err != nil {
		return Consistency{}, err
	}
	cp, err := ReadCheckpoint(dir, m)
	if err != nil {
		return Consistency{}, err
	}
	if old.Size > cp.Size {
		return Consistency{}, &TamperError{Seq: &cp.Size, Reason: fmt.Sprintf("is missing: the earlier checkpoint commits to %d entries, the published one to %d", old.Size, cp.Size)}
	}
	c := Consistency{Old: old.Size, New: cp.Note}
	if old.Size > 0 && old.Size < cp.Size {
		pb, err := client.NewProofBuilder(ctx, cp.Size, tileReader(dir))
		if err != nil {
			return c, err
		}
		if c.Hashes, err = pb.ConsistencyProof(ctx, old.Size, cp.Size); err != nil {
			return c, err
		}
	}
	if _, err := c.Verify(old, m.Verifier); err != nil {
		return c, &TamperError{Reason: err.Error()}
	}
	return c, nil
}

// Verify checks the proof against the earlier checkpoint.
func (c Consistency) Verify(old Checkpoint, verifier string) (Checkpoint, error) {
	cp, err := ParseCheckpoint(c.New, verifier)
	if err != nil {
		return cp, err
	}
	if c.Old != old.Size || cp.Origin != old.Origin {
		return cp, fmt.Errorf("the proof starts at %d entries of %s, the earlier checkpoint is about %d of %s", c.Old, cp.Origin, old.Size, old.Origin)
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, cp.Size, c.Hashes, old.Root, cp.Root); err != nil {
		return cp, fmt.Errorf("the later checkpoint does not extend the earlier one: %w", err)
	}
	return cp, nil
}

// MarshalText writes the proof in the form of an add-checkpoint request of C2SP
// tlog-witness, so that it can be sent to a witness as it is.
func (c Consistency) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", c.Old)
	for _, h := range c.Hashes {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h))
	}
	b.WriteByte('\n')
	b.Write(c.New)
	return b.Bytes(), nil
}

// UnmarshalText reads what MarshalText writes.
func (c *Consistency) UnmarshalText(text []byte) error {
	head, cp, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, ok2 := strings.CutPrefix(lines[0], "old ")
	if len(text) > maxProof || !ok || !ok2 {
		return errors.New("this is not a consistency proof (add-checkpoint request of C2SP tlog-witness)")
	}
	var err error
	if c.Old, err = strconv.ParseUint(old, 10, 63); err != nil {
		return fmt.Errorf("the proof starts at %q", old)
	}
	if c.Hashes, err = decodeHashes(lines[1:]); err != nil {
		return err
	}
	c.New = cp
	return nil
}

func tileReader(dir string) client.TileFetcherFunc {
	return func(_ context.Context, level, index uint64, p uint8) ([]byte, error) {
		return readTile(dir, tileID{int(level), index}, p)
	}
}

func bundleReader(dir string) client.EntryBundleFetcherFunc {
	return func(_ context.Context, index uint64, p uint8) ([]byte, error) {
		return readTile(dir, tileID{entriesLevel, index}, p)
	}
}

// readTile returns a tile of at least the width asked for: the full one replaces
// partial ones.
func readTile(dir string, id tileID, width uint8) ([]byte, error) {
	const limit = layout.EntryBundleWidth * (MaxEntry + 2)
	b, err := safeio.ReadFile(filepath.Join(dir, id.path(width)), limit)
	if errors.Is(err, os.ErrNotExist) && width != 0 {
		b, err = safeio.ReadFile(filepath.Join(dir, id.path(0)), limit)
	}
	return b, err
}
