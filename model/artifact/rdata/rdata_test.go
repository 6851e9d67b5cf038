package rdata_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/rdata"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	promise = "artifact/rdata-promise"
	file    = "artifact/rdata-file-access"
	code    = "artifact/rdata-code"
	call    = "artifact/rdata-language"
	pack    = "artifact/rdata-package"
)

func TestFilesOfR(t *testing.T) {
	for _, tt := range []struct {
		name    string
		verdict asset.Verdict
		format  string
		rules   string
	}{
		{"data.rds", asset.OK, "rds", ""},
		{"data_v2.rds", asset.OK, "rds", ""},
		{"data_ascii.rds", asset.OK, "rds", ""},
		{"data_native.rds", asset.OK, "rds", ""},
		{"centers.rds", asset.OK, "rds", ""},
		{"environment.rds", asset.OK, "rds", ""},
		{"namespace.rds", asset.OK, "rds", ""},
		{"workspace.RData", asset.OK, "rdata", ""},
		{"lm.rds", asset.Unverified, "rds", call},
		{"call.rds", asset.Unverified, "rds", call},
		{"closure.rds", asset.Unverified, "rds", code},
		{"bytecode.rds", asset.Unverified, "rds", code},
		{"frame_promise.rds", asset.Unverified, "rds", code},
		{"promise.rds", asset.Malicious, "rds", promise},
		{"promise.RData", asset.Malicious, "rdata", promise},
		{"promise_list.rds", asset.Malicious, "rds", promise},
	} {
		r := artifacttest.Scan(t, rdata.New(), tt.name, read(t, tt.name))
		if r.Verdict != tt.verdict || r.Format != tt.format || strings.Join(r.Rules(), " ") != tt.rules || len(r.Errors) > 0 {
			t.Errorf("%s: %q %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Format, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

func TestTheFindingShowsTheCode(t *testing.T) {
	all := strings.Join(artifacttest.Scan(t, rdata.New(), "m.rds", read(t, "promise.rds")).Messages(), "\n")
	for _, want := range []string{"print", "merlon-test", "CVE-2024-27322 in R >= 1.4.0, < 4.4.0"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
}

// What merlon lists is what R itself says about the value.
func TestDescribe(t *testing.T) {
	want := string(read(t, "data.expected"))
	for _, name := range []string{"data.rds", "data_v2.rds", "data_ascii.rds", "data_native.rds", "data_gzip.rds"} {
		b := read(t, name)
		if name == "data_gzip.rds" {
			z, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if b, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		d, err := artifacttest.Describe(t, rdata.New(), name, b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got strings.Builder
		for _, x := range d.Tensors {
			n, dims := int64(1), ""
			for i, s := range x.Shape {
				n *= s
				if len(x.Shape) > 1 {
					dims += []string{"", ","}[min(i, 1)] + fmt.Sprint(s)
				}
			}
			fmt.Fprintf(&got, "%s %s %d %s\n", x.Name, x.DType, n, dims)
		}
		if diff := cmp.Diff(want, got.String()); diff != "" {
			t.Errorf("%s (-R +merlon)\n%s", name, diff)
		}
	}
	d, err := artifacttest.Describe(t, rdata.New(), "w", read(t, "workspace.RData"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range d.Tensors {
		names = append(names, x.Name)
	}
	if diff := cmp.Diff([]string{"weights", "bias"}, names); diff != "" {
		t.Errorf("workspace (-want +got)\n%s", diff)
	}
}

// xdr is a serialization of version 2 with the given body.
func xdr(body string) []byte {
	return []byte("X\n\x00\x00\x00\x02\x00\x04\x02\x02\x00\x02\x03\x00" + body)
}

func symbol(s string) string {
	return "\x00\x00\x00\x01\x00\x04\x00\x09\x00\x00\x00" + string([]byte{byte(len(s))}) + s
}

func TestWhatRDoesNotWriteByItself(t *testing.T) {
	const null, list, end = "\x00\x00\x00\xfe", "\x00\x00\x00\x02", "\x00\x00\x00\xfe"
	one := "\x00\x00\x00\x0d\x00\x00\x00\x01\x00\x00\x00\x07"
	text := func(s string) string {
		return "\x00\x00\x00\x10\x00\x00\x00\x01\x00\x04\x00\x09\x00\x00\x00" + string([]byte{byte(len(s))}) + s
	}
	altrep := func(class, pkg, state string) string {
		return "\x00\x00\x00\xee" + list + symbol(class) + list + symbol(pkg) + list + one + end + state + null
	}
	namespace := func(name string) string {
		return "\x00\x00\x00\xf9\x00\x00\x00\x00\x00\x00\x00\x01\x00\x04\x00\x09\x00\x00\x00" + string([]byte{byte(len(name))}) + name
	}
	for _, tt := range []struct {
		name, body string
		verdict    asset.Verdict
		rules      string
	}{
		{"number", one, asset.OK, ""},
		{"sequence", altrep("wrap_integer", "base", one), asset.OK, ""},
		{"mapped file", altrep("mmap_real", "base", text("/etc/x")), asset.Malicious, file},
		{"made by a package", altrep("anything", "merlonTest", one), asset.Unverified, pack},
		{"package of R", namespace("stats"), asset.OK, ""},
		{"other package", namespace("merlonTest"), asset.Unverified, pack},
		{"builtin", "\x00\x00\x00\x08\x00\x00\x00\x06system", asset.Unverified, code},
		{"pointer", "\x00\x00\x00\x16" + null + null, asset.Unverified, "artifact/rdata-pointer"},
		{"evaluated promise", "\x00\x00\x00\x05" + one + one, asset.Unverified, call},
		{"class reference", "\x00\x00\x00\xf6", asset.Failed, ""},
		{"type that does not exist", "\x00\x00\x00\x63", asset.Failed, ""},
		{"reference to nothing", "\x00\x00\x01\xff", asset.Failed, ""},
		{"length lies", "\x00\x00\x00\x0e\x7f\xff\xff\xff", asset.Failed, ""},
		{"long length lies", "\x00\x00\x00\x0e\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00", asset.Failed, ""},
		{"negative length", "\x00\x00\x00\x0e\xff\xff\xff\xfe", asset.Failed, ""},
		{"trailing", one + one, asset.Failed, ""},
		{"nothing", "", asset.Failed, ""},
		{"deep", strings.Repeat("\x00\x00\x00\x13\x00\x00\x00\x01", 100_000), asset.Failed, ""},
		{"long list", strings.Repeat(list+one, 100_000) + end, asset.OK, ""},
	} {
		r := artifacttest.Scan(t, rdata.New(), "m.rds", xdr(tt.body))
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules {
			t.Errorf("%s: %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

func TestOtherFiles(t *testing.T) {
	for _, s := range []string{"", "X\n", "A\nB\n", "RDX2\nA\n2\n", "X\n\x00\x00\x00\x09", "A\n2\n"[:3]} {
		if r := artifacttest.Scan(t, rdata.New(), "a.rds", []byte(s)); r.Verdict != "" {
			t.Errorf("%q: verdict %q", s, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := rdata.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"data.rds", "data_ascii.rds", "lm.rds", "bytecode.rds", "promise.RData"} {
		b := read(t, name)
		end := len(bytes.TrimRight(b, "\n"))
		artifacttest.Truncate(t, s, name, b, func(n int) bool { return name == "data_ascii.rds" && n >= end-1 })
		artifacttest.Mutate(t, s, name, b, 300)
	}
}

func FuzzRData(f *testing.F) {
	for _, name := range []string{"data.rds", "data_ascii.rds", "lm.rds", "bytecode.rds", "promise.RData", "data_native.rds"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, rdata.New(), "m.rds", b) })
}
