package torchzip

import "github.com/merlon-security/merlon/finding"

// ruleStorage is the id of the only rule.
const ruleStorage = "artifact/torch-storage"

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleStorage, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Weights are missing or do not have the size that the model says",
			Why: "The pickle in the file says how many numbers of which type each storage holds, and the bytes say otherwise. " +
				"The file was cut or changed after it was written, or carries data that do not belong to the model.",
			Remedy: "Get the file again from its publisher and compare the digest, or save the model again with torch.save.",
			CWE:    []string{"CWE-1284", "CWE-354"}, Taxonomy: taxonomy,
		},
	}
}
