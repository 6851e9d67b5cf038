package secret

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// TestVerify: what an issuer says changes how much a finding matters; nothing else is
// asked about, and nobody is asked unless it is wanted.
func TestVerify(t *testing.T) {
	good, bad, slow := example(t, "groq-api-key", 1), example(t, "groq-api-key", 2), example(t, "huggingface-token", 3)
	dir := t.TempDir()
	text := "A=" + good + "\nB=" + bad + "\nC=" + slow + "\nDB_PASSWORD=kQ9v#Lx2pTz8wM4r\n"
	if err := os.WriteFile(filepath.Join(dir, "a.env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(_ context.Context, typ, value string) (string, bool, error) {
		switch {
		case typ == "generic-password":
			return "unknown", false, nil
		case value == good:
			return "works", true, nil
		case value == bad:
			return "refused", true, nil
		}
		return "unknown", true, errors.New("issuer does not answer")
	}
	r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{Verifying(New(), check)}})
	if err != nil || len(r.Findings) != 4 {
		t.Fatalf("%d findings, %v", len(r.Findings), err)
	}
	for _, f := range r.Findings {
		want := map[int]struct {
			sev  finding.Severity
			text string
		}{1: {finding.High, "accepts it"}, 2: {finding.Low, "refuses it"}, 3: {finding.High, "not verified: issuer does not answer"}, 4: {0, ""}}[f.Locations[0].Line]
		if want.sev != 0 && (f.Severity != want.sev || !strings.Contains(f.Message, want.text)) || want.sev == 0 && f.Attrs["verified"] != nil {
			t.Errorf("line %d: %s, %q", f.Locations[0].Line, f.Severity, f.Message)
		}
	}
}
