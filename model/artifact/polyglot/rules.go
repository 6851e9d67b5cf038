package polyglot

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleDisguised = "artifact/executable-as-model"
	ruleInside    = "artifact/executable-in-model"
	ruleLlamafile = "artifact/llamafile"
)

func rules() []finding.Rule {
	return []finding.Rule{
		{
			ID: ruleDisguised, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "program with the name of a model",
			Why: "The file is called like a model and begins like a program that the operating system runs. No writer of " +
				"models makes such a file: it hides a program from people and from filters that look at names, or it is two " +
				"formats at once, so that what was checked is not what is run.",
			Remedy: "Do not load or run it. Delete it, report it where it came from, and take the model again from its " +
				"publisher: hf download ORG/NAME --revision COMMIT, then compare sha256sum with the published digest.",
			Bad: "model.safetensors begins with 7f 45 4c 46 (ELF)", Good: "model.safetensors begins with the length of its JSON header",
			CWE:      []string{"CWE-646", "CWE-506"},
			Taxonomy: []string{"atlas:5.6:AML.T0074", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"},
		},
		{
			ID: ruleInside, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "program inside a model",
			Why: "A member of the model's archive is a program. Loaders unpack such members beside the weights, and some load " +
				"them as libraries; nothing is known about what it does.",
			Remedy: "Find out from the publisher what the member is for. If nothing needs it, remove it (zip -d MODEL MEMBER) or " +
				"convert the weights to safetensors, which cannot carry programs.",
			CWE:      []string{"CWE-829"},
			Taxonomy: []string{"atlas:5.6:AML.T0018.002", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"},
		},
		{
			ID: ruleLlamafile, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "model that is a program (llamafile)",
			Why: "The file is an executable with the weights appended as a zip. Running it runs the publisher's machine code with " +
				"the rights of the user; the weights alone would be data.",
			Remedy: "Take the weights out and serve them with a llama.cpp of your own: unzip -o FILE '*.gguf'. If the program " +
				"itself is wanted, build it from source or verify the publisher's signature, and run it in a sandbox.",
			Bad: "./model.llamafile", Good: "unzip -o model.llamafile '*.gguf' && llama-server -m model.gguf",
			CWE:      []string{"CWE-829", "CWE-494"},
			Taxonomy: []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0010.001", "owasp-llm:2025:LLM03"},
		},
	}
}
