package openvino

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

func net(layers ...string) string {
	return `<?xml version="1.0"?><net name="n" version="11"><layers>` + strings.Join(layers, "") + `</layers></net>`
}

const relu = `<layer id="0" name="r" type="ReLU" version="opset1"></layer>`

func weights(shape, offset, size string) string {
	return `<layer id="1" name="w" type="Const" version="opset1"><data element_type="f32" shape="` + shape + `" offset="` + offset + `" size="` + size + `"/></layer>`
}

func TestThreats(t *testing.T) {
	for name, tt := range map[string]struct {
		xml     string
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":               {net(relu), asset.OK, "", ""},
		"extension":           {net(`<layer id="0" name="e" type="ReLU" version="extension"/>`), asset.Unverified, ruleCustom, "extension"},
		"unknown":             {net(`<layer id="0" name="e" type="Evil" version="opset1"/>`), asset.Unverified, ruleCustom, "Evil"},
		"in a body":           {net(`<layer id="0" name="i" type="If" version="opset8"><then_body><layers><layer id="0" name="e" type="Evil" version="custom"/></layers></then_body></layer>`), asset.Unverified, ruleCustom, "Evil"},
		"a layer named Evil":  {net(`<layer id="0" name="Evil" type="ReLU" version="opset1"/>`), asset.OK, "", ""},
		"xxe":                 {`<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.TrimPrefix(net(relu), `<?xml version="1.0"?>`), asset.Malicious, ruleXML, "/etc/passwd"},
		"bomb":                {`<!DOCTYPE net [<!ENTITY a "a"><!ENTITY b "&a;&a;">]>` + strings.TrimPrefix(net(relu), `<?xml version="1.0"?>`), asset.Malicious, ruleXML, ""},
		"document type":       {`<!DOCTYPE net>` + strings.TrimPrefix(net(relu), `<?xml version="1.0"?>`), asset.Unverified, ruleXML, ""},
		"comment about one":   {net(relu, `<!-- <!DOCTYPE net [<!ENTITY x SYSTEM "f">]> -->`), asset.OK, "", ""},
		"include":             {net(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>`, relu), asset.Malicious, ruleXML, ""},
		"weights":             {net(weights("2,2", "0", "16")), asset.OK, "", ""},
		"beyond the end":      {net(weights("2,2", "8", "16")), asset.Failed, ruleBounds, "file of 16"},
		"far beyond":          {net(weights("2,2", "9223372036854775807", "16")), asset.Failed, ruleBounds, ""},
		"negative":            {net(weights("2,2", "-1", "16")), asset.Failed, ruleBounds, ""},
		"shape and size":      {net(weights("200,2", "0", "16")), asset.Failed, ruleBounds, "1600 bytes"},
		"overflow":            {net(weights("4294967296,4294967296,4294967296", "0", "16")), asset.Failed, ruleBounds, ""},
		"custom kernel":       {`<CustomLayer name="k" type="SimpleGPU"><Kernel entry="k"><Source filename="k.cl"/></Kernel></CustomLayer>`, asset.Unverified, ruleCustom, "kernel"},
		"kernel from outside": {`<CustomLayer name="k" type="SimpleGPU"><Kernel entry="k"><Source filename="../../k.cl"/></Kernel></CustomLayer>`, asset.Malicious, ruleCustom, ""},
		"no layer":            {net(), asset.Failed, "", ""},
		"other XML":           {`<!DOCTYPE html><html><net/></html>`, asset.Unknown, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range map[string]string{"m.xml": tt.xml, "m.bin": strings.Repeat("\x00", 16)} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := artifacttest.ScanPath(t, []scan.Scanner{New()}, dir)
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %q, want %q: %v %v", r.Verdict, tt.verdict, r.Messages(), r.Errors)
			}
			if tt.rule == "" && len(r.Findings) > 0 || tt.rule != "" && !slices.Contains(r.Rules(), tt.rule) {
				t.Errorf("rules %v, want %q: %v", r.Rules(), tt.rule, r.Messages())
			}
			if !strings.Contains(strings.Join(r.Messages(), "\n"), tt.says) {
				t.Errorf("%q is not in %q", tt.says, r.Messages())
			}
		})
	}
	if r := artifacttest.Scan(t, New(), "m.xml", []byte(net(weights("2,2", "0", "16")))); r.Verdict != asset.Failed || !slices.Contains(r.Rules(), ruleMissing) {
		t.Errorf("without weights: %q %v", r.Verdict, r.Messages())
	}
}

// TestRecognised hides the root element behind what a parser passes over, and takes the
// name away.
func TestRecognised(t *testing.T) {
	doc := strings.TrimPrefix(net(`<layer id="0" name="e" type="ReLU" version="extension"/>`), `<?xml version="1.0"?>`)
	for name, before := range map[string]string{
		"m.xml": "<!--" + strings.Repeat("x", 9000) + "-->", "n.xml": strings.Repeat(" ", 9000), "o.xml": "<?x " + strings.Repeat("x", 9000) + "?>",
		"m.txt": `<?xml version="1.0"?>`, "model": "",
	} {
		if r := artifacttest.Scan(t, New(), name, []byte(before+doc)); r.Verdict != asset.Unverified {
			t.Errorf("%s: verdict %q, want unverified; %v", name, r.Verdict, r.Errors)
		}
	}
}

// TestLibraries reads what OpenVINO wrote (bench/formats/openvino/make.py).
func TestLibraries(t *testing.T) {
	type row struct {
		Name  string  `json:"name"`
		DType string  `json:"dtype"`
		Shape []int64 `json:"shape"`
	}
	for _, name := range []string{"dense", "branch", "empty"} {
		file := filepath.Join("testdata", name+".xml")
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, file)
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q: %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := artifacttest.Describe(t, New(), file, b)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []row
		j, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err == nil {
			err = json.Unmarshal(j, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Tensors {
			if name == "branch" && x.Name == "inner" {
				continue // in a body, which get_ops does not list
			}
			got = append(got, row{x.Name, x.DType, x.Shape})
		}
		slices.SortFunc(got, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: OpenVINO says otherwise (-) than merlon (+):\n%s", name, diff)
		}
	}
}

func TestHostile(t *testing.T) {
	artifacttest.Truncate(t, New(), "m.xml", []byte(net(relu)), nil)
	artifacttest.Mutate(t, New(), "m.xml", []byte(net(relu, weights("2,2", "0", "16"))), 300)
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	f.Add([]byte(net(relu, weights("2,2", "0", "16"))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.xml", b) })
}
