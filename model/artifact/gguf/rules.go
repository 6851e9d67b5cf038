package gguf

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	ruleOverflow  = "artifact/gguf-integer-overflow"
	ruleOutside   = "artifact/gguf-tensor-outside"
	ruleOverlap   = "artifact/gguf-overlap"
	ruleHidden    = "artifact/gguf-hidden-data"
	ruleDuplicate = "artifact/gguf-duplicate-key"
	ruleAlignment = "artifact/gguf-bad-alignment"
	ruleName      = "artifact/gguf-deceptive-name"
)

const again = "Do not load the file. Get it again from its publisher and compare the SHA-256: `hf download ORG/NAME FILE.gguf --revision COMMIT`; " +
	"or make it yourself from safetensors: `python convert_hf_to_gguf.py MODEL_DIR --outfile model.gguf`. Load files of strangers only with a current llama.cpp, in a sandbox."

func rules() []finding.Rule {
	rule := func(id, title, why string, sev finding.Severity, cwe string, more ...string) finding.Rule {
		return finding.Rule{ID: id, Category: finding.Artifact, Title: title, Why: why, Remedy: again,
			Severity: sev, Confidence: finding.Sure, CWE: []string{cwe},
			Taxonomy: append([]string{"owasp-llm:2025:LLM03", "atlas:5.6:AML.T0010.003"}, more...)}
	}
	return []finding.Rule{
		rule(ruleOverflow, "GGUF file with sizes that wrap around",
			"A loader in C that multiplies them without a check reserves little memory and fills it with much: a heap overflow, and with it code of the attacker's choice. No writer makes such a file by accident.",
			finding.Critical, "CWE-190", "atlas:5.6:AML.T0011.000"),
		rule(ruleOutside, "GGUF tensor lies outside its file",
			"Either the file is cut off, or it was made to: a loader that trusts the table reads memory that is not its own, and may hand it out in the next file it writes.", finding.High, "CWE-125", "atlas:5.6:AML.T0011.000"),
		rule(ruleOverlap, "Two tensors of a GGUF file own the same bytes",
			"Current llama.cpp refuses the file, other loaders do not. One tensor can then carry what was only checked as the other.", finding.High, "CWE-1284", "atlas:5.6:AML.T0018.002"),
		rule(ruleHidden, "The GGUF file holds bytes that belong to no tensor",
			"Whatever lies between or behind the tensors is loaded by nobody and inspected by nobody: a place to carry a second file, a payload or stolen data inside a trusted model.", finding.High, "CWE-506", "atlas:5.6:AML.T0018.002"),
		rule(ruleDuplicate, "The GGUF file has a key or tensor twice",
			"Loaders disagree on which of the two counts: the chat template or tensor that was checked need not be the one that is used.", finding.High, "CWE-694", "atlas:5.6:AML.T0018"),
		rule(ruleAlignment, "The GGUF file has an impossible alignment",
			"Loaders divide by it or round to it. Zero stops the process, other values move every tensor to where nobody checked.", finding.High, "CWE-1284", "atlas:5.6:AML.T0029"),
		rule(ruleName, "A name in the GGUF file holds characters that are not seen",
			"Two names that look the same are different tensors; a name with terminal codes changes what a tool shows.", finding.Medium, "CWE-451", "atlas:5.6:AML.T0074"),
	}
}
