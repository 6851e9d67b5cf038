package verdict_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// scanner judges every file by a function.
type scanner struct{ f func(*verdict.Judge) error }

func (s scanner) Info() scan.Info {
	return scan.Info{ID: "x", Verdicts: true, Rules: []finding.Rule{{ID: "artifact/x"}}}
}
func (s scanner) Wants(scan.FileInfo) scan.Need { return scan.Yes }
func (s scanner) Scan(ctx context.Context, f scan.File, k *scan.Sink) error {
	return verdict.Scan(ctx, f, k, "x", s.f)
}

func run(t *testing.T, f func(*verdict.Judge) error) *scan.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := os.WriteFile(path, []byte("m"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := scan.Run(context.Background(), scan.Options{Roots: []string{path}, Scanners: []scan.Scanner{scanner{f}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Assets) != 1 {
		t.Fatalf("%d assets, want 1", len(r.Assets))
	}
	return r
}

func TestVerdict(t *testing.T) {
	for want, f := range map[asset.Verdict]func(*verdict.Judge) error{
		asset.OK: func(j *verdict.Judge) error { j.At(asset.Unknown, "artifact/x", 0, "noted"); return nil },
		asset.Unverified: func(j *verdict.Judge) error {
			j.At(asset.Unverified, "artifact/x", -1, "a")
			j.At(asset.OK, "artifact/x", -1, "b")
			return nil
		},
		asset.Failed:    func(j *verdict.Judge) error { return errors.New("broken") },
		asset.Malicious: func(j *verdict.Judge) error { j.At(asset.Malicious, "artifact/x", 0, "a"); return errors.New("broken") },
	} {
		r := run(t, f)
		if got := r.Assets[0].Verdict; got != want {
			t.Errorf("verdict %q, want %q", got, want)
		}
	}
}

func TestFloodIsCounted(t *testing.T) {
	r := run(t, func(j *verdict.Judge) error {
		for range 1000 {
			j.At(asset.Unverified, "artifact/x", -1, "again")
			j.Fail(errors.New("again"))
		}
		return nil
	})
	if len(r.Findings) != verdict.PerRule+1 {
		t.Errorf("%d findings", len(r.Findings))
	}
	if last := r.Findings[len(r.Findings)-1]; !strings.Contains(last.Message, "950 more") {
		t.Errorf("last finding: %s", last.Message)
	}
}

func TestShow(t *testing.T) {
	for in, want := range map[string]string{"a\nb": `"a\nb"`, "ééé": `"éé..."`, "": `""`} {
		if got := verdict.Show(in, 5); got != want {
			t.Errorf("Show(%q) = %s, want %s", in, got, want)
		}
	}
}
