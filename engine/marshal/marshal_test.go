package marshal

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// samples are what marshal.dumps of several versions of Python wrote
// (bench/formats/keras/marshalled.py), with the names that each version says are used.
func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.bin")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

func TestNames(t *testing.T) {
	for _, file := range samples(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(b)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got := []string{}
		for _, c := range c.All() {
			got = append(got, c.Names...)
		}
		slices.Sort(got)
		var want []string
		j, err := os.ReadFile(strings.TrimSuffix(file, ".bin") + ".json")
		if err == nil {
			err = json.Unmarshal(j, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", file, d)
		}
		for n := range b {
			if _, err := Read(b[:n]); err == nil {
				t.Errorf("%s cut at %d is accepted", file, n)
			}
		}
		if _, err := Read(append(bytes.Clone(b), 'N')); err == nil {
			t.Errorf("%s: something behind it is accepted", file)
		}
	}
}

func TestHostile(t *testing.T) {
	for name, s := range map[string]string{
		"empty": "", "no code": "N", "deep": "c" + strings.Repeat("(\x01\x00\x00\x00", 5000),
		"length lie":   "c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00s\xff\xff\xff\x7f",
		"no reference": "cr\xff\xff\xff\xff",
	} {
		if _, err := Read([]byte(s)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := Read(b); err == nil {
			c.All()
		}
	})
}
