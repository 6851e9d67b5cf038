package rdata

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	rulePromise = "artifact/rdata-promise"
	ruleFile    = "artifact/rdata-file-access"
	ruleCode    = "artifact/rdata-code"
	ruleCall    = "artifact/rdata-language"
	ruleOpaque  = "artifact/rdata-pointer"
	rulePackage = "artifact/rdata-package"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	plain := `Do not load it. Ask for the numbers alone: in R, on a machine that may be lost, write.csv(as.data.frame(coef), "coef.csv"), or ` +
		`safetensors::safe_save_file(list(weights = w), "model.safetensors").`
	return []finding.Rule{
		{
			ID: rulePromise, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "R file with a promise in place of a value",
			Why: "A promise is code that runs when the value is first used: reading the file and touching what it gave is enough. R " +
				"itself never writes a promise there.",
			Remedy: plain + " Upgrade R to 4.4.0 or later, which refuses such values.",
			Bad:    "readRDS('model.rds') gives a promise of system(...)", Good: "readRDS('model.rds') gives a list of numbers",
			CWE: []string{"CWE-502", "CWE-95"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleFile, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "R file that opens another file when it is read",
			Why: "A vector in the file is kept as a mapping of a file on disk. Reading the value opens whatever path its author wrote, with " +
				"the rights of the reader.",
			Remedy: plain, CWE: []string{"CWE-73"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleCode, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "R file that carries functions",
			Why: "Functions, byte code and promises in environments run when the model is used: prediction calls what the file brought " +
				"along, and nothing is known about it.",
			Remedy: "Read what the functions do before using the model (print them after loading on a machine that may be lost), or have the " +
				"model fitted again from its source. " + plain,
			CWE: []string{"CWE-829"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleCall, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "R file with calls or formulas",
			Why: "Model objects of R keep the call that made them, and formulas. They do nothing by themselves, but update(), predict() and " +
				"others evaluate them.",
			Remedy: "Look at the calls: str(x$call), formula(x). To publish a model, drop them: x$call <- NULL.",
			CWE:    []string{"CWE-829"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleOpaque, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "R file with an external pointer",
			Why: "An external pointer stands for memory of another program run; packages that trust it after loading crash, or restore it from " +
				"bytes beside it.",
			Remedy: "Save the model with its own package (xgboost::xgb.save, lightgbm::lgb.save, torch::torch_save) and read it with that.",
			CWE:    []string{"CWE-822"}, Taxonomy: taxonomy,
		},
		{
			ID: rulePackage, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "R file that loads a package",
			Why: "The value refers to the namespace of a package, or is made by one. Reading the file loads the package if it is installed, " +
				"which runs its .onLoad.",
			Remedy: "Check that the package is one you installed on purpose, and pin it: renv::snapshot().",
			CWE:    []string{"CWE-829"}, Taxonomy: taxonomy,
		},
	}
}
