//go:build unix

package ledger

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// attack is something done to the files of a ledger by somebody who has no key.
type attack struct {
	name string
	do   func(t *testing.T, dir string)
}

// attacks makes ways of tampering with a ledger whose files are given. The bytes
// that are changed are chosen with a fixed seed.
func attacks(t *testing.T, dir string) []attack {
	rnd := rand.New(rand.NewPCG(1, 2))
	var out []attack
	add := func(name string, do func(*testing.T, string)) { out = append(out, attack{name, do}) }
	edit := func(file string, change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) { rewrite(t, filepath.Join(dir, file), change) }
	}

	for _, file := range relied(t, dir) {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		size := int(info.Size())
		for range 4 {
			at, bit := rnd.IntN(size), byte(1)<<rnd.IntN(8)
			add(fmt.Sprintf("flip bit %#x of byte %d of %s", bit, at, file), edit(file, func(b []byte) []byte { b[at] ^= bit; return b }))
		}
		cut := rnd.IntN(size)
		add(fmt.Sprintf("cut %s at %d", file, cut), edit(file, func(b []byte) []byte { return b[:cut] }))
		add("empty "+file, edit(file, func([]byte) []byte { return nil }))
		add("remove "+file, func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, file))) })
		if file != walFile { // behind the last entry: what a crash leaves, and nobody reads
			add("add to "+file, edit(file, func(b []byte) []byte { return append(b, "0\n"...) }))
		}
	}

	lines := func(change func([][]byte) [][]byte) func(*testing.T, string) {
		return edit(walFile, func(b []byte) []byte {
			l := bytes.SplitAfter(b, []byte("\n"))
			return bytes.Join(change(l[:len(l)-1]), nil)
		})
	}
	for range 20 {
		i, j := rnd.IntN(299), rnd.IntN(299)
		if i == j {
			j++
		}
		add(fmt.Sprintf("swap entries %d and %d", i, j), lines(func(l [][]byte) [][]byte { l[i], l[j] = l[j], l[i]; return l }))
		add(fmt.Sprintf("remove entry %d", i), lines(func(l [][]byte) [][]byte { return append(l[:i:i], l[i+1:]...) }))
		add(fmt.Sprintf("repeat entry %d", i), lines(func(l [][]byte) [][]byte { return append(l[:i+1:i+1], l[i:]...) }))
		add(fmt.Sprintf("keep %d entries", i), lines(func(l [][]byte) [][]byte { return l[:i] }))
		add(fmt.Sprintf("say deny in entry %d", i), lines(func(l [][]byte) [][]byte {
			l[i] = bytes.Replace(l[i], []byte(`"allow"`), []byte(`"deny"`), 1)
			return l
		}))
		add(fmt.Sprintf("rewrite from entry %d on, with the chain right", i), lines(func(l [][]byte) [][]byte { return rechain(t, l, i) }))
		add(fmt.Sprintf("add a space in entry %d", i), lines(func(l [][]byte) [][]byte {
			l[i] = bytes.Replace(l[i], []byte(`,"time"`), []byte(`, "time"`), 1)
			return l
		}))
	}
	add("add an entry without the key", lines(func(l [][]byte) [][]byte { return append(l, forge(t, l)) }))
	add("another ledger's key", func(t *testing.T, dir string) {
		_, verifier, err := GenerateKey(testOrigin)
		must(t, err)
		m, err := ReadMeta(dir)
		must(t, err)
		m.Verifier = verifier
		must(t, writeMeta(dir, m))
	})
	return out
}

// relied lists the files that verification relies on, relative to the ledger.
func relied(t *testing.T, dir string) []string {
	var files []string
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		// Locks are empty, and the version file is Tessera's own.
		if rel != lockName && !strings.HasSuffix(rel, ".lock") && !strings.HasSuffix(rel, "version") {
			files = append(files, rel)
		}
		return err
	}))
	return files
}

// rechain changes entry i and makes the chain of those behind it right again: all
// that can be done without the key.
func rechain(t *testing.T, lines [][]byte, i int) [][]byte {
	prev := ""
	for n := i; n < len(lines); n++ {
		e, err := decode(bytes.TrimSpace(lines[n]))
		must(t, err)
		if n == i {
			e.Reason = "nothing to see"
		} else {
			e.Prev = prev
		}
		line, err := e.encode()
		must(t, err)
		prev = hashOf(line)
		lines[n] = append(line, '\n')
	}
	return lines
}

// forge makes the next entry of a ledger, signed with another key.
func forge(t *testing.T, lines [][]byte) []byte {
	last := bytes.TrimSpace(lines[len(lines)-1])
	e, err := decode(last)
	must(t, err)
	e.Seq, e.Prev, e.Time = e.Seq+1, hashOf(last), time.Now().UTC()
	line, err := e.encode()
	must(t, err)
	return append(line, '\n')
}

func TestTamperingIsFound(t *testing.T) {
	dir, key := newLedger(t, 0)
	grow(t, dir, key, 200)
	grow(t, dir, key, 100)
	all := attacks(t, dir)
	if len(all) < 200 {
		t.Errorf("only %d attacks", len(all))
	}
	kept := filepath.Join(t.TempDir(), "kept")
	copyTo(t, dir, kept)
	for _, a := range all {
		t.Run(a.name, func(t *testing.T) {
			must(t, os.RemoveAll(dir))
			copyTo(t, kept, dir)
			a.do(t, dir)
			if _, err := Verify(t.Context(), dir, VerifyOptions{}); err == nil {
				t.Error("not found by Verify")
			} else if !isTampered(err) && !strings.HasPrefix(a.name, "remove "+metaFile) {
				t.Errorf("found, but not called tampering: %v", err)
			}
		})
	}
}

// What verification finds before a writer starts must keep the writer from sealing
// it.
func TestWriterRefusesWhatIsNotItsOwn(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, dir string){
		"forged entry": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, walFile), func(b []byte) []byte {
				return append(b, forge(t, bytes.SplitAfter(bytes.TrimSpace(b), []byte("\n")))...)
			})
		},
		"tree state": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, logDir, ".state", "treeState"), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"root":"`), []byte(`"root":"AAAA`), 1)
			})
		},
		"cut": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, walFile), func(b []byte) []byte { return b[:len(b)/2] })
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, key := newLedger(t, 5)
			do(t, dir)
			if _, err := Open(t.Context(), dir, Options{Signer: key}); !isTampered(err) {
				t.Errorf("opened for writing: %v", err)
			}
		})
	}
}

// A copy of the folder from yesterday is in order by itself.
func TestRollbackAndSplitViewNeedAnEarlierCheckpoint(t *testing.T) {
	dir, key := newLedger(t, 10)
	old := filepath.Join(t.TempDir(), "old")
	copyTo(t, dir, old)
	early := verify(t, dir).Checkpoint
	late := grow(t, dir, key, 10)

	verify(t, old, early)
	if _, err := Verify(t.Context(), old, VerifyOptions{Earlier: []Checkpoint{late}}); !isTampered(err) {
		t.Errorf("rollback: %v", err)
	}
	if _, err := Open(t.Context(), old, Options{Signer: key, Earlier: []Checkpoint{late}}); !isTampered(err) {
		t.Errorf("a writer goes on from an older copy: %v", err)
	}
	// Only the checkpoint is put back.
	b, err := os.ReadFile(filepath.Join(old, logDir, "checkpoint"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, logDir, "checkpoint"), b, 0o644))
	if _, err := Verify(t.Context(), dir, VerifyOptions{Earlier: []Checkpoint{late}}); !isTampered(err) {
		t.Errorf("an older checkpoint: %v", err)
	}
	// The holder of the key writes another history from the same beginning.
	fork := grow(t, old, key, 10)
	verify(t, old, early)
	if _, err := Verify(t.Context(), old, VerifyOptions{Earlier: []Checkpoint{early, late}}); !isTampered(err) {
		t.Errorf("split view: %v", err)
	}
	if bytes.Equal(fork.Root, late.Root) {
		t.Error("two histories have one root")
	}
}

// A checkpoint of another ledger proves nothing about this one, and is no tampering.
func TestCheckpointOfAnotherLedger(t *testing.T) {
	dir, _ := newLedger(t, 3)
	other, _ := newLedger(t, 30)
	foreign := verify(t, other).Checkpoint
	foreign.Origin = "another"
	if _, err := Verify(t.Context(), dir, VerifyOptions{Earlier: []Checkpoint{foreign}}); err == nil || isTampered(err) || !strings.Contains(err.Error(), "belongs to another") {
		t.Errorf("error %v", err)
	}
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, change(b), 0o644))
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
