package reporttest

import "github.com/merlon-security/merlon/finding"

// Rules are the rules of the sample documents.
func Rules() []finding.Rule {
	return []finding.Rule{PickleCall, PickleUnknown, Secret, Lambda, Pinned, Personal, Notebook, Agent}
}

// The rules of the sample documents, one of almost every category.
var (
	PickleCall = finding.Rule{
		ID: "artifact/pickle-dangerous-call", Category: finding.Artifact,
		Title:    "Loading this file runs a command",
		Why:      "A pickle is a program. Whoever loads this one runs the call below with all rights of the loading process, before any check of the model can happen.",
		Remedy:   "Do not load the file. Delete it, find out who put it there, and load weights from safetensors instead: `safetensors.torch.load_file(path)`.",
		Bad:      "model = pickle.load(open(\"model.pkl\", \"rb\"))",
		Good:     "weights = safetensors.torch.load_file(\"model.safetensors\")",
		Severity: finding.Critical, Confidence: finding.Sure,
		CWE: []string{"CWE-502"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}, Aliases: []string{"B301"},
	}
	PickleUnknown = finding.Rule{
		ID: "artifact/pickle-unverified-import", Category: finding.Artifact,
		Title:    "Loading this file imports code that is not known to be harmless",
		Why:      "The pickle asks the loader for a function that merlon knows nothing about. It may be your own class, or a way to run code.",
		Remedy:   "Check the named function, or save the model in a format that holds no code.",
		Severity: finding.High, Confidence: finding.Likely,
		CWE: []string{"CWE-502"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000"},
	}
	Secret = finding.Rule{
		ID: "secret/aws-access-key", Category: finding.Secret,
		Title:    "AWS access key in the source",
		Why:      "Whoever reads the file can use the account.",
		Remedy:   "Revoke the key, then read it from the environment.",
		Severity: finding.Critical, Confidence: finding.Sure, CWE: []string{"CWE-798"},
	}
	Lambda = finding.Rule{
		ID: "code/eval-of-model-output", Category: finding.Code,
		Title:    "Output of a model is evaluated as code",
		Why:      "Who controls the prompt controls the program.",
		Remedy:   "Parse the answer with json.loads and check it against a schema.",
		Severity: finding.High, Confidence: finding.Likely,
		CWE: []string{"CWE-95"}, Taxonomy: []string{"owasp-llm:2025:LLM05"},
	}
	Pinned = finding.Rule{
		ID: "pipeline/action-not-pinned", Category: finding.Pipeline,
		Title:    "Workflow uses an action by a movable tag",
		Why:      "Whoever can move the tag runs code in your pipeline.",
		Remedy:   "Pin the action by its commit.",
		Severity: finding.Medium, Confidence: finding.Sure, CWE: []string{"CWE-829"},
	}
	Personal = finding.Rule{
		ID: "data/personal-data-in-column", Category: finding.Data,
		Title:    "Column holds personal data",
		Why:      "A model can repeat what it was trained on.",
		Remedy:   "Pseudonymise the column before training.",
		Severity: finding.Medium, Confidence: finding.Likely, CWE: []string{"CWE-359"},
	}
	Notebook = finding.Rule{
		ID: "code/notebook-shell-command", Category: finding.Code,
		Title:    "Notebook runs a shell command",
		Why:      "Running all cells runs it too.",
		Remedy:   "Move the command into a documented setup step.",
		Severity: finding.Low, Confidence: finding.Sure,
	}
	Agent = finding.Rule{
		ID: "agent/mcp-server-not-pinned", Category: finding.Agent,
		Title:    "MCP server is started in whatever version is newest",
		Why:      "A new version of the server can carry other tools under the same names.",
		Remedy:   "Pin the version of the server.",
		Severity: finding.High, Confidence: finding.Sure,
		CWE: []string{"CWE-829"}, Taxonomy: []string{"owasp-llm:2025:LLM03"},
	}
)
