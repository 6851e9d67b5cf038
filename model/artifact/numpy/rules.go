package numpy

import "github.com/merlon-security/merlon/finding"

// Ids of the rules.
const (
	ruleHeader = "artifact/numpy-header"
	ruleSize   = "artifact/numpy-size"
	ruleObject = "artifact/numpy-object-array"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleHeader, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "NumPy file whose header cannot be read",
			Why: "The header of an .npy file is Python text. NumPy before 1.10 evaluated it, so that code in it ran; today a header that is not " +
				"what numpy.save writes is damage or an attempt to make programs read the file differently.",
			Remedy: "Do not load the file with an old NumPy. Get it again from its publisher.",
			CWE:    []string{"CWE-95", "CWE-20"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleSize, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title:  "NumPy file is shorter or longer than its array",
			Why:    "Bytes behind the array are not part of it: they may be another array, or something that another program reads. A file that is too short was cut.",
			Remedy: "Get the file again from its publisher and compare the digest, or save the array again with numpy.save.",
			CWE:    []string{"CWE-1284"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleObject, Category: finding.Artifact, Severity: finding.Low, Confidence: finding.Sure,
			Title: "NumPy file holds Python objects, stored as a pickle",
			Why: "numpy.load reads it only with allow_pickle=True, and a program that sets this runs whatever the next such file tells it to. " +
				"The pickle in this file is judged by itself.",
			Remedy: "Store arrays of numbers or strings, and load with allow_pickle=False (the default).",
			CWE:    []string{"CWE-502"}, Taxonomy: taxonomy, Aliases: []string{"CVE-2019-6446"},
		},
	}
}
