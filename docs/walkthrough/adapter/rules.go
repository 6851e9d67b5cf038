package adapter

import "github.com/merlon-security/merlon/finding"

const unpinnedBase = "artifact/adapter-unpinned-base"

func rules() []finding.Rule {
	return []finding.Rule{
		// part rule
		{
			ID:         unpinnedBase,
			Category:   finding.Artifact,
			Title:      "adapter names its base model without a revision",
			Why:        "Whoever controls the base model's repository changes what this adapter does, without touching it.",
			Remedy:     "Set \"revision\" in adapter_config.json to the commit that the adapter was trained on.",
			Bad:        `{"base_model_name_or_path": "org/base", "revision": null}`,
			Good:       `{"base_model_name_or_path": "org/base", "revision": "5f0b02c75b57c5855da9ae460ce51323ea669d8a"}`,
			Severity:   finding.Medium,
			Confidence: finding.Sure,
			CWE:        []string{"CWE-494"},
		},
		// end rule
	}
}
