package browsertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestComplaints: a page that does something wrong is told on; otherwise a green
// test of a page would mean nothing.
func TestComplaints(t *testing.T) {
	b := Start(t)
	for name, tt := range map[string]struct{ html, want string }{
		"console":   {`<script>console.error("oops")</script>`, "oops"},
		"exception": {`<script>throw new Error("thrown")</script>`, "thrown"},
		"policy":    {`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><script>1</script>`, "Content Security Policy"},
		"request":   {`<img src="nothing.png">`, "nothing.png"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte("<!doctype html><title>t</title>"+tt.html), 0o644); err != nil {
				t.Fatal(err)
			}
			probe := &recorder{TB: t}
			p := b.Open(probe, "file://"+file, Desktop)
			p.Settle()
			if got := strings.Join(p.Problems(), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("complaints %q, want one with %q", got, tt.want)
			}
		})
	}
}

// recorder keeps the expected complaints from failing the test.
type recorder struct{ testing.TB }

func (r *recorder) Errorf(string, ...any) {}
func (r *recorder) Cleanup(f func())      { r.TB.Cleanup(f) }
