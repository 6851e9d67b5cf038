package skops

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleCall  = "artifact/skops-dangerous-call"
	ruleType  = "artifact/skops-unknown-type"
	ruleSpoof = "artifact/skops-spoofed-type"
	ruleNoZip = "artifact/skops-not-a-zip"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	again := `Do not load the model, and never pass its own get_untrusted_types() as trusted. Save it again from its source with a ` +
		`current skops: pip install 'skops>=0.13' && python -c "import skops.io as s; s.dump(model, 'model.skops')"`
	return []finding.Rule{
		{
			ID: ruleCall, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "skops model that calls a dangerous function",
			Why: "The model names a function or type that runs code, starts programs or reaches files. skops refuses it only until " +
				"somebody trusts it, which many do without reading the list.",
			Remedy: again, Bad: `"__loader__": "FunctionNode", "__module__": "os", "__class__": "system"`,
			Good: `"__loader__": "ObjectNode", "__module__": "sklearn.pipeline", "__class__": "Pipeline"`,
			CWE:  []string{"CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleSpoof, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "skops model that lies about a type",
			Why: "The type that skops shows and checks is not the one that it uses: a node of this kind passes for something harmless " +
				"and reaches any attribute or function. Only somebody who attacks the check writes this.",
			Remedy: again,
			CWE:    []string{"CWE-351", "CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleType, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "skops model with a type that is not known to be harmless",
			Why: "Loading the model imports the module and makes an object of the type, with a state that the author of the file " +
				"chose. What that does depends on code outside of the file.",
			Remedy: "Look at what it is: python -c \"import skops.io as s; print(s.get_untrusted_types(file='MODEL'))\". Trust exactly the " +
				"types whose source you have read: s.load('MODEL', trusted=['package.module.Type'])",
			CWE: []string{"CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleNoZip, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "file named .skops that is no skops model",
			Why: "skops models are zip archives. Tools that meet another content under this name fall back to joblib, which unpickles " +
				"it and so runs what its author wants.",
			Remedy: "Do not load it. Ask its author for a real skops file; with skops.card use skops 0.13 or later.",
			CWE:    []string{"CWE-502", "CWE-646"}, Taxonomy: taxonomy,
		},
	}
}
