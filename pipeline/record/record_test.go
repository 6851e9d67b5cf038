package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/record/watch"
)

// TestMain lets this program be what merlon is: it becomes a step, and it copies files
// without the help of a C library.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 3 && os.Args[1] == "watched-step":
		panic(Watched(os.Args[2:]))
	case len(os.Args) == 4 && os.Args[1] == "copy":
		b, err := os.ReadFile(os.Args[2])
		if err == nil {
			err = os.WriteFile(os.Args[3], b, 0o644)
		}
		if err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func project(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the steps of this test are scripts of a POSIX shell")
	}
	dir := t.TempDir()
	for name, body := range map[string]string{"a.csv": "A", "b.csv": "B", "sub/c.csv": "C", ".git/HEAD": "x", "venv/pyvenv.cfg": "home = /usr", "venv/x.py": "V", "old/1": "1"} {
		write(t, filepath.Join(dir, name), body)
	}
	return dir
}

func write(t *testing.T, name, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a script as a step.
func run(t *testing.T, dir string, o Options, command ...string) (*Result, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	o.Command, o.Dir, o.Stdout, o.Stderr = command, dir, &log, &log
	o.Tool = evidence.Tool{Name: "merlon", Version: "test"}
	o.Helper = []string{self, self, "watched-step"}
	res, err := Run(t.Context(), o)
	if err == nil && !o.Declared && res.Run.InputsFrom != "observed" {
		if os.Getenv("CI") == "" {
			t.Skip(res.Notes)
		}
		t.Fatal(res.Notes)
	}
	if log.Len() > 0 {
		t.Log(log.String())
	}
	return res, err
}

// names writes resources as "name=content", where the content is known by its digest.
func names(list []evidence.Resource, contents ...string) []string {
	known := map[string]string{}
	for _, c := range contents {
		sum := sha256.Sum256([]byte(c))
		known[hex.EncodeToString(sum[:])] = c
	}
	out := []string{}
	for _, r := range list {
		c, ok := known[r.Digest["sha256"]]
		if !ok {
			c = "?"
		}
		out = append(out, r.Name+"="+c)
	}
	return out
}

func TestRunObserves(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, script    string
		inputs, outputs []string
	}{
		{"reads and writes", "cat a.csv > out", []string{"a.csv=A"}, []string{"out=A"}},
		{"children of children", "sh -c 'sh -c \"cat a.csv sub/c.csv > x/../out\"' ; true", []string{}, []string{}},
		{"children of children, in the background", "(sh -c 'cat a.csv sub/c.csv' > out) & wait", []string{"a.csv=A", "sub/c.csv=C"}, []string{"out=AC"}},
		{"without a C library", "'" + self + "' copy b.csv out", []string{"b.csv=B"}, []string{"out=B"}},
		{"another working directory", "cd sub && cat ../a.csv c.csv > ../out", []string{"a.csv=A", "sub/c.csv=C"}, []string{"out=AC"}},
		{"an input that is overwritten counts as it was", "read x < a.csv; printf AB > a.csv", []string{"a.csv=A"}, []string{"a.csv=AB"}},
		{"an input that is removed", "cat a.csv > out; rm a.csv", []string{"a.csv=A"}, []string{"out=A"}},
		{"an input that is replaced", "cat a.csv; cp b.csv t; mv t a.csv", []string{"a.csv=A", "b.csv=B"}, []string{"a.csv=B"}},
		{"written, then read", "cp a.csv t; cat t > out", []string{"a.csv=A"}, []string{"out=A", "t=A"}},
		{"written under a temporary name", "cp a.csv .tmp.1 && mv .tmp.1 model", []string{"a.csv=A"}, []string{"model=A"}},
		{"linked in place", "cp a.csv t && ln t model && rm t", []string{"a.csv=A"}, []string{"model=A"}},
		{"a folder that is renamed", "mkdir d && cp a.csv d/w && mv d final", []string{"a.csv=A"}, []string{"final/w=A"}},
		{"removed again", "cp a.csv t; rm t", []string{"a.csv=A"}, []string{}},
		{"a link", "ln -s a.csv l; cat l > out", []string{"a.csv=A"}, []string{"out=A"}},
		{"what does not count", "cat .git/HEAD venv/x.py /etc/hostname; mkdir __pycache__; cp a.csv __pycache__/x.pyc; cat missing; true", []string{"a.csv=A"}, []string{}},
		{"opened for writing and left alone", "exec 3<>a.csv; true", []string{"a.csv=A"}, []string{}},
		{"a script that is executed", "printf '#!/bin/sh\\ncat b.csv' > s; chmod +x s; ./s > out", []string{"b.csv=B"}, []string{"out=B", "s=#!/bin/sh\ncat b.csv"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t)
			res, err := run(t, dir, Options{}, "sh", "-c", tt.script)
			if err != nil {
				t.Fatal(err)
			}
			contents := []string{"A", "B", "C", "AB", "AC", "#!/bin/sh\ncat b.csv"}
			if diff := cmp.Diff(tt.inputs, names(res.Run.Inputs, contents...)); diff != "" {
				t.Errorf("inputs (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.outputs, names(res.Run.Outputs, contents...)); diff != "" {
				t.Errorf("outputs (-want +got)\n%s", diff)
			}
			if len(tt.outputs) > 0 {
				statements, err := res.Statements()
				if err != nil || len(statements) != 2 {
					t.Errorf("%d statements, %v", len(statements), err)
				}
			}
		})
	}
}

func TestDeclaredFolderCountsAsOne(t *testing.T) {
	dir := project(t)
	res, err := run(t, dir, Options{Inputs: []string{"sub"}, Outputs: []string{"out"}}, "sh", "-c", "cat sub/c.csv a.csv > out; cp a.csv log")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.csv=A", "sub=?"}, names(res.Run.Inputs, "A", "C")); diff != "" {
		t.Error(diff)
	}
	if len(res.Subjects) != 1 || res.Subjects[0].Name != "out" || len(res.Run.Outputs) != 2 {
		t.Errorf("it is about %v, of %v", res.Subjects, res.Run.Outputs)
	}
}

func TestDeclared(t *testing.T) {
	dir := project(t)
	res, err := run(t, dir, Options{Declared: true, Inputs: []string{"a.csv"}, Outputs: []string{"out"}}, "sh", "-c", "cat a.csv b.csv > out")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.csv=A"}, names(res.Run.Inputs, "A")); diff != "" || res.Run.InputsFrom != "declared" {
		t.Error(res.Run.InputsFrom, diff)
	}
	if _, err := run(t, dir, Options{Declared: true}, "sh", "-c", "true"); err == nil {
		t.Error("nothing is observed and nothing declared, and that is fine")
	}
}

func TestExitCodes(t *testing.T) {
	dir := project(t)
	for script, want := range map[string]int{"exit 7": 7, "kill -TERM $$": 128 + int(syscall.SIGTERM)} {
		res, err := run(t, dir, Options{}, "sh", "-c", script)
		if err != nil || res.ExitCode != want || res.Run.ExitCode != int64(want) {
			t.Errorf("%s: %+v, %v", script, res, err)
		}
	}
	if _, err := run(t, dir, Options{}, "no-such-program"); !errors.Is(err, ErrNotStarted) {
		t.Error(err)
	}
}

func TestSignalsArePassedOn(t *testing.T) {
	dir := project(t)
	signals := make(chan os.Signal, 1)
	in, out := io.Pipe()
	go func() { // the step says when it is ready
		b := make([]byte, 1)
		_, _ = in.Read(b)
		signals <- syscall.SIGTERM
		_, _ = io.Copy(io.Discard, in)
	}()
	self, _ := os.Executable()
	res, err := Run(t.Context(), Options{
		Command: []string{"sh", "-c", "trap 'exit 5' TERM; echo r; while :; do sleep 0.05; done"}, Dir: dir,
		Helper: []string{self, self, "watched-step"}, Stdout: out, Stderr: io.Discard, Signals: signals, Tool: evidence.Tool{Name: "m"},
	})
	if errors.Is(err, watch.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil || res.ExitCode != 5 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestSecretsAreNotRecorded(t *testing.T) {
	token := "hf_" + "QzXwVbNmLkJhGfDsApOiUyTrEwQaZxSwEd" // of no account
	vars, notes := environment([]string{"MY_TOKEN", "NOTE", "MODE", "URL"}, []string{
		"MY_TOKEN=x", "NOTE=" + token, "MODE=fast", "URL=https://ada:tr0ub4dor-und-3@db.internal/", "OTHER=1", "PYTHONHASHSEED=0"})
	want := map[string]string{"MY_TOKEN": withheld, "NOTE": withheld, "MODE": "fast", "URL": withheld, "PYTHONHASHSEED": "0"}
	if diff := cmp.Diff(want, vars); diff != "" || len(notes) != 3 {
		t.Error(diff, notes)
	}
	command, any := masked([]string{"train", "--api-key", "k123", "--token=" + token, "--max-tokens", "512", token, "--lr=0.1", "--password", "--x"})
	if diff := cmp.Diff([]string{"train", "--api-key", withheld, "--token=" + withheld, "--max-tokens", "512", withheld, "--lr=0.1", "--password", "--x"}, command); diff != "" || !any {
		t.Error(diff)
	}
}

func TestPackages(t *testing.T) {
	site := filepath.Join(t.TempDir(), "lib", "python3.12", "site-packages")
	write(t, filepath.Join(site, "numpy-2.1.0.dist-info", "METADATA"), "Metadata-Version: 2.1\nName: numpy\nVersion: 2.1.0\n\nName: other\n")
	write(t, filepath.Join(site, "old.egg-info", "PKG-INFO"), "Name: old\nVersion: 1\n")
	write(t, filepath.Join(site, "x", "METADATA"), "Name: x\nVersion: 1\n")
	want := []evidence.Package{{Name: "numpy", Version: "2.1.0"}, {Name: "old", Version: "1"}}
	if diff := cmp.Diff(want, packages([]string{site, site})); diff != "" {
		t.Error(diff)
	}
	bin := filepath.Join(site, "../../../bin")
	write(t, filepath.Join(site, "../../../pyvenv.cfg"), "home = /usr/bin\nversion = 3.12.4\n")
	write(t, filepath.Join(bin, "python"), "")
	write(t, filepath.Join(bin, "tool"), "#!"+filepath.Join(bin, "python")+"\n")
	for _, f := range []string{"python", "tool"} {
		if err := os.Chmod(filepath.Join(bin, f), 0o755); err != nil {
			t.Fatal(err)
		}
		sites, version := python([]string{filepath.Join(bin, f)}, func(string) string { return "" })
		if !slices.Equal(sites, []string{filepath.Clean(site)}) || version != "CPython 3.12.4" {
			t.Errorf("%s: %v %s", f, sites, version)
		}
	}
}

func TestRerun(t *testing.T) {
	dir := project(t)
	res, err := run(t, dir, Options{}, "sh", "-c", "cat a.csv b.csv > sub/out; echo $$ > pid")
	if err != nil {
		t.Fatal(err)
	}
	again := func() (*Repetition, error) {
		return Rerun(t.Context(), RerunOptions{Run: res.Run, Dir: dir, Stdout: io.Discard, Stderr: io.Discard})
	}
	write(t, filepath.Join(dir, "pid"), "mine")
	rep, err := again()
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Outputs) != 2 || rep.Outputs[0].Same() || !rep.Outputs[1].Same() || rep.Outputs[1].Name != "sub/out" {
		t.Errorf("%+v", rep)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "pid")); string(b) != "mine" {
		t.Error("the project was written to")
	}
	write(t, filepath.Join(dir, "a.csv"), "other")
	if _, err := again(); !errors.Is(err, ErrInputs) || !strings.Contains(err.Error(), "a.csv is another") {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, "b.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := again(); !errors.Is(err, ErrInputs) || !strings.Contains(err.Error(), "b.csv is missing") {
		t.Error(err)
	}
}
