package pickle

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder collects what the machine reports.
type recorder struct {
	Ignore
	names map[Global]bool
}

func (r *recorder) Import(m *Machine, at Site, id GlobalID) { r.names[m.GlobalName(id)] = true }

// TestOracle compares the globals that the machine sees with those that CPython's find_class is asked for: equal where CPython loads the
// pickle, a superset where it does not. MERLON_PICKLE_CORPUS names a folder of further pickles.
func TestOracle(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("python3 is not installed: apt-get install python3")
		}
		t.Fatal("python3 is not installed: apt-get install python3")
	}
	cmd := exec.Command(python, "testdata/oracle.py", "1", "9000", os.Getenv("MERLON_PICKLE_CORPUS"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle: %v\n%s", err, stderr.Bytes())
	}
	m := new(Machine)
	total, loaded, failures := 0, 0, 0
	opcodes := map[Opcode]bool{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 4 {
			t.Fatalf("oracle printed %q", lines.Text())
		}
		data := oracleBytes(t, f[1])
		for i := range data {
			opcodes[Opcode(data[i])] = true
		}
		rec := &recorder{names: map[Global]bool{}}
		res := m.Run(context.Background(), bytes.NewReader(data), Options{End: int64(len(data))}, rec)
		total++
		want := oracleNames(t, f[3])
		got := names(rec.names)
		if f[2] == "1" {
			loaded++
			if !res.Stopped || len(res.Issues) > 0 && !harmlessTo(res.Issues) {
				t.Errorf("%s: CPython loads it, the machine says %v\n%q", f[0], res.Issues, data[:min(len(data), 300)])
				failures++
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: globals differ (-CPython +machine):\n%s%q", f[0], d, data[:min(len(data), 300)])
				failures++
			}
		} else if missing := minus(want, got); len(missing) > 0 {
			t.Errorf("%s: CPython asks for %v before it fails, the machine does not\n%q", f[0], missing, data[:min(len(data), 300)])
			failures++
		}
		if failures > 10 {
			t.Fatal("too many differences")
		}
	}
	t.Logf("%d pickles, %d of them loaded by CPython", total, loaded)
	if total < 3000 || loaded < 1500 {
		t.Errorf("%d pickles, %d loaded: want at least 3000 and 1500", total, loaded)
	}
	for b := range 256 {
		if op := Opcode(b); op.Known() && !opcodes[op] {
			t.Errorf("no pickle contains %v", op)
		}
	}
}

// harmlessTo: an opcode that crosses the end of a frame and a memo index of gigabytes
// are issues although some readers, with enough memory, load them.
func harmlessTo(issues []Issue) bool {
	return !slices.ContainsFunc(issues, func(i Issue) bool { return i.Kind != IssueFrame && i.Kind != IssueMemoLost })
}

func oracleBytes(t *testing.T, s string) []byte {
	t.Helper()
	if path, ok := strings.CutPrefix(s, "file:"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func oracleNames(t *testing.T, s string) []string {
	t.Helper()
	var out []string
	for _, pair := range strings.Fields(s) {
		a, b, _ := strings.Cut(pair, ":")
		module, err1 := hex.DecodeString(a)
		name, err2 := hex.DecodeString(b)
		if err1 != nil || err2 != nil {
			t.Fatalf("oracle printed %q", pair)
		}
		out = append(out, string(module)+" "+string(name))
	}
	sort.Strings(out)
	return out
}

func names(set map[Global]bool) []string {
	var out []string
	for g := range set {
		out = append(out, g.Module+" "+g.Name)
	}
	sort.Strings(out)
	return out
}

func minus(a, b []string) []string {
	have := map[string]bool{}
	for _, s := range b {
		have[s] = true
	}
	var out []string
	for _, s := range a {
		if !have[s] {
			out = append(out, s)
		}
	}
	return out
}
