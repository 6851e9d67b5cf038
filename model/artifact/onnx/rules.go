package onnx

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	rulePath      = "artifact/onnx-external-path"
	ruleMissing   = "artifact/onnx-external-missing"
	ruleBounds    = "artifact/onnx-external-bounds"
	rulePython    = "artifact/onnx-python-operator"
	ruleCustom    = "artifact/onnx-custom-operator"
	ruleOpaque    = "artifact/onnx-opaque-operator"
	ruleShadow    = "artifact/onnx-shadowed-operator"
	ruleRecursion = "artifact/onnx-recursive-function"
	ruleExpansion = "artifact/onnx-expansion"
	ruleDepth     = "artifact/onnx-subgraph-depth"
	ruleSize      = "artifact/onnx-tensor-size"
	ruleHidden    = "artifact/onnx-hidden-data"
	ruleText      = "artifact/onnx-deceptive-text"
	ruleForm      = "artifact/onnx-text-form"
)

const (
	inline = "Load the model on an isolated machine and save it again with its weights inside, or beside it under a plain name: " +
		"`python -c \"import onnx; onnx.save(onnx.load('in.onnx'), 'out.onnx')\"`. Otherwise refuse it."
	check = "Get the model again from its publisher and compare the SHA-256; check it with `python -c \"import onnx; onnx.checker.check_model('model.onnx', full_check=True)\"`."
)

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(rulePath, "The model reads weights from outside its own folder",
			"External data is opened where the model says. A path that leaves the model's folder makes the loader read any file as weights, where an output or a saved copy gives it away, and makes save_external_data write there.",
			inline, finding.Critical, finding.Sure, []string{"CWE-22", "CWE-59"}, "AML.T0011.000", "AML.T0025"),
		verdict.Rule(ruleMissing, "Weights of the model are not here",
			"The model names a file with its weights that does not exist beside it, so the weights were not looked at.",
			"Download the missing file of the same revision into the model's folder, for example `hf download ORG/NAME FILE --revision COMMIT`, and scan again.",
			finding.Low, finding.Sure, []string{"CWE-610"}, "AML.T0010.003"),
		verdict.Rule(ruleBounds, "External weights lie beyond the end of their file",
			"A loader that trusts offset and length reads past the data, or fails with the memory already reserved.",
			check, finding.High, finding.Sure, []string{"CWE-125", "CWE-131"}, "AML.T0029"),
		verdict.Rule(rulePython, "The model names Python code that its runtime imports and runs",
			"An operator of this kind gives module and class; a runtime with Python support imports them when the model is loaded, with all rights of the process.",
			"Refuse the model, or have it exported again without Python operators: `torch.onnx.export(..., dynamo=True)` uses standard operators only.",
			finding.Critical, finding.Likely, []string{"CWE-829", "CWE-94"}, "AML.T0011.000", "AML.T0018.002"),
		verdict.Rule(ruleCustom, "The model needs operators that ONNX and ONNX Runtime do not define",
			"A custom operator is native code from a library that somebody must load for this model. What it does cannot be seen in the model.",
			"Find out which library implements it, review and pin that library, or export the model with standard operators only.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleOpaque, "The model carries a compiled blob for an accelerator",
			"The operator holds, or names, a program for a driver that no tool can look into. The driver runs it.",
			"Compile the blob yourself from the ONNX model it came from, and pin its SHA-256.",
			finding.Medium, finding.Likely, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(ruleShadow, "The model replaces a standard operator by a function of its own",
			"A node looks like an operator whose meaning is known, but runs what the function of the same name says.",
			"Rename the function's domain, or export the model again. Inline it to see what runs: `onnx.inliner.inline_local_functions(model)`.",
			finding.Medium, finding.Likely, []string{"CWE-451"}, "AML.T0018.001", "AML.T0074"),
		verdict.Rule(ruleRecursion, "A function of the model calls itself",
			"ONNX forbids it. A loader that inlines functions never ends, or runs out of stack.",
			check, finding.High, finding.Sure, []string{"CWE-674"}, "AML.T0029"),
		verdict.Rule(ruleExpansion, "A small model becomes huge when it is loaded",
			"Functions that call functions, or a sparse tensor made dense, multiply until the loader's memory is gone.",
			check, finding.High, finding.Sure, []string{"CWE-409", "CWE-776"}, "AML.T0029"),
		verdict.Rule(ruleDepth, "Control flow is nested unusually deep",
			"Loaders walk subgraphs by recursion; deep nesting overflows their stack.",
			check, finding.Medium, finding.Likely, []string{"CWE-674"}, "AML.T0029"),
		verdict.Rule(ruleSize, "A tensor's data contradict its type and shape",
			"A loader that trusts the shape reads past the data, or reserves far more memory than the file has.",
			check, finding.High, finding.Sure, []string{"CWE-131", "CWE-789"}, "AML.T0029"),
		verdict.Rule(ruleHidden, "The file holds data that the ONNX format does not know",
			"Every loader ignores such fields, so anything may be carried in them; or they belong to a newer version of the format, and then merlon has not looked at all of the model.",
			"Save the model again without them: `python -c \"import onnx; m=onnx.load('in.onnx'); m.DiscardUnknownFields(); onnx.save(m, 'out.onnx')\"`.",
			finding.Medium, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(ruleForm, "The model is in a text form that was not read",
			"The onnx package also loads models written in its own syntax or in JSON, by the ending of their name. merlon reads the binary form, the text form of protocol buffers and the format of ONNX Runtime.",
			"Convert it on an isolated machine and scan the result: `python -c \"import onnx; onnx.save(onnx.load('in.onnxtxt'), 'out.onnx')\"`.",
			finding.High, finding.Likely, []string{"CWE-693"}, "AML.T0074"),
		verdict.Rule(ruleText, "Names or metadata hold characters that are not seen",
			"Invisible characters and text that runs backwards hide what a reader, or a language model that summarises the card, is made to believe.",
			"Remove them from the metadata: `m.metadata_props` in Python.",
			finding.Medium, finding.Likely, []string{"CWE-451"}, "AML.T0074"),
	}
}
