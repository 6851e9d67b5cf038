package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/safeio"
)

const (
	kills  = 50  // how often a scan is killed
	models = 400 // each gives a finding at least
)

// TestKilledScanLeavesNoHalfReport kills scans with SIGKILL at moments spread over
// their whole life, half of them once the report is being written. Under the
// report's name there is then either nothing, or the whole report.
func TestKilledScanLeavesNoHalfReport(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "models")
	writeModels(t, target, models)

	whole, took := 0, time.Duration(0)
	for i := range kills + 1 {
		out := filepath.Join(dir, fmt.Sprintf("out-%02d", i))
		if err := os.Mkdir(out, 0o755); err != nil {
			t.Fatal(err)
		}
		report := filepath.Join(out, "report.json")
		earlier := i%3 == 2 // every third scan has an older report to replace
		if earlier {
			if err := safeio.WriteFile(report, 0o644, func(w io.Writer) error {
				_, err := io.WriteString(w, `{"findings":[]}`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("merlon", "scan", "--output", "json="+report, target)
		start := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = cmd.Wait() // killed or failed by the gate: the report tells
		}()
		if i == 0 { // nobody kills the first one: it shows how long a scan takes
			<-done
			took = time.Since(start)
		} else {
			rng := rand.New(rand.NewPCG(uint64(i), 9))
			if i%2 == 0 {
				waitForWriting(out, done)
			} else {
				pause(time.Duration(rng.Float64()*1.1*float64(took)), done)
			}
			_ = cmd.Process.Kill() // fails when the scan has ended, which is a moment too
			<-done
		}
		n, err := findings(report)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !earlier && i > 0:
		case err != nil:
			t.Fatalf("kill %d: %v", i, err)
		case earlier && n == 0:
		case n >= models:
			whole++
		default:
			t.Fatalf("kill %d: the report holds %d findings of at least %d", i, n, models)
		}
	}
	t.Logf("a scan took %s; %d of %d reports were written in full", took, whole, kills+1)
	if whole == 0 || whole == kills+1 {
		t.Errorf("%d of %d reports were written in full: the kills came all too early or all too late", whole, kills+1)
	}
}

// writeModels writes n pickles that would print a word.
func writeModels(t *testing.T, dir string, n int) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		body := fmt.Sprintf("cos\nsystem\n(S'echo merlon-test %d'\ntR.", i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%04d.pkl", i)), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// findings reads a report to its last byte and counts what it holds.
func findings(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var r struct {
		Findings []json.RawMessage `json:"findings"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return 0, fmt.Errorf("%s is half written: %w", file, err)
	}
	return len(r.Findings), nil
}

// waitForWriting returns once anything in the folder changes, or the scan is over.
func waitForWriting(dir string, done <-chan struct{}) {
	before := listing(dir)
	poll := time.NewTicker(200 * time.Microsecond)
	defer poll.Stop()
	for {
		select {
		case <-done:
			return
		case <-poll.C:
			if listing(dir) != before {
				return
			}
		}
	}
}

func listing(dir string) string {
	var b strings.Builder
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			fmt.Fprintln(&b, e.Name(), info.Size())
		}
	}
	return b.String()
}

func pause(d time.Duration, done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(d):
	}
}
