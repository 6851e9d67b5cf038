package pmml

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

func model(doctype, inner string) string {
	return `<?xml version="1.0"?>` + doctype + `<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/><DataDictionary/><TransformationDictionary>` + inner +
		`</TransformationDictionary><TreeModel functionName="regression"/></PMML>`
}

func apply(f string) string {
	return `<DerivedField name="d"><Apply function="` + f + `"><FieldRef field="a"/></Apply></DerivedField>`
}

func TestThreats(t *testing.T) {
	for name, tt := range map[string]struct {
		xml     string
		verdict asset.Verdict
		rule    string
		says    string
	}{
		"plain":                {model("", apply("log10")), asset.OK, "", ""},
		"xxe":                  {model(`<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, `<Extension name="&x;"/>`), asset.Malicious, ruleXML, "/etc/passwd"},
		"parameter entity":     {model(`<!DOCTYPE PMML [<!ENTITY % x SYSTEM "http://example.org/x"> %x;]>`, ""), asset.Malicious, ruleXML, ""},
		"bomb":                 {model(`<!DOCTYPE PMML [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>`, ""), asset.Malicious, ruleXML, ""},
		"old document type":    {model(`<!DOCTYPE PMML PUBLIC "PMML 2.0" "http://www.dmg.org/v2-0/pmml_v2_0.dtd">`, ""), asset.Unverified, ruleXML, "dmg.org"},
		"local document type":  {model(`<!DOCTYPE PMML SYSTEM "file:///etc/passwd">`, ""), asset.Malicious, ruleXML, ""},
		"entity in a comment":  {model(`<!-- <!DOCTYPE PMML [<!ENTITY x SYSTEM "f">]> -->`, ""), asset.OK, "", ""},
		"entity in CDATA":      {model("", `<Extension name="a" value="b"/><!-- x --><DerivedField name="<![CDATA"/>`), asset.Failed, "", ""},
		"include":              {model("", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>`), asset.Malicious, ruleXML, ""},
		"java class":           {model("", apply("java.lang.Runtime.exec")), asset.Malicious, ruleFunction, "java.lang.Runtime"},
		"custom function":      {model("", apply("org.example.Mine")), asset.Unverified, ruleFunction, "org.example.Mine"},
		"own function":         {model("", `<DefineFunction name="mine" optype="continuous"><ParameterField name="a"/><FieldRef field="a"/></DefineFunction>`+apply("mine")), asset.OK, "", ""},
		"a field called java":  {model("", `<DerivedField name="java.lang.Runtime"><Constant>x</Constant></DerivedField>`), asset.OK, "", ""},
		"extension":            {model("", `<Extension name="user" value="ann" extender="Rattle/PMML"/>`), asset.OK, "", ""},
		"extension with text":  {model("", `<Extension name="code">import os</Extension>`), asset.Unverified, ruleExtension, "import os"},
		"extension with more":  {model("", `<Extension><code><x/></code></Extension>`), asset.Unverified, ruleExtension, "code"},
		"foreign element":      {model("", `<k:code xmlns:k="http://example.org/k"/>`), asset.Unverified, ruleExtension, "k:code"},
		"script":               {model("", `<script for="x">eG9y</script>`), asset.Unverified, ruleScript, ""},
		"table":                {model("", `<MapValues><TableLocator x-dbname="d"/></MapValues>`), asset.Unverified, ruleTable, ""},
		"prefix for the whole": {`<p:PMML xmlns:p="http://www.dmg.org/PMML-4_4"><p:Header/><p:TreeModel/></p:PMML>`, asset.OK, "", ""},
		"cut off":              {strings.TrimSuffix(model("", ""), "</PMML>"), asset.Failed, "", ""},
		"not PMML":             {"<html/>", asset.Failed, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := artifacttest.Scan(t, New(), "m.pmml", []byte(tt.xml))
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
	for name, want := range map[string]asset.Verdict{model("", apply("log10")): asset.OK, "<!DOCTYPE html><html/>": asset.Unknown} {
		if r := artifacttest.Scan(t, New(), "m.xml", []byte(name)); r.Verdict != want {
			t.Errorf("%.60s as .xml: %q, want %q", name, r.Verdict, want)
		}
	}
}

// TestRecognised hides the root element behind what a parser passes over, and takes the
// name away.
func TestRecognised(t *testing.T) {
	doc := model("", apply("java.lang.Runtime.exec"))
	doc = doc[strings.Index(doc, "<PMML"):]
	for name, before := range map[string]string{
		"m.xml": "<!--" + strings.Repeat("x", 9000) + "-->", "n.xml": strings.Repeat(" ", 9000), "o.xml": "<?x " + strings.Repeat("x", 9000) + "?>",
		"m.txt": `<?xml version="1.0"?>`, "model": "",
	} {
		if r := artifacttest.Scan(t, New(), name, []byte(before+doc)); r.Verdict != asset.Malicious {
			t.Errorf("%s: verdict %q, want malicious; %v", name, r.Verdict, r.Errors)
		}
	}
	if r := artifacttest.Scan(t, New(), "about.html", []byte("<html>&lt;PMML or <PMML></html>")); r.Verdict != asset.Unknown || len(r.Errors) > 0 {
		t.Errorf("a page about PMML: %q %v", r.Verdict, r.Errors)
	}
}

// TestLibraries reads what nyoka wrote (bench/formats/pmml/make.py).
func TestLibraries(t *testing.T) {
	for file, kind := range map[string]string{"tree.pmml": "TreeModel", "logistic.pmml": "RegressionModel"} {
		path := filepath.Join("testdata", file)
		r := artifacttest.ScanPath(t, []scan.Scanner{New()}, path)
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Errorf("%s: verdict %q: %v %v", file, r.Verdict, r.Messages(), r.Errors)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		d, err := artifacttest.Describe(t, New(), file, b)
		if err != nil || d.Version != "4.4.1" || !slices.ContainsFunc(d.Facts, func(f asset.Fact) bool { return f.Value == asset.Pair{Name: kind, Value: "1"} }) {
			t.Errorf("%s: %+v, %v", file, d, err)
		}
		artifacttest.Truncate(t, New(), file, b[:min(len(b), 1500)], nil)
		artifacttest.Mutate(t, New(), file, b, 200)
	}
}

func TestHostile(t *testing.T) {
	artifacttest.Truncate(t, New(), "m.pmml", []byte(model("", apply("log10"))), nil)
}

func TestRules(t *testing.T) { artifacttest.CheckRules(t, New()) }

func FuzzScan(f *testing.F) {
	f.Add([]byte(model(`<!DOCTYPE PMML [<!ENTITY x SYSTEM "f">]>`, apply("java.x"))))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.pmml", b) })
}
