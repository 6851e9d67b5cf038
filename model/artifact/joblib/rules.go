package joblib

import "github.com/merlon-security/merlon/finding"

// ruleHeader is about the compressed format of joblib before 0.10.
const ruleHeader = "artifact/joblib-header"

func rules() []finding.Rule {
	return []finding.Rule{{
		ID: ruleHeader, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
		Title: "Compressed joblib file does not have the length that it says",
		Why: "The old format of joblib gives the length of its content at the beginning. Where the content is longer or shorter, " +
			"the file was cut or changed after it was written.",
		Remedy: "Get the file again from its publisher, or save the object again with a current joblib: joblib.dump(obj, path, compress=3).",
		CWE:    []string{"CWE-1284"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"},
	}}
}
