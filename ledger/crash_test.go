//go:build unix

package ledger

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestMain lets the test binary be the process that gets killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("MERLON_TEST_LEDGER"); dir != "" {
		writeUntilKilled(dir, os.Getenv("MERLON_TEST_LEDGER_KEY"))
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled appends entries from several goroutines and prints every receipt
// after it was given. It closes and reopens the ledger now and then.
func writeUntilKilled(dir, key string) {
	for round := 0; ; round++ {
		l, err := Open(context.Background(), dir, Options{Signer: key})
		if err != nil {
			fmt.Println("open:", err)
			os.Exit(1)
		}
		done := make(chan error)
		for w := range 4 {
			go func() {
				for i := range 20 + 10*round {
					batch := make([]Entry, 1+(i+w)%7)
					for n := range batch {
						batch[n] = testEntry(n)
					}
					receipts, err := l.Append(context.Background(), batch...)
					if err != nil {
						done <- err
						return
					}
					for _, r := range receipts {
						// One write a line: a killed process leaves no half of it.
						os.Stdout.WriteString(fmt.Sprintf("%d %s\n", r.Seq, r.Hash))
					}
				}
				done <- nil
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				fmt.Println("append:", err)
				os.Exit(1)
			}
		}
		if _, err := l.Close(context.Background()); err != nil {
			fmt.Println("close:", err)
			os.Exit(1)
		}
	}
}

// Killed at any moment, a ledger loses nothing that was acknowledged and is not
// called tampered with. LEDGER_KILLS=1000 asks for more than the 50 of every run.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 50
	if s := os.Getenv("LEDGER_KILLS"); s != "" {
		kills, _ = strconv.Atoi(s)
	}
	dir, key := newLedger(t, 0)
	acked := map[uint64]string{}
	last := verify(t, dir).Checkpoint
	for range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "MERLON_TEST_LEDGER="+dir, "MERLON_TEST_LEDGER_KEY="+key)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		// The moment is counted in receipts, then in microseconds: no load of the machine
		// makes all kills fall on the start of the process.
		after := rand.IntN(400)
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			var seq uint64
			var hash string
			if _, err := fmt.Sscanf(lines.Text(), "%d %s", &seq, &hash); err != nil {
				t.Fatalf("the writer said %q", lines.Text())
			}
			if old, ok := acked[seq]; ok && old != hash {
				t.Fatalf("entry %d was acknowledged twice, for two entries", seq)
			}
			acked[seq] = hash
			if n == after {
				delay := time.Duration(rand.IntN(2000)) * time.Microsecond
				time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait()

		r := verify(t, dir, last)
		last = r.Checkpoint
		found := 0
		must(t, Entries(dir, func(e Entry) error {
			line, err := e.encode()
			if hash, ok := acked[e.Seq]; ok && err == nil {
				found++
				if hashOf(line) != hash {
					t.Errorf("entry %d is not the one that was acknowledged", e.Seq)
				}
			}
			return err
		}))
		if found != len(acked) {
			t.Fatalf("%d entries were acknowledged, %d of them are there", len(acked), found)
		}
	}
	l, err := Open(t.Context(), dir, Options{Signer: key})
	must(t, err)
	cp, err := l.Close(t.Context())
	must(t, err)
	r := verify(t, dir, last)
	t.Logf("%d kills, %d entries acknowledged, %d kept, %d sealed", kills, len(acked), r.Entries, cp.Size)
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil || r.Waiting() != 0 {
		t.Errorf("%d entries are not sealed, %v", r.Waiting(), err)
	}
}
