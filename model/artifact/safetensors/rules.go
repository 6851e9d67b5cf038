package safetensors

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	ruleHeader    = "artifact/safetensors-header-too-large"
	ruleOverlap   = "artifact/safetensors-overlap"
	ruleHidden    = "artifact/safetensors-hidden-data"
	ruleDuplicate = "artifact/safetensors-duplicate-key"
	ruleSize      = "artifact/safetensors-size-lie"
	ruleOverflow  = "artifact/safetensors-integer-overflow"
	ruleName      = "artifact/safetensors-deceptive-name"
	ruleShard     = "artifact/index-outside-shard"
	ruleIndexDup  = "artifact/index-duplicate-key"
)

const rewrite = "Do not use the file. Get it again from its publisher and compare the SHA-256; or, if you trust its tensors, write a clean copy: " +
	"`python -c \"from safetensors.numpy import *; save_file(load_file('in.safetensors'), 'out.safetensors')\"` (it refuses a file that is not clean)."

func rules() []finding.Rule {
	rule := func(id, title, why string, sev finding.Severity, cwe string, more ...string) finding.Rule {
		return finding.Rule{ID: id, Category: finding.Artifact, Title: title, Why: why, Remedy: rewrite,
			Severity: sev, Confidence: finding.Sure, CWE: []string{cwe},
			Taxonomy: append([]string{"owasp-llm:2025:LLM03", "atlas:5.6:AML.T0010.003"}, more...)}
	}
	shard := rule(ruleShard, "The index of a sharded model points outside its own folder",
		"A loader that joins the shard's name to the folder of the model reads a file of the attacker's choice: another model on the machine, or one that is fetched from elsewhere.",
		finding.High, "CWE-22")
	shard.Remedy = "Refuse the model. Shards are plain file names beside the index; download the repository again from its publisher, pinned: `hf download ORG/NAME --revision COMMIT`."
	indexDup := rule(ruleIndexDup, "The index of a sharded model has a key twice",
		"Readers disagree on which of the two counts, so the shard that was checked need not be the shard that is loaded.", finding.High, "CWE-694")
	indexDup.Remedy = shard.Remedy
	return []finding.Rule{
		rule(ruleHeader, "Safetensors header is longer than the format allows",
			"A reader without the limit reserves memory for whatever length the first eight bytes name, and fails or stops the machine.", finding.High, "CWE-789", "atlas:5.6:AML.T0029"),
		rule(ruleOverlap, "Two tensors own the same bytes",
			"The reference reader refuses the file; others load it. One tensor can then carry what was only checked as the other, and a rewritten file is no longer the same model.", finding.High, "CWE-1284", "atlas:5.6:AML.T0018.002"),
		rule(ruleHidden, "The file holds bytes that belong to no tensor",
			"Whatever lies between or behind the tensors is loaded by nobody and inspected by nobody: a place to carry a second file, a payload or stolen data inside a trusted model.", finding.High, "CWE-506", "atlas:5.6:AML.T0018.002"),
		rule(ruleDuplicate, "The header has a key twice",
			"Readers disagree on which of the two counts, so the tensor that was checked need not be the tensor that is loaded.", finding.High, "CWE-694", "atlas:5.6:AML.T0018"),
		rule(ruleSize, "A tensor's size contradicts its shape and type",
			"A reader that trusts the shape reads past the bytes of the tensor: into its neighbours, or out of the file's memory.", finding.High, "CWE-131", "atlas:5.6:AML.T0018"),
		rule(ruleOverflow, "A tensor's shape is too large to be counted",
			"The product of the dimensions wraps around in readers that do not check. They reserve little memory and fill it with much: a classic way to run code.", finding.High, "CWE-190", "atlas:5.6:AML.T0018"),
		rule(ruleName, "A tensor's name holds characters that are not seen",
			"Two names that look the same are different tensors; a name with terminal codes changes what a tool shows.", finding.Medium, "CWE-451", "atlas:5.6:AML.T0074"),
		shard,
		indexDup,
	}
}
