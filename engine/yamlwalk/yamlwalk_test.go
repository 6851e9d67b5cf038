package yamlwalk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/yamlwalk"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		doc  string
		want []string // path=value, tags with ~
	}{
		{"a: 1\nb:\n  c: [x, {d: y}]\n", []string{"a=1", "b.c.0=x", "b.c.1.d=y"}},
		{"a: &x {t: os.system}\nb: *x\n", []string{"a.t=os.system", "b=*x"}},
		{"base: &b {t: 1}\nc:\n  <<: *b\n", []string{"base.t=1", "c.<<=*b"}},
		{"a: |\n  two\n  lines\n", []string{"a=two\nlines\n"}},
		{"a: \"\\x6fs.system\"\n", []string{"a=os.system"}},
		{"a: !!python/object/apply:os.system [x]\n", []string{"~a !!python/object/apply:os.system", "a.0=x"}},
		{"a: !x y\n", []string{"a=y"}},
		{"a: 1\n---\nb: 2\n", []string{"a=1", "b=2"}},
		{"- a\n- b\n", []string{"0=a", "1=b"}},
		{"", nil},
	} {
		res, err := yamlwalk.Read([]byte(tt.doc))
		if err != nil {
			t.Errorf("%q: %v", tt.doc, err)
			continue
		}
		var got []string
		for _, s := range res.Tags {
			got = append(got, "~"+s.Path+" "+s.Tag)
		}
		for _, s := range res.Scalars {
			got = append(got, fmt.Sprintf("%s=%s", s.Path, s.Value))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", tt.doc, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, doc := range map[string]string{
		"binary": "a\x00b",
		"deep":   strings.Repeat("[", 2000),
		"long":   "a: " + strings.Repeat("x", yamlwalk.MaxSize),
		"broken": "a: [1, 2",
	} {
		if _, err := yamlwalk.Read([]byte(doc)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a: &x {b: [1, *x]}\n<<: *x\n? {c: d}\n: e\n"))
	f.Fuzz(func(_ *testing.T, doc []byte) { _, _ = yamlwalk.Read(doc) })
}
