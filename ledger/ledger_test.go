//go:build unix

package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testOrigin = "test.invalid/ledger"

// newLedger makes a ledger with n sealed entries and returns its folder and key.
func newLedger(t testing.TB, n int) (dir, key string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ledger")
	key, verifier, err := GenerateKey(testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(t.Context(), dir, key, verifier); err != nil {
		t.Fatal(err)
	}
	if n > 0 {
		grow(t, dir, key, n)
	}
	return dir, key
}

// grow appends n entries in one session and seals them.
func grow(t testing.TB, dir, key string, n int) Checkpoint {
	t.Helper()
	l, err := Open(t.Context(), dir, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = testEntry(i)
	}
	if _, err := l.Append(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	cp, err := l.Close(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func testEntry(i int) Entry {
	return Entry{
		Actor:    Actor{Subject: "alice@example.com", Issuer: "https://issuer.invalid", Method: "oidc"},
		Action:   "model.promote",
		Subjects: []string{"sha256:" + strings.Repeat(fmt.Sprintf("%02x", i%256), 32)},
		Decision: "allow",
		Reason:   "no findings <of> severity & high",
		Request:  fmt.Sprint("request-", i),
	}
}

func verify(t testing.TB, dir string, earlier ...Checkpoint) Report {
	t.Helper()
	r, err := Verify(t.Context(), dir, VerifyOptions{Earlier: earlier})
	if err != nil {
		t.Fatalf("an untouched ledger: %v", err)
	}
	return r
}

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	dir, key := newLedger(t, 0)
	if r := verify(t, dir); r.Entries != 0 || r.Checkpoint.Size != 0 {
		t.Errorf("an empty ledger has %d entries", r.Entries)
	}
	var want []Entry
	for session, n := range []int{1, 2, 300, 1} {
		cp := grow(t, dir, key, n)
		for i := range n {
			want = append(want, testEntry(i))
		}
		if cp.Size != uint64(len(want)) {
			t.Errorf("session %d: the checkpoint commits to %d entries, want %d", session, cp.Size, len(want))
		}
		verify(t, dir, cp)
	}
	var got []Entry
	prev := noPrev
	err := Entries(dir, func(e Entry) error {
		line, err := e.encode()
		if err != nil {
			return err
		}
		if e.Prev != prev || e.Seq != uint64(len(got)) || e.Time.IsZero() || e.Sig == "" {
			t.Errorf("entry %d has seq %d, prev %s", len(got), e.Seq, e.Prev)
		}
		prev = hashOf(line)
		got = append(got, Entry{Actor: e.Actor, Action: e.Action, Subjects: e.Subjects, Decision: e.Decision, Reason: e.Reason, Request: e.Request})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestConcurrentAppendsAreChained(t *testing.T) {
	dir, key := newLedger(t, 0)
	l, err := Open(t.Context(), dir, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 50
	var (
		mu   sync.Mutex
		seen = map[uint64]string{}
		wg   sync.WaitGroup
	)
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				r, err := l.Append(t.Context(), testEntry(w*each+i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen[r[0].Seq] = r[0].Hash
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if _, err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(seen) != writers*each {
		t.Errorf("%d receipts, want %d", len(seen), writers*each)
	}
	err = Entries(dir, func(e Entry) error {
		line, err := e.encode()
		if err == nil && hashOf(line) != seen[e.Seq] {
			t.Errorf("entry %d is not the one that was acknowledged", e.Seq)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	verify(t, dir)
}

func TestSecondWriterIsRefused(t *testing.T) {
	dir, key := newLedger(t, 1)
	l, err := Open(t.Context(), dir, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Signer: key}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
	verify(t, dir) // readers are not kept out
	if _, err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), testEntry(0)); err == nil {
		t.Error("a closed ledger took an entry")
	}
	grow(t, dir, key, 1)
}

func TestUnfitEntriesAreRefused(t *testing.T) {
	dir, key := newLedger(t, 0)
	l, err := Open(t.Context(), dir, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Entry){
		"no actor":     func(e *Entry) { e.Actor.Subject = "" },
		"no action":    func(e *Entry) { e.Action = "" },
		"subject":      func(e *Entry) { e.Subjects = []string{"model.pkl"} },
		"upper case":   func(e *Entry) { e.Subjects = []string{"sha256:" + strings.Repeat("AB", 32)} },
		"decision":     func(e *Entry) { e.Decision = "perhaps" },
		"policy":       func(e *Entry) { e.Policy = "strict" },
		"not UTF-8":    func(e *Entry) { e.Reason = "\xff" },
		"too long":     func(e *Entry) { e.Reason = strings.Repeat("x", MaxEntry) },
		"too long now": func(e *Entry) { e.Reason = strings.Repeat("\x01", MaxEntry/6) },
	} {
		e := testEntry(0)
		change(&e)
		// Beside a good one: all or nothing.
		if _, err := l.Append(t.Context(), testEntry(1), e); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := l.Append(t.Context(), testEntry(2)); err != nil {
		t.Error(err)
	}
	if cp, err := l.Close(t.Context()); err != nil || cp.Size != 1 {
		t.Errorf("%d entries, %v; want 1", cp.Size, err)
	}
}

func TestWrongKeyAndOtherFolders(t *testing.T) {
	dir, key := newLedger(t, 1)
	other, verifier, err := GenerateKey(testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Signer: other}); err == nil {
		t.Error("another key was accepted")
	}
	if _, err := Verify(t.Context(), dir, VerifyOptions{Verifier: verifier}); !isTampered(err) {
		t.Errorf("verified with another key: %v", err)
	}
	if err := Create(t.Context(), dir, key, verifier); !errors.Is(err, os.ErrExist) {
		t.Errorf("a ledger was made over another: %v", err)
	}
	if _, err := ReadMeta(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, _, err := GenerateKey("two words"); err == nil {
		t.Error("a name with a space was accepted")
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	dir, key := newLedger(t, 3)
	l, err := Open(t.Context(), dir, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	// A file that cannot be written to stands for a disk that is full.
	good := l.wal
	if l.wal, err = os.Open(filepath.Join(dir, walFile)); err != nil {
		t.Fatal(err)
	}
	good.Close()
	if _, err := l.Append(t.Context(), testEntry(3)); err == nil {
		t.Fatal("an entry was acknowledged that is not on the disk")
	}
	if _, err := l.Append(t.Context(), testEntry(4)); err == nil {
		t.Fatal("the ledger went on after an error")
	}
	if _, err := l.Close(t.Context()); err == nil {
		t.Error("closed as if nothing had happened")
	}
	if r := verify(t, dir); r.Entries != 3 {
		t.Errorf("%d entries, want 3", r.Entries)
	}
	grow(t, dir, key, 1)
}

func isTampered(err error) bool {
	_, ok := errors.AsType[*TamperError](err)
	return ok
}

func BenchmarkAppendOne(b *testing.B) {
	dir, key := newLedger(b, 0)
	l, err := Open(b.Context(), dir, Options{Signer: key})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := l.Append(b.Context(), testEntry(1)); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	l.Close(context.Background())
}

// BenchmarkAppendBatch appends 20,000 entries in calls of 100 and seals them.
func BenchmarkAppendBatch(b *testing.B) {
	entries := make([]Entry, 100)
	for i := range entries {
		entries[i] = testEntry(i)
	}
	for b.Loop() {
		dir, key := newLedger(b, 0)
		l, err := Open(b.Context(), dir, Options{Signer: key})
		if err != nil {
			b.Fatal(err)
		}
		for range 200 {
			if _, err := l.Append(b.Context(), entries...); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := l.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(20000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
