package coreml

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	ruleCustom  = "artifact/coreml-custom-code"
	ruleOp      = "artifact/coreml-unknown-operation"
	ruleLinked  = "artifact/coreml-linked-model"
	ruleOpaque  = "artifact/coreml-serialized-model"
	rulePath    = "artifact/coreml-external-path"
	ruleMissing = "artifact/coreml-missing-file"
	ruleHidden  = "artifact/coreml-hidden-data"
)

const again = "Convert the model again from its source with coremltools, or get it from its publisher and compare the SHA-256."

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(ruleCustom, "The model runs a class of the application",
			"Custom layers and custom models name an Objective-C or Swift class, which Core ML makes and calls with parameters from the model. What it does cannot be seen in the model.",
			"Review the class in the application that ships it, or convert the model without custom layers: `coremltools.convert(model)` with standard operations only.",
			finding.High, finding.Likely, []string{"CWE-470", "CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleOp, "The model needs operations that Core ML does not define",
			"An unknown operation comes from a newer Core ML, or from a plug-in that cannot be seen in the model.",
			again, finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001"),
		verdict.Rule(ruleLinked, "The model loads another model by name",
			"A linked model is looked for on the device when this one is loaded. Which one is found was not looked at.",
			"Put both into one pipeline model, and scan that.", finding.High, finding.Likely, []string{"CWE-829", "CWE-426"}, "AML.T0010.003"),
		verdict.Rule(ruleOpaque, "The model is a blob of a framework of Apple",
			"A serialized model is understood by one framework only; no tool can look into it.",
			"Train it again from its data, or pin its SHA-256.", finding.Medium, finding.Likely, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(rulePath, "The model reads weights from outside its own package",
			"Weights are opened where the model says. A path that leaves the package makes the loader read any file as weights.",
			again, finding.Critical, finding.Sure, []string{"CWE-22"}, "AML.T0025", "AML.T0011.000"),
		verdict.Rule(ruleMissing, "A part of the model is not here",
			"The package names a file that does not exist, or that is shorter than it says, so it was not looked at.",
			"Copy or download the whole .mlpackage folder and scan again.", finding.Low, finding.Sure, []string{"CWE-610"}, "AML.T0010.003"),
		verdict.Rule(ruleHidden, "The file holds data that the format does not know",
			"Loaders ignore such fields, so anything may be carried in them; or they belong to a newer version of the format, and then merlon has not looked at all of the model.",
			again, finding.Medium, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
	}
}
