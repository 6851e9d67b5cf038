package tflite

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// The ids of the rules.
const (
	ruleCustom = "artifact/tflite-custom-operator"
	ruleFlex   = "artifact/tflite-flex-operation"
	ruleOpaque = "artifact/tflite-delegate"
	ruleIndex  = "artifact/tflite-index-out-of-range"
	ruleSize   = "artifact/tflite-tensor-size"
	ruleLoop   = "artifact/tflite-recursive-subgraph"
	ruleNewer  = "artifact/tflite-unknown-field"
)

const again = "Convert the model again from its source: `tf.lite.TFLiteConverter.from_saved_model('model').convert()`, or get it from its publisher and compare the SHA-256."

func rules() []finding.Rule {
	return []finding.Rule{
		verdict.Rule(ruleCustom, "The model needs operators that TensorFlow Lite does not define",
			"A custom operator is native code that the application must register for this model. What it does cannot be seen in the model.",
			"Find out which library implements it and pin that, or convert the model with built-in operators only: `converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]`.",
			finding.High, finding.Likely, []string{"CWE-829"}, "AML.T0018.001", "AML.T0011.000"),
		verdict.Rule(ruleFlex, "The model runs a TensorFlow operation that reaches files, the network or Python",
			"The Flex delegate runs any operation of TensorFlow with the rights of the application.",
			"Refuse the model, or convert it with built-in operators only: `converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]`.",
			finding.Critical, finding.Sure, []string{"CWE-502", "CWE-73"}, "AML.T0011.000", "AML.T0018.002"),
		verdict.Rule(ruleOpaque, "The model carries a program for a delegate",
			"The operator holds what an accelerator's driver runs; no tool can look into it.",
			"Compile it yourself from the model it came from, and pin its SHA-256.",
			finding.Medium, finding.Likely, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(ruleIndex, "The model refers to something that is not in it",
			"An index beyond the end of its list makes an interpreter that does not check read or write other memory.",
			again, finding.High, finding.Sure, []string{"CWE-129", "CWE-125"}, "AML.T0029"),
		verdict.Rule(ruleSize, "A tensor's data contradict its type and shape",
			"An interpreter that trusts the shape reads past the data.",
			again, finding.High, finding.Sure, []string{"CWE-131"}, "AML.T0029"),
		verdict.Rule(ruleLoop, "A subgraph of the model calls itself",
			"The interpreter follows subgraphs by recursion and never ends.",
			again, finding.High, finding.Sure, []string{"CWE-674"}, "AML.T0029"),
		verdict.Rule(ruleNewer, "The model has parts that its format does not know",
			"Interpreters ignore such fields, so anything may be carried in them; or they belong to a newer version of the format.",
			again, finding.Low, finding.Sure, []string{"CWE-506"}, "AML.T0018.002"),
	}
}
