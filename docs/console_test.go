// Package docs tests the documents: the commands they show are run, and what they
// print is compared with what the documents say.
//
//	go test ./docs -update    # write what the commands print today
package docs

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/internal/cli"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the commands print into the documents")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"merlon": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// documents lists what is tested, from this folder.
func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(docs, "../README.md")
}

// TestConsole runs the commands of every ```console block: lines that begin with
// "$ " in a folder that holds copies of examples/ and of what testdata/ has for the
// document, block after block. A line "..." in the document stands for any lines. A block "```yaml file=NAME" is written
// there as that file first.
func TestConsole(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the documents show a POSIX shell")
	}
	for _, doc := range documents(t) {
		t.Run(filepath.Base(doc), func(t *testing.T) {
			b, err := os.ReadFile(doc)
			if err != nil {
				t.Fatal(err)
			}
			work := t.TempDir()
			if err := os.CopyFS(filepath.Join(work, "examples"), os.DirFS("../examples")); err != nil {
				t.Fatal(err)
			}
			own := filepath.Join("testdata", strings.TrimSuffix(filepath.Base(doc), ".md"))
			if err := os.CopyFS(work, os.DirFS(own)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			got, commands := runBlocks(t, string(b), work)
			if commands == 0 && strings.Contains(string(b), "$ merlon") {
				t.Error("no ```console block was found")
			}
			if got == string(b) {
				return
			}
			if *update {
				if err := os.WriteFile(doc, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("the commands print something else today (-document +today); if that is right: go test ./docs -update\n%s",
				cmp.Diff(strings.Split(string(b), "\n"), strings.Split(got, "\n")))
		})
	}
}

// runBlocks returns the document with the output of its commands as it is today.
// Output that says the same, apart from times, is left as it stands.
func runBlocks(t *testing.T, doc, work string) (string, int) {
	t.Helper()
	var out []string
	lines, commands := strings.Split(doc, "\n"), 0
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		if m := written.FindStringSubmatch(lines[i]); m != nil {
			writeBlock(t, filepath.Join(work, m[1]), lines[i+1:])
		}
		if lines[i] != "```console" {
			continue
		}
		for i++; i < len(lines) && lines[i] != "```"; {
			command, ok := strings.CutPrefix(lines[i], "$ ")
			if !ok {
				t.Fatalf("line %d: a console block begins with a command: %q", i+1, lines[i])
			}
			out = append(out, lines[i])
			var want []string
			for i++; i < len(lines) && lines[i] != "```" && !strings.HasPrefix(lines[i], "$ "); i++ {
				want = append(want, lines[i])
			}
			commands++
			got := runCommand(t, command, work)
			if matches(want, got) {
				got = want
			}
			out = append(out, got...)
		}
		if i < len(lines) {
			out = append(out, lines[i])
		}
	}
	return strings.Join(out, "\n"), commands
}

var written = regexp.MustCompile("^```yaml file=([a-z./]+)$")

func writeBlock(t *testing.T, file string, lines []string) {
	t.Helper()
	body := strings.Join(lines[:slices.Index(lines, "```")], "\n") + "\n"
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runCommand(t *testing.T, command, work string) []string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = work
	// What merlon keeps for its user is kept in the folder, not in that of who tests.
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "COLUMNS=100", "LC_ALL=C.UTF-8",
		"XDG_DATA_HOME="+filepath.Join(work, ".data"), "XDG_STATE_HOME="+filepath.Join(work, ".state"))
	registry := "registry.example.com"
	if strings.Contains(command, "$REGISTRY") {
		registry = registryAddress()
		cmd.Env = append(cmd.Env, "REGISTRY="+registry, "DOCKER_CONFIG="+work)
	}
	b, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatalf("%s: %v", command, err)
	}
	text := strings.ReplaceAll(strings.TrimRight(string(b), "\n"), work, "/project")
	text = strings.ReplaceAll(text, registry, "registry.example.com")
	if text == "" {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// variable is what differs from run to run, or from machine to machine.
var variable = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\b\d+(\.\d+)?\s?(µs|ms|s|seconds)\b`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z?`), "DATE"},
	{regexp.MustCompile(`"duration_ms": ?\d+|\btime="[\d.]+"`), "DURATION"},
	{regexp.MustCompile(`\bdevel(-[0-9a-f]{12})?(\+changes)?|\bv\d+\.\d+\.\d+\S*`), "VERSION"},
	{regexp.MustCompile(`\bgo1\.\d+(\.\d+)?|\b(linux|darwin)/(amd64|arm64)\b`), "PLATFORM"},
}

func same(want, got string) bool {
	for _, v := range variable {
		want, got = v.re.ReplaceAllString(want, v.with), v.re.ReplaceAllString(got, v.with)
	}
	return want == got
}

// matches compares line by line; "..." in want stands for any number of lines.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for skip := range len(got) + 1 {
			if matches(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && same(want[0], got[0]) && matches(want[1:], got[1:])
}
