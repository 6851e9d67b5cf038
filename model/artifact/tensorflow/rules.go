package tensorflow

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	ruleFile    = "artifact/tf-file-operation"
	rulePython  = "artifact/tf-python-function"
	ruleSystem  = "artifact/tf-system-operation"
	ruleCustom  = "artifact/tf-custom-operation"
	ruleReader  = "artifact/tf-file-reader"
	rulePath    = "artifact/tf-checkpoint-path"
	ruleAsset   = "artifact/tf-asset-path"
	ruleMissing = "artifact/tf-asset-missing"
	ruleShard   = "artifact/tf-data-missing"
	ruleSize    = "artifact/tf-constant-size"
	ruleExpand  = "artifact/tf-expansion"
	ruleHidden  = "artifact/tf-hidden-data"
)

const (
	refuse = "Refuse the model. If you trust its weights, take them only, and build the graph in your own code: `tf.train.load_checkpoint('model/variables/variables').get_tensor(name)`."
	again  = "Get the model again from its publisher and compare the SHA-256, or export it again from the code that made it: `tf.saved_model.save(model, 'out')`."
)

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(ruleFile, "The graph reads or writes files",
			"TensorFlow graphs are programs. These operations read or overwrite any file that the serving process may touch, when the model is loaded or asked: keys can leave with an answer, and a written file can become code.",
			refuse, finding.Critical, finding.Sure, []string{"CWE-73", "CWE-502"}, "AML.T0011.000", "AML.T0018.002", "AML.T0025"),
		verdict.Rule(rulePython, "The graph calls Python functions of the process that loads it",
			"These operations run a Python function by a number that the model chooses.",
			"Export the model without tf.py_function and tf.numpy_function, or refuse it. "+refuse,
			finding.Critical, finding.Likely, []string{"CWE-829", "CWE-502"}, "AML.T0011.000"),
		verdict.Rule(ruleSystem, "The graph uses the network, the log or the process it runs in",
			"Debugging, summary and remote procedure operations send what the model sees to an address or file of the model's choice; others end the process.",
			refuse, finding.Critical, finding.Sure, []string{"CWE-200", "CWE-502"}, "AML.T0025", "AML.T0011.000"),
		verdict.Rule(ruleCustom, "The graph needs operations that TensorFlow does not define",
			"A custom operation is native code from a library that somebody must load for this model. What it does cannot be seen in the model.",
			"Find out which library implements it (`tf.load_op_library`), review and pin that library, or export the model with the operations of TensorFlow only.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleReader, "The graph reads data files",
			"Operations of an input pipeline are left in the graph; they read the files that the graph or its caller names.",
			"Export the model for inference only: `tf.saved_model.save(model, 'out', signatures=...)`.",
			finding.Medium, finding.Likely, []string{"CWE-73"}, "AML.T0025"),
		verdict.Rule(rulePath, "The graph saves or restores variables outside of the model",
			"A checkpoint operation has a fixed path that leaves the model's folder: it reads or overwrites other files when variables are restored or saved.",
			again, finding.Critical, finding.Likely, []string{"CWE-22"}, "AML.T0011.000"),
		verdict.Rule(ruleAsset, "The model names an asset outside of its own folder",
			"Assets are opened where the model says, relative to its folder assets. A path that leaves it makes the loader read any file.",
			again, finding.Critical, finding.Sure, []string{"CWE-22"}, "AML.T0025", "AML.T0011.000"),
		verdict.Rule(ruleMissing, "An asset of the model is not here",
			"The model names a file in its folder assets that does not exist, so it was not looked at.",
			"Download the whole folder of the model, pinned to one revision, and scan again.",
			finding.Low, finding.Sure, []string{"CWE-610"}, "AML.T0010.003"),
		verdict.Rule(ruleShard, "Data of the checkpoint are not here",
			"The index of the checkpoint names data files that do not exist, so the weights were not looked at.",
			"Download the whole folder of the model, pinned to one revision, and scan again.",
			finding.Low, finding.Sure, []string{"CWE-610"}, "AML.T0010.003"),
		verdict.Rule(ruleSize, "The data of a tensor contradict its type and shape",
			"A loader that trusts the shape reads past the data.",
			again, finding.High, finding.Sure, []string{"CWE-131"}, "AML.T0029"),
		verdict.Rule(ruleExpand, "A small constant becomes huge when it is loaded",
			"TensorFlow repeats a single value over the whole shape. Loading the graph takes as much memory as the shape says.",
			again, finding.High, finding.Likely, []string{"CWE-789", "CWE-409"}, "AML.T0029"),
		verdict.Rule(ruleHidden, "The model holds data that its format does not know",
			"Loaders ignore such fields and bytes, so anything may be carried in them; or they belong to a newer TensorFlow, and then merlon has not looked at all of the model.",
			again, finding.Medium, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
	}
}
