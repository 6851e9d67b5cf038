package verdict

import (
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Info describes a scanner of a model format: it gives verdicts, and it also looks at
// models that came with an installed package.
func Info(id, version string, rules []finding.Rule, in *scan.Interest) scan.Info {
	return scan.Info{ID: id, Version: version, Rules: rules, Interest: in, Vendored: true, Verdicts: true}
}

// Rule is a rule about model files. atlas are techniques of MITRE ATLAS 5.6; whatever
// comes in a model is a matter of the supply chain, too.
func Rule(id, title, why, remedy string, sev finding.Severity, conf finding.Confidence, cwe []string, atlas ...string) finding.Rule {
	taxonomy := []string{"owasp-llm:2025:LLM03"}
	for _, a := range atlas {
		taxonomy = append(taxonomy, "atlas:5.6:"+a)
	}
	return finding.Rule{ID: id, Category: finding.Artifact, Title: title, Why: why, Remedy: remedy,
		Severity: sev, Confidence: conf, CWE: cwe, Taxonomy: taxonomy}
}

// BrokenRule is the rule of a format whose library follows what is in the file without
// looking whether it exists. See [File.Broken].
func BrokenRule(id, title, why, remedy string) finding.Rule {
	return finding.Rule{
		ID: id, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
		Title: title, Why: why, Remedy: remedy,
		CWE: []string{"CWE-129", "CWE-125"}, Taxonomy: []string{"atlas:5.6:AML.T0076", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"},
	}
}

// Broken reports a file whose parts do not fit, if err says so, and returns err.
func (f *File) Broken(rule string, err error) error {
	if err != nil {
		f.Report(asset.Failed, finding.Finding{Rule: rule, Key: "broken", Message: Show(err.Error())})
	}
	return err
}
