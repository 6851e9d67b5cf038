package numpy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

// npy writes a file with the header as numpy.save does.
func npy(major int, header, data string) string {
	lead := 10
	if major > 1 {
		lead = 12
	}
	header += strings.Repeat(" ", 63-(lead+len(header))%64) + "\n"
	b := []byte{0x93, 'N', 'U', 'M', 'P', 'Y', byte(major), 0}
	if major > 1 {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	}
	return string(b) + header + data
}

func head(descr, shape string) string {
	return fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }", descr, shape)
}

func TestVerdicts(t *testing.T) {
	bad := "\x80\x02cos\nsystem\n(X\x10\x00\x00\x00echo merlon-testtR."
	good := "\x80\x02]q\x00K\x01a."
	floats := npy(1, head("'<f4'", "(2, 1)"), "12345678")
	tests := []struct {
		name, content string
		verdict       asset.Verdict
		rules         []string
		errors        int
	}{
		{"floats", floats, asset.OK, nil, 0},
		{"version 2", npy(2, head("'<f4'", "(2,)"), "12345678"), asset.OK, nil, 0},
		{"version 3", npy(3, head("[('é', '<f4')]", "(2,)"), "12345678"), asset.OK, nil, 0},
		{"scalar", npy(1, head("'|b1'", "()"), "1"), asset.OK, nil, 0},
		{"empty", npy(1, head("'<U10'", "(0, 5)"), ""), asset.OK, nil, 0},
		{"long of Python 2", npy(1, head("'<f4'", "(2L,)"), "12345678"), asset.OK, nil, 0},
		{"two in a row", floats + floats, asset.OK, nil, 0},
		{"too short", floats[:len(floats)-1], asset.Failed, []string{"artifact/numpy-size"}, 1},
		{"too long", floats + "x", asset.Unverified, []string{"artifact/numpy-size"}, 0},
		{"overflow", npy(1, head("'<f8'", "(4611686018427387904, 2)"), ""), asset.Failed, []string{"artifact/numpy-header"}, 1},
		{"huge", npy(1, head("'<f8'", "(4611686018427387904,)"), ""), asset.Failed, []string{"artifact/numpy-size"}, 1},
		{"objects", npy(1, head("'|O'", "(1,)"), good), asset.OK, []string{"artifact/numpy-object-array"}, 0},
		{"evil objects", npy(1, head("'|O'", "(1,)"), bad), asset.Malicious, []string{"artifact/numpy-object-array", "artifact/pickle-dangerous-call"}, 0},
		{"objects without a pickle", npy(1, head("'|O'", "(1,)"), "abc"), asset.Failed, []string{"artifact/numpy-object-array", "artifact/pickle-broken"}, 1},
		{"call in the header", npy(1, head("'<f4'", "__import__('os').getpid()"), ""), asset.Failed, []string{"artifact/numpy-header"}, 1},
		{"more keys", npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "1234"), asset.Failed, []string{"artifact/numpy-header"}, 1},
		{"version 9", "\x93NUMPY\x09\x00\x00\x00\x00\x00", asset.Failed, []string{"artifact/numpy-header"}, 1},
		{"header only", "\x93NUMPY", asset.Failed, []string{"artifact/numpy-header"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := artifacttest.ScanAll(t, []scan.Scanner{New(), pickle.New()}, "a.npy", []byte(tt.content))
			if r.Verdict != tt.verdict || r.Format != "npy" {
				t.Errorf("verdict %q of format %q, want %q", r.Verdict, r.Format, tt.verdict)
			}
			if d := cmp.Diff(tt.rules, r.Rules()); d != "" {
				t.Errorf("rules: %s\n%q", d, r.Messages())
			}
			if len(r.Errors) != tt.errors {
				t.Errorf("errors %v, want %d", r.Errors, tt.errors)
			}
		})
	}
}

func TestDtypes(t *testing.T) {
	tests := []struct {
		descr  string
		size   int64
		object bool
		bad    bool
	}{
		{"'<f8'", 8, false, false}, {"'|S5'", 5, false, false}, {"'<U3'", 12, false, false}, {"'>c16'", 16, false, false}, {"'<M8[ns]'", 8, false, false},
		{"'|V7'", 7, false, false}, {"'|O'", 8, true, false}, {"'O'", 8, true, false}, {"'<m8[25s]'", 8, false, false},
		{"[('a', '<f4'), ('b', '|O', (2, 2))]", 36, true, false}, {"[(('title', 'a'), '<i2', 3)]", 6, false, false}, {"('<f4', (2,))", 8, false, false},
		{"[('a', [('b', '<i4'), ('', '|V4')])]", 8, false, false},
		{"'<f4[ns]'", 0, false, true}, {"'x8'", 0, false, true}, {"'<<f4'", 0, false, true}, {"''", 0, false, true}, {"5", 0, false, true}, {"[('a',)]", 0, false, true},
		{"'<f99999999999999999999'", 0, false, true}, {"[(1, '<f4')]", 0, false, true}, {"[('a', '<f4', 'x')]", 0, false, true},
	}
	for _, tt := range tests {
		v, err := parseLiteral(tt.descr)
		if err != nil {
			t.Fatal(tt.descr, err)
		}
		d, err := parseDescr(v, 0)
		if (err != nil) != tt.bad || err != nil && !errors.Is(err, errHeader) {
			t.Errorf("%s: %v", tt.descr, err)
		}
		if err == nil && (d.size != tt.size || d.object != tt.object) {
			t.Errorf("%s: %+v", tt.descr, d)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(npy(1, head("[('a', '<f4'), ('b', '|O', (2, 2))]", "(2, 3)"), "")))
	f.Add([]byte(npy(2, head(`'\x41\u1234'`, "(2L,)"), "")))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readHeader(strings.NewReader(string(b)), 0, int64(len(b)))
		if err == nil && (h.data > int64(len(b)) || h.count < 0 || h.dtype.size < 0) {
			t.Fatalf("%+v", h)
		}
	})
}

// The arrays have the names and shapes that NumPy gives them, and the types as its dtype.str spells them.
func TestDescribe(t *testing.T) {
	saved, err := os.ReadFile("../testdata/real/current-numpy-mixed.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		format  string
		content []byte
		want    []asset.Tensor
	}{
		{"npy", []byte(npy(1, head("'<f4'", "(2, 1)"), "12345678") + npy(1, head("'|b1'", "()"), "1")),
			[]asset.Tensor{{Name: "m", DType: "<f4", Shape: []int64{2, 1}, Bytes: 8}, {Name: "m#2", DType: "|b1", Shape: []int64{}, Bytes: 1}}},
		{"npy", []byte(npy(1, head("'>i4'", "(1,)"), "1234")), []asset.Tensor{{Name: "m", DType: ">i4", Shape: []int64{1}, Bytes: 4}}},
		{"npz", saved, []asset.Tensor{{Name: "a", DType: "<i8", Shape: []int64{3}, Bytes: 24}, {Name: "b", DType: "|O", Shape: []int64{2}}}},
	} {
		d, err := artifacttest.Describe(t, New(), "m", tt.content)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, d.Tensors); diff != "" || d.Format != tt.format {
			t.Errorf("%s (-want +got)\n%s", d.Format, diff)
		}
	}
}
