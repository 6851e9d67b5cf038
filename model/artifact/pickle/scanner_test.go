package pickle

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func TestRules(t *testing.T) {
	for _, r := range Rules() {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
}

// The content decides, not the name; text and other formats are left alone.
func TestRecognition(t *testing.T) {
	float := strings.Repeat("F1.5\na", 2000)
	for _, tc := range []struct {
		name, file, data string
		want             asset.Verdict // empty: no model
	}{
		{"odd extension", "weights.txt", evilFile, asset.Malicious},
		{"no extension", "weights", p4(call(sglob("os", "system"), str(echo))), asset.Malicious},
		{"protocol 0 as text", "notes.md", "cos\nsystem\n(S'" + echo + "'\ntR.", asset.Malicious},
		{"protocol 0, broken", "notes.md", "cos\nsystem\n(S'" + echo + "'\ntR and more text\n", asset.Malicious},
		{"call behind much data", "table.csv", "(lp0\n" + float + "0cos\nsystem\n(S'" + echo + "'\ntR.", asset.Malicious},
		{"harmless, odd extension", "weights.bin", p2(call(glob("collections", "OrderedDict"))), asset.OK},
		{"source", "main.py", "class Foo\nimport bar\n", ""},
		{"list of words", "words", "cat\ndog\nmouse\n", ""},
		{"configure", "ignore", "configure\nmake\ninstall\n", ""},
		{"data only, no header", "a.txt", "(I1\nI2\nl.", ""},
		{"path configuration", "easy.pth", "import os; import sys\n./lib\n", ""},
		{"png named pkl", "x.pkl", "\x89PNG\r\n\x1a\n0000", ""},
		{"text named pkl", "x.pkl", "hello", asset.Failed},
		{"empty pkl", "x.pkl", "", asset.Failed},
		{"truncated pkl", "x.pkl", p4(list(str("a"), str("b")))[:8], asset.Failed},
		{"csv", "a.csv", "a,b\n1,2\n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), tc.file, []byte(tc.data))
			if r.Verdict != tc.want {
				t.Errorf("verdict %q, want %q\n%v\n%v", r.Verdict, tc.want, r.Messages(), r.Errors)
			}
			if (r.Verdict == asset.Failed) != (len(r.Errors) > 0 && r.Verdict != asset.Malicious) && r.Verdict != asset.Malicious {
				t.Errorf("verdict %q with errors %v", r.Verdict, r.Errors)
			}
		})
	}
}

// No file of Python's and Go's own sources is taken for a pickle.
func TestNoFalseRecognition(t *testing.T) {
	dir := filepath.Join(os.Getenv("GOROOT"), "src")
	if _, err := os.Stat(dir); err != nil || os.Getenv("GOROOT") == "" {
		dir = "../../.." // this repository
	}
	seen := 0
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.Contains(path, "testdata") || wanted(path) || strings.Contains(path, "/.cache/") || strings.Contains(path, "/.git/") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		seen++
		if mayBePickle(data[:min(len(data), 4096)], int64(len(data))) {
			if rep := judgeBytes(t, string(data), Options{}); rep.Verdict != asset.Unknown {
				t.Errorf("%s is taken for a pickle: %s", path, messages(rep))
			}
		}
		return nil
	})
	if seen < 100 {
		t.Errorf("only %d files looked at in %s", seen, dir)
	}
}

// arrayWrapper is what joblib writes for an array of n float64 with alignment padding, data included.
func arrayWrapper(n int, data string) string {
	dtype := call(glob("numpy", "dtype"), str("f8"), "\x89", "\x88") + tup("K\x03", str("<"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", "K\x00") + "b"
	state := dict(str("subclass"), glob("numpy", "ndarray"), str("shape"), tup("M"+string(binary.LittleEndian.AppendUint16(nil, uint16(n)))), str("order"), str("C"),
		str("dtype"), dtype, str("allow_mmap"), "\x88", str("numpy_array_alignment_bytes"), "K\x10")
	return glob("joblib.numpy_pickle", "NumpyArrayWrapper") + ")\x81" + state + "b\x02\x00\x00" + data
}

// joblib puts the bytes of arrays between the opcodes.
func TestRawArrays(t *testing.T) {
	floats := strings.Repeat("\x00\x01\x02\x03\x04\x05\x06\x07", 100)
	if rep := judgeBytes(t, p2(list(arrayWrapper(100, floats), "K\x01")), Options{}); rep.Verdict != asset.OK {
		t.Errorf("two items, one of them an array: %q\n%s", rep.Verdict, messages(rep))
	}
	if rep := judgeBytes(t, p2(list(arrayWrapper(100, floats), evil)), Options{}); rep.Verdict != asset.Malicious {
		t.Errorf("a call behind an array: %q\n%s", rep.Verdict, messages(rep))
	}
	// pickle.load does not know about arrays: what is an array for joblib are opcodes for it.
	hidden := "0" + evil + "." + strings.Repeat("\x00", 800)
	wrapper := strings.Replace(arrayWrapper(100, ""), "b\x02\x00\x00", "b", 1)
	if rep := judgeBytes(t, p2(list(wrapper+hidden[:801])), Options{}); rep.Verdict != asset.Malicious {
		t.Errorf("a call inside of an array: %q\n%s", rep.Verdict, messages(rep))
	}
}

// Two runs say the same, and every finding names its place.
func TestStable(t *testing.T) {
	data := p4(list(evil, call(glob("a", "B")), raw(evilFile), call(glob("builtins", "eval"), str("1")))) + "\x00\x00" + evilFile
	a, b := judgeBytes(t, data, Options{}), judgeBytes(t, data, Options{})
	if messages(a) != messages(b) {
		t.Errorf("%s\n%s", messages(a), messages(b))
	}
	for _, f := range a.Findings {
		if len(f.Locations) != 1 || f.Locations[0].Offset == nil || f.Key == "" {
			t.Errorf("%+v", f)
		}
	}
}

// A flood of dangerous calls gives a few findings and their number.
func TestFlood(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		b.WriteString(call(glob("os", "system"), "M"+string(binary.LittleEndian.AppendUint16(nil, uint16(i)))) + "0")
	}
	rep := judgeBytes(t, p2(b.String()+"N"), Options{})
	if rep.Verdict != asset.Malicious || len(rep.Findings) > 2*maxEvents || !strings.Contains(messages(rep), "and 4980 more") {
		t.Errorf("%q, %d findings\n%s", rep.Verdict, len(rep.Findings), messages(rep))
	}
}

// FuzzJudge: no input makes the judge panic, and a known call in front of anything is always seen.
func FuzzJudge(f *testing.F) {
	f.Add([]byte(evilFile))
	f.Add([]byte(p4(raw(evilFile)) + "\x00" + evilFile))
	f.Add([]byte(p2(list(arrayWrapper(3, strings.Repeat("x", 24)), "K\x01"))))
	f.Add([]byte("cos\nsystem\n(S'x'\ntR."))
	f.Add([]byte(p4(call(sglob("torch.storage", "_load_from_bytes"), raw(p2("N"))))))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = mayBePickle(data[:min(len(data), 4096)], int64(len(data)))
		judgeBytes(t, string(data), Options{Required: true, Storages: true})
		rep := judgeBytes(t, "\x80\x02"+evil+"0"+string(data), Options{})
		if rep.Verdict != asset.Malicious {
			t.Errorf("a call in front of %q is %q", data, rep.Verdict)
		}
	})
}
