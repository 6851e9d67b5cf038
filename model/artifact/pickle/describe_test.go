package pickle_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
)

// What the arrays and tensors of real files are, TestRealTensors compares at the root.
func TestDescribe(t *testing.T) {
	for _, tt := range []struct {
		name, file, content string
		format, version     string
		tensors             int
		facts               []string // some of kind=value
		err, nothing        bool
	}{
		{name: "estimator", file: "current-sklearn-pipeline.p5.pkl", format: "pickle", version: "protocol 5", tensors: 7,
			facts: []string{"architecture=sklearn.pipeline.Pipeline", "library=scikit-learn 1.9.1", "import=numpy._core.numeric._frombuffer", "metadata=pickles=1", "parameters=16"}},
		{name: "joblib", file: "current-sklearn-raw.joblib", format: "pickle", version: "protocol 4", tensors: 7, facts: []string{"import=joblib.numpy_pickle.NumpyArrayWrapper"}},
		{name: "torch", file: "torch113-torch-state-dict-legacy.pt", format: "torch-legacy", version: "protocol 2", tensors: 7, facts: []string{"metadata=pickles=5", "architecture=collections.OrderedDict"}},
		{name: "two", content: "\x80\x04]\x94.\x80\x04}\x94.", format: "pickle", version: "protocol 4", facts: []string{"metadata=pickles=2", "architecture=list"}},
		{name: "a call", content: "cos\nsystem\n(S'echo merlon-test'\ntR.", format: "pickle", version: "protocol 0", facts: []string{"architecture=os.system", "import=os.system"}},
		{name: "cut", content: "\x80\x04cos\nsystem\n(", format: "pickle", version: "protocol 4", facts: []string{"import=os.system"}, err: true},
		{name: "data behind", content: "\x80\x04]\x94.\xffnoise", format: "pickle", version: "protocol 4", facts: []string{"metadata=pickles=1"}},
		{name: "text", content: "(some text)\nand more", nothing: true},
		{name: "a number and a dot", content: "I1\n.and more text", nothing: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			content := []byte(tt.content)
			if tt.file != "" {
				var err error
				if content, err = os.ReadFile("../testdata/real/" + tt.file); err != nil {
					t.Fatal(err)
				}
			}
			d, err := artifacttest.Describe(t, pickle.New(), "m", content)
			if tt.nothing {
				if d != nil || err != nil {
					t.Errorf("%+v, %v", d, err)
				}
				return
			}
			if d == nil || (err != nil) != tt.err {
				t.Fatalf("%+v, %v", d, err)
			}
			if d.Format != tt.format || d.Version != tt.version || len(d.Tensors) != tt.tensors {
				t.Errorf("%s, %s, %d tensors", d.Format, d.Version, len(d.Tensors))
			}
			have := map[string]bool{}
			for _, f := range d.Facts {
				if p, ok := f.Value.(asset.Pair); ok {
					have[f.Kind+"="+p.Name+"="+p.Value] = true
				} else {
					have[strings.TrimSpace(f.Kind+"="+fmt.Sprint(f.Value))] = true
				}
			}
			for _, f := range tt.facts {
				if !have[f] {
					t.Errorf("no %s in %v", f, have)
				}
			}
		})
	}
}

// A pickle may be cut anywhere: then it is described as far as it goes, with an error.
func TestDescribeTruncated(t *testing.T) {
	content, err := os.ReadFile("../testdata/real/current-sklearn-pipeline.p5.pkl")
	if err != nil {
		t.Fatal(err)
	}
	for n := 12; n < len(content); n++ {
		d, err := artifacttest.Describe(t, pickle.New(), "m.pkl", content[:n])
		if d == nil || err == nil {
			t.Fatalf("cut at %d: %v, %v", n, d, err)
		}
		if diff := cmp.Diff("pickle", d.Format); diff != "" {
			t.Fatal(diff)
		}
	}
}
