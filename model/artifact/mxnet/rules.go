package mxnet

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	rulePointer = "artifact/mxnet-pointer"
	ruleFile    = "artifact/mxnet-file-operator"
	ruleCustom  = "artifact/mxnet-custom-operator"
	ruleIndex   = "artifact/mxnet-index-out-of-range"
	ruleSize    = "artifact/mxnet-tensor-size"
	ruleHidden  = "artifact/mxnet-hidden-data"
	ruleTwice   = "artifact/mxnet-duplicate-key"
)

const again = "Get the model again from its publisher and compare the SHA-256, or export it again: `net.export('out')`. " +
	"MXNet is no longer maintained: convert the model to ONNX, `mx.onnx.export_model('net-symbol.json', 'net-0000.params', in_shapes=[...], onnx_file_path='out.onnx')`."

func rules() []finding.Rule {
	rule := func(id, title, why, remedy string, sev finding.Severity, conf finding.Confidence, cwe []string, atlas ...string) finding.Rule {
		taxonomy := []string{"owasp-llm:2025:LLM03"}
		for _, a := range atlas {
			taxonomy = append(taxonomy, "atlas:5.6:"+a)
		}
		return finding.Rule{ID: id, Category: finding.Artifact, Title: title, Why: why, Remedy: remedy,
			Severity: sev, Confidence: conf, CWE: cwe, Taxonomy: taxonomy}
	}
	return []finding.Rule{
		rule(rulePointer, "The graph calls an address that it brings along",
			"The operators _Native and _NDArray take the address of a structure of functions from the file, as text, and call it. No saved model needs them; "+
				"with any address the process crashes, with a chosen one it runs what lies there.",
			"Refuse the model.", finding.Critical, finding.Sure, []string{"CWE-822", "CWE-502"}, "AML.T0011.000"),
		rule(ruleFile, "The graph reads a file",
			"The operator opens the path in its attributes: any file that the process may read.",
			"Refuse the model, or export it without reading of images.", finding.Critical, finding.Likely, []string{"CWE-73"}, "AML.T0011.000", "AML.T0025"),
		rule(ruleCustom, "The graph needs operators that MXNet does not define",
			"Such an operator is a Python class, or native code of a library, that somebody must load for this model. What it does cannot be seen in the model.",
			"Find out which code implements it, review and pin that code, or export the model with standard operators only.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		rule(ruleIndex, "The graph refers to a node that is not there",
			"MXNet follows these numbers without a check: one that leads out of the list reads memory that is not the model's, one that leads back makes a circle.",
			again, finding.High, finding.Sure, []string{"CWE-129"}, "AML.T0029"),
		rule(ruleSize, "An array's data contradict its type and shape",
			"A loader that trusts the shape reads past the data, or reserves far more memory than the file has.",
			again, finding.High, finding.Sure, []string{"CWE-131", "CWE-789"}, "AML.T0029"),
		rule(ruleHidden, "The file holds bytes that belong to no array",
			"MXNet stops at the last name, so anything may be carried behind it.",
			again, finding.Medium, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
		rule(ruleTwice, "The graph has a key twice",
			"Readers differ in which of the two they take: what was reviewed is not what is run.",
			again, finding.High, finding.Sure, []string{"CWE-436"}, "AML.T0074"),
	}
}
