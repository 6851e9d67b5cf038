package sign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/merlon-security/merlon/sign/key"
)

// TestHash compares the digests with those of files and shards taken alone, for sizes
// around those of blocks, and any number of workers.
func TestHash(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dir := t.TempDir()
	content := map[string][]byte{}
	for i := range 30 {
		size := []int{0, 1, 63, 64, 65, laneBlock - 1, laneBlock, laneBlock + 1, 3*laneBlock + 17, rng.IntN(4 * laneBlock)}[i%10]
		b := make([]byte, size)
		for k := range b {
			b[k] = byte(k*i + k>>7)
		}
		name := fmt.Sprintf("f%02d", i)
		content[name] = b
		put(t, filepath.Join(dir, name), string(b))
	}
	tr, err := openTree(dir, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	files, _, err := tr.list(context.Background())
	if err != nil || len(files) != 30 {
		t.Fatal(len(files), err)
	}
	for _, workers := range []int{1, 2, 100} {
		for _, shard := range []int64{0, 4000, laneBlock, 1 << 40} {
			var jobs []*job
			for _, f := range files {
				j := &job{file: f}
				if shard > 0 {
					j.ranges = shards(f.size, shard)
				}
				jobs = append(jobs, j)
			}
			var mu sync.Mutex
			read, total := int64(0), int64(0)
			if err := tr.hash(context.Background(), jobs, workers, func(n int64) { mu.Lock(); read += n; mu.Unlock() }); err != nil {
				t.Fatal(err)
			}
			for _, j := range jobs {
				b := content[j.file.name]
				total += int64(len(b))
				parts := [][]byte{b}
				if shard > 0 {
					parts = nil
					for _, r := range j.ranges {
						parts = append(parts, b[r.Off:r.Off+r.Len])
					}
				}
				if j.err != nil || len(j.digest) != len(parts) {
					t.Fatalf("%s: %v, %d digests for %d parts", j.file.name, j.err, len(j.digest), len(parts))
				}
				for i, p := range parts {
					if sum := sha256.Sum256(p); j.digest[i] != hex.EncodeToString(sum[:]) {
						t.Errorf("%d workers, shards of %d: wrong digest %d of %s (%d bytes)", workers, shard, i, j.file.name, len(b))
					}
				}
			}
			if read != total {
				t.Errorf("progress counts %d bytes of %d", read, total)
			}
		}
	}
}

// TestMovingModel changes a model while it is signed: no signature may come out of that.
func TestMovingModel(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"written": func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("y", 10*laneBlock)), 0o600) },
		"cut":     func(p string) error { return os.Truncate(p, 100) },
		"grown":   func(p string) error { return os.Truncate(p, 20*laneBlock) },
	} {
		dir := write(t, "a.bin", strings.Repeat("x", 10*laneBlock))
		var once sync.Once
		_, _, err := Sign(context.Background(), dir, newKey(t, key.P256), Options{Progress: func(int64) {
			once.Do(func() {
				if err := change(filepath.Join(dir, "a.bin")); err != nil {
					t.Error(err)
				}
			})
		}})
		if err == nil || !strings.Contains(err.Error(), "changed while it was read") || !strings.Contains(err.Error(), "a.bin") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTooManyShards(t *testing.T) {
	dir := write(t, "a.bin", strings.Repeat("x", 3<<20))
	if _, _, err := Sign(context.Background(), dir, newKey(t, key.P256), Options{ShardSize: 1}); err == nil || !strings.Contains(err.Error(), "larger shards") {
		t.Errorf("three million shards: %v", err)
	}
}
