package paddle

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	rulePython = "artifact/paddle-python-function"
	ruleFile   = "artifact/paddle-file-operator"
	ruleCustom = "artifact/paddle-custom-operator"
	ruleOpaque = "artifact/paddle-engine"
	ruleNet    = "artifact/paddle-network-operator"
	ruleSize   = "artifact/paddle-tensor-size"
	ruleHidden = "artifact/paddle-hidden-data"
)

const again = "Export the model again for inference: `paddle.jit.save(model, 'out', input_spec=...)`, or get it from its publisher and compare the SHA-256."

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(rulePython, "The program calls Python functions of the process that loads it",
			"The operator py_func runs a Python function by a number that the model chooses.",
			"Refuse the model, or export it without paddle.static.py_func.", finding.Critical, finding.Likely, []string{"CWE-829", "CWE-502"}, "AML.T0011.000"),
		verdict.Rule(ruleFile, "The program reads or writes files",
			"These operators open the path in their attributes when the model runs: any file that the process may touch.",
			again, finding.Critical, finding.Sure, []string{"CWE-73"}, "AML.T0011.000", "AML.T0025"),
		verdict.Rule(ruleCustom, "The program needs operators that PaddlePaddle does not define",
			"A custom operator is native code from a library that somebody must load for this model. What it does cannot be seen in the model.",
			"Find out which library implements it, review and pin that library, or export the model with standard operators only.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleOpaque, "The program carries a compiled engine",
			"The operator holds a serialized engine of TensorRT or another runtime; no tool can look into it.",
			"Let the runtime build the engine from the plain model on your own machine.", finding.Medium, finding.Likely, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(ruleNet, "The program talks to other processes",
			"Operators of distributed training are left in the program; they connect to the addresses in their attributes.",
			again, finding.High, finding.Likely, []string{"CWE-829", "CWE-918"}, "AML.T0025"),
		verdict.Rule(ruleSize, "A tensor's data contradict its type and shape",
			"A loader that trusts the shape reads past the data, or reserves far more memory than the file has.",
			again, finding.High, finding.Sure, []string{"CWE-131", "CWE-789"}, "AML.T0029"),
		verdict.Rule(ruleHidden, "The file holds data that the format does not know",
			"Loaders ignore such data, so anything may be carried in them; or they belong to a newer version of the format, and then merlon has not looked at all of the model.",
			again, finding.Medium, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
	}
}
