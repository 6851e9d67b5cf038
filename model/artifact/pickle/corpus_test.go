package pickle

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// TestCorpus judges every file of the folders in MERLON_PICKLE_CORPUS (a path list), pickles that real libraries wrote: none may be malicious or broken, and
// at most 2 % unverified. Without the variable there is nothing to judge.
func TestCorpus(t *testing.T) {
	counts := map[asset.Verdict]int{}
	why := map[string]int{}
	total := 0
	for _, dir := range filepath.SplitList(os.Getenv("MERLON_PICKLE_CORPUS")) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if len(data) == 0 || !header(data) && (otherFormat(data) || !mayBePickle(data[:min(len(data), 4096)], int64(len(data)))) {
				return nil
			}
			rep, err := Judge(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Storages: true})
			if err != nil {
				return err
			}
			total++
			counts[rep.Verdict]++
			if rep.Verdict != asset.OK {
				for _, f := range rep.Findings {
					why[f.Rule+": "+f.Message[:min(len(f.Message), 300)]+"   e.g. "+filepath.Base(path)]++
					break
				}
			}
			if rep.Verdict == asset.Malicious || rep.Verdict == asset.Failed {
				t.Errorf("%s: %s", path, rep.Verdict)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if total == 0 {
		return
	}
	keys := make([]string, 0, len(why))
	for k := range why {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(a, b int) bool { return why[keys[a]] > why[keys[b]] })
	for _, k := range keys[:min(len(keys), 60)] {
		t.Logf("%5d %s", why[k], k)
	}
	t.Logf("%d files: %v", total, counts)
	if 50*counts[asset.Unverified] > total {
		t.Errorf("%d of %d unverified, want at most 2 %%", counts[asset.Unverified], total)
	}
}
