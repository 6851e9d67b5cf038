package scan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/safeio"
)

// task is the scan of one file on disk and of everything derived from it.
type task struct {
	engine *engine
	entry  entry

	mu           sync.Mutex
	findings     []finding.Record
	facts        []asset.Fact
	assets       []asset.Asset
	measurements []Measurement
	errors       []Error

	derived int
	spool   int64 // bytes of derived content still allowed
	members int   // derived files still allowed
	shared  bool  // a project scanner has seen a derived file

	content  safeio.Content // the file, once somebody asked for its digest
	head     []byte
	digested bool   // the pass that computes it was made, or is being made
	digest   string // SHA-256 in hex; empty when it could not be computed
}

func (t *task) fail(ref, scanner string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, Error{Path: ref, Scanner: scanner, Err: err.Error()})
}

// wantDigest notes that the file's digest is to be computed: beside the digests of
// its parts when a scanner asks for those, after the scanners otherwise.
func (t *task) wantDigest(c safeio.Content, head []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.content == nil {
		t.content, t.head = c, head
	}
}

// digestWith computes the file's digest, if it is wanted and not known yet, and in
// the same pass the digests of ranges of it. shared is false when it did not: the
// pass was made before.
func (t *task) digestWith(ctx context.Context, ranges []safeio.Range) (parts []safeio.Digest, shared bool, err error) {
	t.mu.Lock()
	c := t.content
	mine := c != nil && !t.digested
	t.digested = t.digested || mine
	t.mu.Unlock()
	if !mine {
		return nil, false, nil
	}
	if len(ranges) == 0 && int64(len(t.head)) == c.Size() {
		sum := sha256.Sum256(t.head)
		t.digest = hex.EncodeToString(sum[:])
		return nil, true, nil
	}
	whole, parts, err := safeio.DigestRanges(ctx, c, true, ranges)
	if err != nil {
		if ctx.Err() == nil {
			t.fail(t.entry.ref.String(), "digest", reason(err))
		}
		return nil, true, err
	}
	t.digest = whole.SHA256
	return parts, true, nil
}

// finish joins what was said about the file and its parts into one asset, named
// by its digest, and hands everything to the engine.
func (t *task) finish() {
	sum := t.digest
	t.mu.Lock()
	defer t.mu.Unlock()
	t.assets = t.rollUp(sum)
	if sum != "" {
		for i := range t.findings {
			t.findings[i].Asset = "sha256:" + sum
		}
	}
	t.engine.collect(t)
}

// rollUp gives the file on disk the worst verdict of its parts.
func (t *task) rollUp(sum string) []asset.Asset {
	if len(t.assets) == 0 {
		return nil
	}
	whole := asset.Asset{Kind: asset.Archive, Ref: t.entry.ref}
	// The outermost report says what the file is; parts only add to the verdict.
	slices.SortStableFunc(t.assets, func(a, b asset.Asset) int {
		if n := len(a.Ref.Inner) - len(b.Ref.Inner); n != 0 {
			return n
		}
		return strings.Compare(a.Ref.InnerString(), b.Ref.InnerString())
	})
	models := false
	for _, a := range t.assets {
		whole.Verdict = whole.Verdict.Worst(a.Verdict)
		if a.Kind == asset.Model {
			models = true
		}
		if len(a.Ref.Inner) == 0 {
			if whole.Format == "" || a.Kind == asset.Model && whole.Kind != asset.Model {
				if a.Format != "" {
					whole.Format = a.Format
				}
			}
			if a.Kind != asset.Archive {
				whole.Kind = a.Kind
			}
		}
	}
	if models {
		whole.Kind = asset.Model
	}
	if whole.Kind == asset.Archive && whole.Verdict.Worst(asset.OK) == asset.OK {
		return nil // an ordinary archive without models is no asset of an AI system
	}
	whole.SHA256, whole.Size = sum, t.entry.size
	return []asset.Asset{whole}
}
