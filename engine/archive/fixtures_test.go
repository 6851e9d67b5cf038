package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// openContainer opens bytes as whatever container they are.
func openContainer(t testing.TB, b []byte) Container {
	t.Helper()
	f, ok := Detect(b)
	if !ok {
		t.Fatal("not recognised")
	}
	var c Container
	var err error
	switch f.Name {
	case "zip":
		c, err = ReadZip(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	case "tar":
		c, err = ReadTar(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{})
	case "7z":
		c, err = Open7z(bytes.NewReader(b), int64(len(b)), Limits{})
	default:
		t.Fatalf("recognised as %s", f.Name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readAll decodes a member and returns its anomalies together with those of its
// content.
func readAll(t testing.TB, c Container, i int) ([]byte, []Anomaly, error) {
	t.Helper()
	s, err := c.Open(i)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	b, err := io.ReadAll(s)
	return b, append(slices.Clone(c.Members()[i].Anomalies), s.Anomalies()...), err
}

func manifest(t testing.TB) map[string]map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// What libraries write must be read completely, and without a single anomaly: the
// scanner calls no such file ok.
func TestArchivesOfLibraries(t *testing.T) {
	for name, want := range manifest(t) {
		if ext := filepath.Ext(name); ext != ".zip" && ext != ".tar" && ext != ".7z" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			c := openContainer(t, b)
			if len(c.Anomalies()) > 0 {
				t.Errorf("anomalies of the archive: %+v", c.Anomalies())
			}
			got := map[string]string{}
			for i, m := range c.Members() {
				if m.Dir {
					continue
				}
				content, anomalies, err := readAll(t, c, i)
				var e *Error
				if strings.Contains(name, "ppmd") || strings.Contains(name, "encrypted") {
					if !errors.As(err, &e) || e.Reason != Unsupported && e.Reason != Encrypted {
						if m.Size > 0 {
							t.Errorf("%s: error %v, want unsupported or encrypted", m.Name, err)
						}
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", m.Name, err)
				}
				if len(anomalies) > 0 {
					t.Errorf("%s: %+v", m.Name, anomalies)
				}
				sum := sha256.Sum256(content)
				got[m.Name] = hex.EncodeToString(sum[:])
				if s := c.Section(i); s != nil {
					if in, _ := io.ReadAll(s); !bytes.Equal(in, content) {
						t.Errorf("%s: section differs from content", m.Name)
					}
				}
			}
			if strings.Contains(name, "ppmd") || strings.Contains(name, "encrypted") {
				return
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestStreamsOfLibraries(t *testing.T) {
	m := manifest(t)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		want, ok := m[name][""]
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			f, ok := Detect(b[:min(len(b), 4096)])
			if !ok || f.Kind != One {
				t.Fatalf("recognised as %q", f.Name)
			}
			s, err := OpenStream(f, bytes.NewReader(b), int64(len(b)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(s)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Anomalies()) > 0 {
				t.Errorf("anomalies: %+v", s.Anomalies())
			}
			if sum := sha256.Sum256(got); hex.EncodeToString(sum[:]) != want {
				t.Errorf("content of %d bytes differs", len(got))
			}

			// Cut in the middle: what comes before the cut is delivered, then an error.
			s, err = OpenStream(f, bytes.NewReader(b[:len(b)*3/4]), int64(len(b)*3/4), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			part, err := io.ReadAll(s)
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("cut stream: error %v, want an *Error", err)
			}
			blocks := strings.HasPrefix(name, "bzip2") || strings.HasPrefix(name, "lz4") // given whole or not at all
			if len(part) == 0 && !blocks || !bytes.HasPrefix(got, part) {
				t.Errorf("cut stream gave %d bytes that are not the beginning", len(part))
			}
		})
	}
}

// Text that begins like a compressed stream is text.
func TestDetectNothing(t *testing.T) {
	for _, s := range []string{"", "x", "x^2 + y^2 is the square of the radius\n", "BZh is how bzip2 begins", "PK", "]\x00", "(dp0\n.",
		"# comment\n", strings.Repeat("\x00", 4096), "\x80\x04K\x01.", "hello world", "H\x89 is no zlib", "h\x05ab\x81\x00\xff"} {
		if f, ok := Detect([]byte(s)); ok {
			t.Errorf("%.20q recognised as %s", s, f.Name)
		}
	}
}
