package hdf5

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

type row struct {
	Name  string   `json:"name"`
	DType string   `json:"dtype"`
	Shape []uint64 `json:"shape"`
}

type text struct {
	Object string `json:"object"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

type content struct {
	Datasets   []row  `json:"datasets"`
	Attributes []text `json:"attributes"`
}

// read collects everything in a file.
func read(b []byte) (content, []*Dataset, []*Link, []string, error) {
	c := content{Datasets: []row{}, Attributes: []text{}}
	var sets []*Dataset
	var links []*Link
	var odd []string
	err := Walk(context.Background(), bytes.NewReader(b), int64(len(b)), Visitor{
		Want: func(string, string) bool { return true },
		Attribute: func(a *Attribute) {
			if len(a.Texts) == 1 && len(a.Shape) == 0 {
				c.Attributes = append(c.Attributes, text{a.Object, a.Name, a.Texts[0]})
			}
		},
		Dataset: func(d *Dataset) {
			r := row{Name: d.Name, Shape: append([]uint64{}, d.Shape...)}
			if d.Type != nil {
				r.DType = d.Type.Name
			}
			c.Datasets = append(c.Datasets, r)
			sets = append(sets, d)
		},
		Link: func(l *Link) { links = append(links, l) },
		Odd:  func(_ int64, what string) { odd = append(odd, what) },
		Value: func(x *Value) {
			var buf [16]byte
			n, err := x.Data.ReadAt(buf[:], 0)
			if int64(n) != min(x.Data.Size(), 16) {
				panic(fmt.Sprintf("value of %d bytes at %d: %d, %v", x.Data.Size(), x.Offset, n, err))
			}
		},
	})
	slices.SortFunc(c.Datasets, func(a, b row) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(c.Attributes, func(a, b text) int {
		return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Name, b.Name))
	})
	return c, sets, links, odd, err
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOracle reads files that h5py wrote (bench/formats/keras/make.py) and compares
// with what h5py says about them.
func TestOracle(t *testing.T) {
	files, err := filepath.Glob("testdata/*.h5")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got, _, _, odd, err := read(load(t, filepath.Base(file)))
			if err != nil || len(odd) > 0 {
				t.Error(err, odd)
			}
			var want content
			if err := json.Unmarshal(load(t, filepath.Base(file)+".json"), &want); err != nil {
				t.Fatal(err)
			}
			if d := gocmp.Diff(want, got); d != "" {
				t.Errorf("h5py says otherwise (-) than merlon (+):\n%s", d)
			}
		})
	}
}

func TestElsewhere(t *testing.T) {
	_, sets, _, _, _ := read(load(t, "external-storage.h5"))
	if d := gocmp.Diff([]External{{"/etc/hostname", 0, 16}}, sets[0].External); d != "" {
		t.Error(d)
	}
	_, _, links, _, _ := read(load(t, "external-link.h5"))
	if len(links) != 1 || links[0].File != "../other.h5" || links[0].Target != "/secret" || links[0].Name != "/weights" {
		t.Errorf("%+v", links)
	}
	_, sets, _, _, _ = read(load(t, "virtual.h5"))
	if d := gocmp.Diff([]string{"/tmp/other.h5"}, sets[0].Virtual); d != "" {
		t.Error(d)
	}
	_, _, links, _, _ = read(load(t, "kinds.h5"))
	if len(links) != 1 || links[0].Target != "/big" || links[0].File != "" {
		t.Errorf("%+v", links)
	}
	_, sets, _, _, _ = read(load(t, "huge.h5"))
	if sets[0].Bytes() != 1<<42 || sets[0].Layout != "chunked" || sets[0].HasData {
		t.Errorf("%+v", sets[0])
	}
}

// TestTruncation cuts files everywhere: something must be missing, and said to be.
func TestTruncation(t *testing.T) {
	for _, name := range []string{"simple.h5", "latest.h5", "external-link.h5", "virtual.h5", "huge.h5"} {
		b := load(t, name)
		for n := range b {
			if _, _, _, _, err := read(b[:n]); err == nil {
				t.Fatalf("%s cut at %d is accepted", name, n)
			}
		}
	}
}

func TestMutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"simple.h5", "latest.h5", "dense.h5", "kinds.h5", "virtual.h5", "external-storage.h5"} {
		b := load(t, name)
		for range 3000 {
			m := bytes.Clone(b)
			for range 1 + rng.IntN(4) {
				i := rng.IntN(len(m) - 8)
				switch rng.IntN(3) {
				case 0:
					m[i] = byte(rng.Uint32())
				case 1:
					binary.LittleEndian.PutUint64(m[i:], rng.Uint64()>>rng.IntN(64))
				case 2:
					copy(m[i:], strings.Repeat("\xff", 8))
				}
			}
			_, _, _, _, _ = read(m)
		}
	}
}

// TestCircles lets groups contain themselves and trees be their own children.
func TestCircles(t *testing.T) {
	b := load(t, "wide.h5")
	tree := bytes.Index(b, []byte("TREE"))
	m := bytes.Clone(b)
	binary.LittleEndian.PutUint64(m[tree+32:], uint64(tree)) // the first child is the node itself
	m[tree+5] = 1
	if _, _, _, _, err := read(m); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Error(err)
	}
}

func FuzzWalk(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.h5")
	for _, file := range files {
		f.Add(load(f, filepath.Base(file)))
	}
	f.Fuzz(func(t *testing.T, b []byte) { _, _, _, _, _ = read(b) })
}
