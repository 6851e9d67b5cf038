package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	module  = "github.com/merlon-security/merlon"
	maxFile = 20 << 10
)

func load(t *testing.T) []Source {
	t.Helper()
	sources, err := Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 10 {
		t.Fatalf("only %d Go files found: is this the module?", len(sources))
	}
	return sources
}

func TestFloors(t *testing.T) {
	for _, s := range load(t) {
		if _, ok := UnitOf(s.Package); !ok {
			t.Errorf("%s: its folder stands on no floor: add it to archtest.Units", s.File)
			continue
		}
		if s.Test {
			continue // a test may stand anywhere
		}
		for _, imp := range s.Imports {
			to, inside := strings.CutPrefix(imp, module)
			if !inside || to != "" && to[0] != '/' {
				continue
			}
			to = strings.TrimPrefix(to, "/")
			if why := Refuse(s.Package, to); why != "" {
				t.Errorf("%s imports %q: %s", s.File, to, why)
			}
		}
	}
}

func TestGuardedImports(t *testing.T) {
	for _, s := range load(t) {
		if s.Test {
			continue
		}
		for _, imp := range s.Imports {
			if !MayImport(s.Package, imp) {
				t.Errorf("%s imports %q: %s (exceptions: archtest.Guarded)", s.File, imp, Guarded[imp].Why)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range load(t) {
		if s.Inits > 0 && !s.Test && !s.Generated {
			t.Errorf("%s has func init(): put the value into an explicit table, or compute it on first use with sync.OnceValue", s.File)
		}
	}
}

func TestFileSizes(t *testing.T) {
	var sizes []int
	for _, s := range load(t) {
		if s.Generated {
			continue
		}
		if s.Size > maxFile {
			t.Errorf("%s has %d bytes, the limit is %d: split it by idea", s.File, s.Size, maxFile)
		}
		if !s.Test {
			sizes = append(sizes, s.Size)
		}
	}
	slices.Sort(sizes)
	t.Logf("%d files without tests: median %d bytes, p90 %d, largest %d (aim: 3 KB, 10 KB)",
		len(sizes), sizes[len(sizes)/2], sizes[len(sizes)*9/10], sizes[len(sizes)-1])
}

// TestMainIsThin keeps the program a door: everything it does is a library call.
func TestMainIsThin(t *testing.T) {
	b, err := os.ReadFile("../../cmd/merlon/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n > 40 {
		t.Errorf("cmd/merlon/main.go has %d lines, the limit is 40", n)
	}
}

// TestRefuse pins what the map means, independent of today's sources.
func TestRefuse(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		refused  bool
	}{
		{"scan", "asset", false},
		{"scan", "engine/pickle", true},
		{"engine/pickle", "safeio", false},
		{"engine/pickle", "engine/archive", false},
		{"engine/pickle", "gate", true},
		{"gate", "evidence", false},
		{"model/artifact/pickle", "engine/pickle", false},
		{"model/artifact/pickle", "model/artifact", false},
		{"model/artifact/pickle", "code/secret", true},
		{"model/artifact/pickle", "", true},
		{"", "model/artifact/pickle", false},
		{"", "report/sarif", true},
		{"report/sarif", "report", false},
		{"report/sarif", "finding", false},
		{"report/sarif", "gate", true},
		{"report/sarif", "", true},
		{"internal/cli", "report/sarif", false},
		{"internal/cli", "", false},
		{"cmd/merlon", "internal/cli", false},
		{"cmd/other", "internal/cli", true},
		{"server", "internal/cli", true},
		{"server/web", "server", false},
		{"tools/check", "internal/cli", false},
		{"internal/cli", "tools/check", true},
		{"nowhere", "scan", true},

		// Floors of what is being built, so that nobody finds out late.
		{"text/secret", "text/match", false},
		{"text/pii", "finding", false},
		{"text/injection", "engine/python", true},
		{"engine/python", "text/secret", false},
		{"engine/python", "sign", true},
		{"sign", "evidence", false},
		{"ledger", "asset", false},
		{"ledger", "sign", true},
		{"store", "ledger", true},
		{"code/sast", "engine/python", false},
		{"code/notebook", "code/sast", false},
		{"code/secret", "text/secret", false},
		{"code/agentconf", "text/injection", false},
		{"code/dependency", "model/artifact/pickle", true},
		{"pipeline/record", "ledger", false},
		{"pipeline/oci", "engine/archive", false},
		{"pipeline/admission", "gate", false},
		{"pipeline/admission", "governance/registry", true},
		{"", "code/sast", false},
	} {
		if why := Refuse(tt.from, tt.to); (why != "") != tt.refused {
			t.Errorf("Refuse(%q, %q) = %q, want refused = %v", tt.from, tt.to, why, tt.refused)
		}
	}
}
