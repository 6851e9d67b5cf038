package decode

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const inner = `{"user": "ada", "token": "not a real one", "host": "db.internal"}`

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func wrapped(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}

func TestEach(t *testing.T) {
	long := strings.Repeat(inner, 5)
	for name, tt := range map[string]struct{ kind, encoded, want string }{
		"base64":     {"base64", base64.StdEncoding.EncodeToString([]byte(inner)), inner},
		"url base64": {"base64", base64.URLEncoding.EncodeToString([]byte(inner + "???>>>")), inner + "???>>>"},
		"no padding": {"base64", base64.RawStdEncoding.EncodeToString([]byte(inner)), inner},
		"lines":      {"base64", wrapped(base64.StdEncoding.EncodeToString([]byte(long))), long},
		"hex":        {"hex", hex.EncodeToString([]byte(inner)), inner},
		"percent":    {"percent", url.QueryEscape(inner), ""},
		"gzip":       {"gzip in base64", zipped(long), long},
	} {
		t.Run(name, func(t *testing.T) {
			for _, around := range []string{"", "x = '", "  - ", `{"a": "`} {
				text := around + tt.encoded + "'\nrest"
				var got []string
				Each([]byte(text), Default(len(text)), func(l Layer) {
					if l.Kind == tt.kind {
						got = append(got, string(l.Text))
					}
				})
				want := tt.want
				if want == "" {
					want = strings.ReplaceAll(inner, " ", "+")
				}
				if d := cmp.Diff([]string{want}, got); d != "" {
					t.Errorf("after %q (-want +got):\n%s", around, d)
				}
			}
		})
	}
}

// TestOrdinaryTextHasNoLayers: identifiers, hashes, paths and random bytes hold no
// text.
func TestOrdinaryTextHasNoLayers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	random := make([]byte, 3000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	for _, text := range []string{
		"StableDiffusionXLControlNetInpaintPipelineWithSomethingElseInItsName",
		hex.EncodeToString(random[:64]),
		base64.StdEncoding.EncodeToString(random),
		"https/github/com/some/very/long/path/that/has/only/letters/in/it/and/slashes",
		"50% of 100% are %s",
	} {
		Each([]byte(text), Default(len(text)), func(l Layer) { t.Errorf("%q: %s %q", text, l.Kind, l.Text) })
	}
}

// TestBudget: a bomb ends where the budget does.
func TestBudget(t *testing.T) {
	bomb := zipped(strings.Repeat("a", 10<<20))
	b, total := &Budget{Bytes: 1 << 20, Depth: 3}, 0
	Each([]byte(strings.Repeat(bomb+"\n\n", 50)), b, func(l Layer) { total += len(l.Text) })
	if total > 1<<20 {
		t.Errorf("%d bytes were decoded", total)
	}
	nested := inner
	for range 6 {
		nested = base64.StdEncoding.EncodeToString([]byte(nested))
	}
	b, deepest := Default(len(nested)), 0
	var walk func(text []byte, depth int)
	walk = func(text []byte, depth int) {
		deepest = max(deepest, depth)
		Each(text, b, func(l Layer) { walk(l.Text, depth+1) })
	}
	walk([]byte(nested), 0)
	if deepest != 3 {
		t.Errorf("%d layers were opened, want 3", deepest)
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(inner))))
	f.Add([]byte(url.QueryEscape(inner)))
	f.Add([]byte(zipped(strings.Repeat(inner, 3))))
	f.Fuzz(func(t *testing.T, text []byte) {
		b := Default(len(text))
		have := b.Bytes
		last := -1
		Each(text, b, func(l Layer) {
			if l.Start < 0 || l.End > len(text) || l.Start >= l.End {
				t.Errorf("layer at %d to %d of %d bytes", l.Start, l.End, len(text))
			}
			last = l.End
		})
		_ = last
		if b.Bytes < 0 || b.Bytes > have || b.Depth != 3 {
			t.Errorf("the budget is %+v afterwards", *b)
		}
	})
}
