package openvino

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/xmldoc"
)

// The ids of the rules.
const (
	ruleXML     = "artifact/openvino-xml-entity"
	ruleCustom  = "artifact/openvino-custom-layer"
	ruleBounds  = "artifact/openvino-weight-bounds"
	ruleMissing = "artifact/openvino-weights-missing"
)

func rules() []finding.Rule {
	return []finding.Rule{
		xmldoc.Rule(ruleXML),
		verdict.Rule(ruleCustom, "The model needs layers that OpenVINO does not define",
			"A custom layer is native code, or the source of a kernel, from a library that somebody must load for this model. What it does cannot be seen in the model.",
			"Find out which library implements it (`core.add_extension`), review and pin that library, or convert the model with standard operations only: `ovc model.onnx`.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleBounds, "Weights lie outside of their file, or contradict their shape",
			"A loader that trusts offset, size or shape reads past the end of the weights.",
			"Convert the model again from its source: `ovc model.onnx`, or get it from its publisher and compare the SHA-256.",
			finding.High, finding.Sure, []string{"CWE-125", "CWE-131"}, "AML.T0029"),
		verdict.Rule(ruleMissing, "The weights of the model are not here",
			"The .bin file with the weights was not looked at.",
			"Put the .bin file beside the .xml file and scan again.", finding.Low, finding.Sure, []string{"CWE-610"}, "AML.T0010.003"),
	}
}
