package keras

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	ruleModule   = "artifact/keras-module-injection"
	ruleGadget   = "artifact/keras-gadget"
	ruleUnsafe   = "artifact/keras-unsafe-flag"
	ruleDanger   = "artifact/keras-dangerous-lambda"
	ruleLambda   = "artifact/keras-lambda"
	ruleCustom   = "artifact/keras-custom-object"
	ruleTorch    = "artifact/keras-torch-module"
	ruleFile     = "artifact/keras-external-file"
	ruleTensor   = "artifact/keras-tensorflow-function"
	ruleTwice    = "artifact/keras-duplicate-key"
	ruleExternal = "artifact/hdf5-external-data"
	ruleHuge     = "artifact/hdf5-huge-dataset"
	ruleFollow   = "artifact/hdf5-not-followed"
)

const (
	weights  = "Refuse the model. Take its weights only, and build the layers in your own code: `model = build(); model.load_weights('model.weights.h5')`."
	isolated = "Review the code in the project that made the model, and load it there. Without the code, refuse the model, or take its weights only: `model.load_weights(...)`."
)

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(ruleModule, "The model's configuration imports Python code that is not a layer",
			"Keras before 3.9 imports the module that the configuration names and calls what it finds there, with arguments from the configuration, when the model is loaded; safe_mode does not help.",
			weights+" Use keras 3.13.2 or later: `pip install 'keras>=3.13.2'`.",
			finding.Critical, finding.Sure, []string{"CWE-502", "CWE-470"}, "AML.T0011.000", "AML.T0018.002"),
		verdict.Rule(ruleGadget, "The model's configuration calls a function of Keras that acts on files or the network",
			"Functions of Keras itself download, unpack, load or save. A configuration that names one runs it when the model is loaded, safe_mode or not.",
			weights+" Use keras 3.13.2 or later: `pip install 'keras>=3.13.2'`.",
			finding.Critical, finding.Sure, []string{"CWE-502", "CWE-913"}, "AML.T0011.000"),
		verdict.Rule(ruleUnsafe, "The model switches off the safety of its loader",
			"With safe mode off, marshalled Python code in the model runs when it is loaded.",
			weights, finding.Critical, finding.Sure, []string{"CWE-502", "CWE-693"}, "AML.T0011.000"),
		verdict.Rule(ruleDanger, "A layer of the model is Python code that reaches the system",
			"The marshalled function of a Lambda layer uses the names below: it runs programs, opens files or connections, or runs more code, with all rights of the process that loads the model.",
			weights, finding.Critical, finding.Sure, []string{"CWE-502", "CWE-94"}, "AML.T0011.000", "AML.T0018.002"),
		verdict.Rule(ruleLambda, "A layer of the model is Python code",
			"A Lambda layer carries a marshalled Python function. Its names show nothing dangerous, but bytecode is a program: what it does is not proved.",
			"Replace the Lambda layer by a registered layer class or by keras.ops, and save the model again. "+isolated,
			finding.High, finding.Likely, []string{"CWE-502"}, "AML.T0011.000"),
		verdict.Rule(ruleCustom, "The model needs code that is not part of Keras",
			"A custom object is a Python class or function that the loading program must supply. What it does cannot be seen in the model.",
			isolated, finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0011.000", "AML.T0018.001"),
		verdict.Rule(ruleTorch, "A layer of the model is a pickle",
			"TorchModuleWrapper and the scikit-learn wrappers hold a pickled object, which runs code of its author when the model is loaded.",
			weights+" Use keras 3.13.2 or later.", finding.Critical, finding.Likely, []string{"CWE-502"}, "AML.T0011.000"),
		verdict.Rule(ruleFile, "The model reads a file or address that its configuration names",
			"Lookup layers read their vocabulary, and TFSMLayer a whole SavedModel, from a path when the model is loaded: any file of the machine, where the vocabulary gives it away again.",
			"Save the vocabulary inside the model: `layer.set_vocabulary(list)` before `model.save(...)`. Use keras 3.13.2 or later.",
			finding.High, finding.Sure, []string{"CWE-73", "CWE-918"}, "AML.T0025", "AML.T0011.000"),
		verdict.Rule(ruleTensor, "A layer of the model calls a TensorFlow function that does more than compute",
			"A layer made from a TensorFlow function names it in the configuration; this one is not among the functions on tensors.",
			weights, finding.High, finding.Likely, []string{"CWE-470"}, "AML.T0018.001"),
		verdict.Rule(ruleTwice, "The model's configuration has a key twice",
			"Readers disagree on which of the two counts, so the layer that was checked need not be the layer that is loaded.",
			"Load the model in the project that made it and save it again.", finding.High, finding.Sure, []string{"CWE-694"}, "AML.T0074"),
		verdict.Rule(ruleExternal, "The HDF5 file takes data from other files",
			"External storage and external links make the library read any file that the HDF5 file names, as weights or as a whole part of the model.",
			"Refuse the file, or copy it without them: `h5repack in.h5 out.h5` on an isolated machine. Use keras 3.13.2 or later.",
			finding.Critical, finding.Sure, []string{"CWE-73", "CWE-22"}, "AML.T0025", "AML.T0011.000"),
		verdict.Rule(ruleHuge, "A dataset declares far more data than the file has",
			"HDF5 fills what is missing. Loading the weights takes as much memory as the shape says, and a small file stops the machine.",
			"Refuse the file. Use keras 3.13.1 or later.", finding.High, finding.Likely, []string{"CWE-789", "CWE-409"}, "AML.T0029"),
		verdict.Rule(ruleFollow, "Part of the HDF5 file could not be followed",
			"The file uses a construct that merlon does not read, so something in it was not looked at.",
			"Write a plain copy with `h5repack -f NONE in.h5 out.h5` on an isolated machine and scan that.",
			finding.Medium, finding.Sure, []string{"CWE-693"}, "AML.T0074"),
	}
}
