package hfrepo

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	ruleRemote   = "artifact/hf-remote-code"
	ruleForeign  = "artifact/hf-code-from-elsewhere"
	ruleImport   = "artifact/hf-import-by-name"
	ruleFile     = "artifact/hf-code-file"
	ruleAsks     = "artifact/hf-asks-for-trust"
	ruleShard    = "artifact/hf-missing-shard"
	ruleTwin     = "artifact/hf-unsafe-twin"
	rulePrefers  = "artifact/hf-unsafe-preferred"
	ruleBase     = "artifact/hf-base-model-elsewhere"
	ruleUnpinned = "artifact/hf-base-model-unpinned"
	ruleTwice    = "artifact/hf-duplicate-key"
)

func rules() []finding.Rule {
	rule := func(id, title, why, remedy string, sev finding.Severity, conf finding.Confidence, cwe string, more ...string) finding.Rule {
		return finding.Rule{ID: id, Category: finding.Artifact, Title: title, Why: why, Remedy: remedy, Severity: sev, Confidence: conf,
			CWE: []string{cwe}, Taxonomy: append([]string{"owasp-llm:2025:LLM03", "atlas:5.6:AML.T0010.003"}, more...)}
	}
	const pin = "Read the named files, then pin what you have read: `AutoModel.from_pretrained(ORG/NAME, trust_remote_code=True, revision=COMMIT, code_revision=COMMIT)`; " +
		"or use a model that the library knows: `AutoModel.from_pretrained(ORG/NAME, trust_remote_code=False)`."
	const convert = "Convert to safetensors and delete the other file: `python -c \"import torch; from safetensors.torch import save_file; " +
		"save_file(torch.load('pytorch_model.bin', weights_only=True), 'model.safetensors', metadata={'format': 'pt'})\"`; load with `use_safetensors=True`."
	return []finding.Rule{
		rule(ruleRemote, "Loading the model runs code of its repository",
			"The configuration names classes in Python files beside the weights. A loader that is told trust_remote_code=True imports them, with all rights of the process.",
			pin, finding.High, finding.Likely, "CWE-829", "atlas:5.6:AML.T0011.000"),
		rule(ruleForeign, "Loading the model runs code of another repository",
			"The configuration names classes in a repository that somebody else may own, or outside of the model's folder. What they do can change at any time without a change here.",
			pin, finding.Critical, finding.Likely, "CWE-494", "atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0010.001"),
		rule(ruleImport, "The configuration names a Python module to import",
			"The loader imports the module by the name that stands here. Whoever writes the configuration chooses any module that is installed, or that lies in the folder the loader is started in.",
			"Remove the key, or set it to the library's own module. Load adapters with `PeftModel.from_pretrained(base_model, PATH)` on a base model that you have loaded yourself.",
			finding.High, finding.Likely, "CWE-470", "atlas:5.6:AML.T0011.000"),
		rule(ruleFile, "The repository holds code that some loaders run",
			"A file of this name is imported by a loader or a serving platform without any further question, or as soon as remote code is allowed.",
			"Read the file, pin the revision that you have read, or delete it: weights and configuration do not need it.",
			finding.Medium, finding.Likely, "CWE-829", "atlas:5.6:AML.T0011.000"),
		rule(ruleAsks, "The configuration asks for remote code",
			"It carries a switch that tools may pass on to a loader and so allow all code of the repository, without a decision of whoever loads it.",
			"Remove the key; give `trust_remote_code` where the model is loaded, or not at all.", finding.Medium, finding.Likely, "CWE-829", "atlas:5.6:AML.T0081"),
		rule(ruleShard, "A shard that the index names is not there",
			"Loaders fall back to another file, or fetch the shard from wherever they think it is. What is loaded then was not checked.",
			"Fetch the whole repository at one revision: `hf download ORG/NAME --revision COMMIT`.", finding.Medium, finding.Sure, "CWE-345"),
		rule(ruleTwin, "Safe weights stand beside unsafe ones",
			"Current transformers takes the safetensors file. Older versions, `use_safetensors=False` and other tools take the pickle, which can run code and need not hold the same weights.",
			convert, finding.Low, finding.Sure, "CWE-502", "atlas:5.6:AML.T0011.000"),
		rule(rulePrefers, "Loaders take the unsafe weights although safe ones are there",
			"The safetensors file has a name that loaders do not look for, or is not complete. They take the pickle beside it, which can run code and need not hold the same weights.",
			convert, finding.High, finding.Sure, "CWE-502", "atlas:5.6:AML.T0011.000"),
		rule(ruleBase, "The adapter takes its base model from a path or an address",
			"Whatever lies at that place on the machine of the victim is loaded as the base model, code included.",
			"Name the base model as ORG/NAME and load it yourself at a pinned revision: `AutoModel.from_pretrained(ORG/NAME, revision=COMMIT)`.",
			finding.Medium, finding.Likely, "CWE-73"),
		rule(ruleUnpinned, "The adapter does not say which revision of the base model it was made for",
			"The base model can change, or change hands, and the adapter goes on with whatever is there.",
			"Set \"revision\" in adapter_config.json to the commit of the base model.", finding.Low, finding.Sure, "CWE-494"),
		rule(ruleTwice, "The configuration has a key twice",
			"Readers disagree on which of the two counts, so the code that was checked need not be the code that runs.",
			"Do not use the repository. Get it again from its publisher at a pinned revision: `hf download ORG/NAME --revision COMMIT`.",
			finding.High, finding.Sure, "CWE-694", "atlas:5.6:AML.T0018"),
	}
}
