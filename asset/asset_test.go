package asset

import (
	"strings"
	"testing"
)

func TestRefString(t *testing.T) {
	for want, r := range map[string]Ref{
		"m.zip!/data.pkl":       Ref{Path: "m.zip"}.Join(Step{Kind: Member, Name: "data.pkl"}),
		"m.zip!/data.pkl#1":     Ref{Path: "m.zip"}.Join(Step{Kind: Member, Name: "data.pkl", N: 1}),
		"n.ipynb#cell=3":        Ref{Path: "n.ipynb"}.Join(Step{Kind: Cell, N: 3}),
		"m.gz!gzip":             Ref{Path: "m.gz"}.Join(Step{Kind: Stream, Name: "gzip"}),
		"o!/layer@sha256:ab!/x": Ref{Path: "o"}.Join(Step{Kind: Layer, Name: "sha256:ab"}).Join(Step{Kind: Member, Name: "x"}),
		"m.gguf#key=tokenizer":  Ref{Path: "m.gguf"}.Join(Step{Kind: Key, Name: "tokenizer"}),
	} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestJoinDoesNotShareMemory(t *testing.T) {
	base := Ref{Path: "a"}.Join(Step{Kind: Member, Name: "b"})
	x, y := base.Join(Step{Kind: Member, Name: "x"}), base.Join(Step{Kind: Member, Name: "y"})
	if x.Name() != "x" || y.Name() != "y" || base.Name() != "b" {
		t.Errorf("got %s, %s, %s", x, y, base)
	}
}

func TestVerdictWorst(t *testing.T) {
	order := []Verdict{Unknown, OK, Unverified, Failed, Malicious}
	for i, a := range order {
		for j, b := range order {
			if got, want := a.Worst(b), order[max(i, j)]; got != want {
				t.Errorf("%q.Worst(%q) = %q, want %q", a, b, got, want)
			}
		}
	}
}

func TestManifestRoot(t *testing.T) {
	a, b := strings.Repeat("00", 32), strings.Repeat("ff", 32)
	x, err := Manifest{[]Resource{{Name: "a", SHA256: a}, {Name: "b", SHA256: b}}}.Root()
	if err != nil {
		t.Fatal(err)
	}
	y, err := Manifest{[]Resource{{Name: "b", SHA256: b}, {Name: "a", SHA256: a}}}.Root()
	if err != nil || x != y {
		t.Errorf("order changed the root: %s, %s, %v", x, y, err)
	}
	// By python3: hashlib.sha256(bytes(32) + b"\xff"*32).hexdigest()
	if want := "bba91ca85dc914b2ec3efb9e16e7267bf9193b14350d20fba8a8b406730ae30a"; x != want {
		t.Errorf("root = %s, want %s", x, want)
	}
	for name, m := range map[string]Manifest{
		"twice":  {[]Resource{{Name: "a", SHA256: a}, {Name: "a", SHA256: b}}},
		"no hex": {[]Resource{{Name: "a", SHA256: "zz"}}},
	} {
		if _, err := m.Root(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
