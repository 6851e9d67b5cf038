package nemo

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleCall    = "artifact/nemo-dangerous-target"
	ruleUnknown = "artifact/nemo-unknown-target"
	ruleOutside = "artifact/nemo-outside-file"
	ruleTag     = "artifact/nemo-yaml-tag"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleCall, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "NeMo model whose configuration calls a dangerous function",
			Why: "Restoring a NeMo model gives its configuration to Hydra, which imports and calls whatever the keys _target_, target " +
				"and cls name, with the arguments beside them. This one names a function that runs code, starts programs or reaches files.",
			Remedy: "Do not restore the model. Upgrade NeMo (pip install 'nemo-toolkit>=2.3.2'), and take the weights alone: " +
				"tar -xOf MODEL ./model_weights.ckpt > weights.ckpt && merlon scan weights.ckpt",
			Bad: "_target_: os.system", Good: "_target_: nemo.collections.asr.modules.ConformerEncoder",
			CWE: []string{"CWE-470", "CWE-94"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleUnknown, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "NeMo model whose configuration calls something unknown",
			Why: "Restoring the model imports and calls what the configuration names. The name is not among the classes of NeMo that are " +
				"known to build layers only; it may be in a package that the author of the model wants installed.",
			Remedy: "Read what the name stands for before restoring the model, and pin the package that has it by version and hash.",
			CWE:    []string{"CWE-470"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleOutside, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "NeMo model that refers to files outside of itself",
			Why: "The configuration names a path or an address that is no part of the archive. NeMo opens it when the model is restored " +
				"or trained on: another file than the author's, or one that leaks that the model was loaded.",
			Remedy: "Register the file inside the archive (model.register_artifact(...), which writes nemo:NAME), or remove the key: " +
				"set the data sets of training to null before publishing.",
			CWE: []string{"CWE-73", "CWE-610"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleTag, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "NeMo model whose configuration makes Python objects",
			Why: "A tag such as !!python/object/apply makes YAML readers call a Python function. OmegaConf refuses it; other tools that " +
				"read the same file with an unsafe loader run it.",
			Remedy: "Do not restore the model. No writer of NeMo models makes such tags.",
			Bad:    "x: !!python/object/apply:os.system [\"echo merlon-test\"]", Good: "x: 1",
			CWE: []string{"CWE-502"}, Taxonomy: taxonomy,
		},
	}
}
