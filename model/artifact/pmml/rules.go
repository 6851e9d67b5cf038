package pmml

import (
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/xmldoc"
)

// The ids of the rules.
const (
	ruleXML       = "artifact/pmml-xml-entity"
	ruleFunction  = "artifact/pmml-custom-function"
	ruleExtension = "artifact/pmml-extension"
	ruleScript    = "artifact/pmml-script"
	ruleTable     = "artifact/pmml-table-locator"
)

func rules() []finding.Rule {
	const again = "Export the model again without it, for example with `sklearn2pmml` or `nyoka` and standard transformations only; otherwise refuse it."
	return []finding.Rule{
		xmldoc.Rule(ruleXML),
		verdict.Rule(ruleFunction, "The model applies a function that the standard does not define",
			"Evaluators look for such a function in their own libraries; those in Java take a name with dots for a class, load it and call it.",
			again, finding.High, finding.Likely, []string{"CWE-470", "CWE-829"}, "AML.T0011.000", "AML.T0018.001"),
		verdict.Rule(ruleExtension, "The model has an extension with content",
			"What an extension means is known to one vendor's evaluator only, and may be anything, code included.",
			again, finding.Medium, finding.Likely, []string{"CWE-506"}, "AML.T0018.002"),
		verdict.Rule(ruleScript, "The model holds a script",
			"Some exporters put preprocessing as source code into the model, and some evaluators run it.",
			again, finding.High, finding.Likely, []string{"CWE-94"}, "AML.T0011.000"),
		verdict.Rule(ruleTable, "The model takes data from a table elsewhere",
			"A table locator names a database that the evaluator connects to.",
			"Put the table into the model (InlineTable).", finding.Medium, finding.Likely, []string{"CWE-610"}, "AML.T0010.003"),
	}
}
