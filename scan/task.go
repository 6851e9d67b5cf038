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

	digest     chan string // the file's SHA-256, once somebody asked for it
	digestOnce sync.Once
}

func (t *task) fail(ref, scanner string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, Error{Path: ref, Scanner: scanner, Err: err.Error()})
}

// startDigest computes the file's digest beside the scan.
func (t *task) startDigest(ctx context.Context, c safeio.Content, head []byte) {
	t.digestOnce.Do(func() {
		t.digest = make(chan string, 1)
		if int64(len(head)) == c.Size() {
			sum := sha256.Sum256(head)
			t.digest <- hex.EncodeToString(sum[:])
			return
		}
		go func() {
			sum, err := safeio.SHA256(ctx, c)
			if err != nil {
				sum = ""
				if ctx.Err() == nil {
					t.fail(t.entry.ref.String(), "digest", reason(err))
				}
			}
			t.digest <- sum
		}()
	})
}

// finish joins what was said about the file and its parts into one asset, named
// by its digest, and hands everything to the engine.
func (t *task) finish() {
	sum := ""
	if t.digest != nil {
		sum = <-t.digest
	}
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
