package weights

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner. Each states how often it was wrong about benign
// weights, as measured by bench/weights: 530 tensors of trained small networks and of
// the usual initial distributions, in the forms in which weights are published, each in
// files of up to five formats (2554 in 245 files). The
// limits were set on other tensors of the same kinds. None wrong in 530 means less
// than 0.6 % with a confidence of 95 %.
const (
	ruleNaN      = "artifact/weights-not-finite"
	ruleConstant = "artifact/weights-constant"
	ruleProgram  = "artifact/weights-program"
	ruleText     = "artifact/weights-text"
	ruleHidden   = "artifact/weights-hidden-data"
	ruleType     = "artifact/weights-type"
	rulePadding  = "artifact/weights-padding"
)

func rules() []finding.Rule {
	embedded := []string{"atlas:5.6:AML.T0018.002", "atlas:5.6:AML.T0010.003", "owasp-llm:2025:LLM03"}
	quality := []string{"atlas:5.6:AML.T0018.000", "atlas:5.6:AML.T0076", "owasp-llm:2025:LLM04"}
	source := "Compare the file with the publisher's digest (sha256sum) and take it again from the source: hf download ORG/NAME --revision COMMIT."
	return []finding.Rule{
		{
			ID: ruleNaN, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "weights that are no finite numbers",
			Why: "NaN and infinity spread through every computation they touch: the model gives nothing useful, or only for some inputs. " +
				"The training failed, or the file was damaged or tampered with. Wrong about none of 530 benign tensors.",
			Remedy: source, CWE: []string{"CWE-754"}, Taxonomy: quality,
		},
		{
			ID: ruleConstant, Category: finding.Artifact, Severity: finding.Info, Confidence: finding.Sure,
			Title: "tensor of one number",
			Why: "A large tensor holds the same number everywhere: the layer was never trained or was overwritten. Normalisation layers of " +
				"new models look like that too, which is why this is for information only.",
			Remedy: "Check that the layer is meant to be untrained. " + source, CWE: []string{"CWE-1023"}, Taxonomy: quality,
		},
		{
			ID: ruleProgram, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "program among the weights",
			Why: "The header of a program lies inside a tensor. Weights do not look like that by chance: somebody keeps a program in the " +
				"model, for another program to take out. Wrong about none of 530 benign tensors.",
			Remedy: "Do not use the model, and report it where it came from. " + source, CWE: []string{"CWE-506"}, Taxonomy: embedded,
		},
		{
			ID: ruleText, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "text among the weights",
			Why: "A tensor of numbers holds a long run of printable characters: a script, an address, a key. Wrong about none of 530 benign " +
				"tensors.",
			Remedy: "Look at the text. " + source, CWE: []string{"CWE-506"}, Taxonomy: embedded,
		},
		{
			ID: ruleHidden, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "data hidden in the low bits of weights",
			Why: "The last bits of trained weights are noise. Here some of them are not: they have the distribution of text, programs or " +
				"archives, which changes the model so little that nobody notices. Data that were encrypted first look like noise and are not " +
				"found. Wrong about none of 530 benign tensors.",
			Remedy: "Round the weights, which destroys what is hidden (model.to(torch.bfloat16)), or take the model again. " + source,
			CWE:    []string{"CWE-506", "CWE-1395"}, Taxonomy: embedded,
		},
		{
			ID: ruleType, Category: finding.Artifact, Severity: finding.Low, Confidence: finding.Likely,
			Title: "one weight of another type",
			Why: "All weights of the model are floats but one, which holds whole numbers: bytes of something else fit there without a trace. Wrong " +
				"about none of 245 benign files; a model that quantises exactly one layer would look like that.",
			Remedy: "Look at what the layer holds, and compare with the architecture. " + source, CWE: []string{"CWE-506"}, Taxonomy: embedded,
		},
		{
			ID: rulePadding, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "data in the padding between tensors",
			Why: "The bytes between two tensors belong to none of them and are zero in the files of all libraries. Here they are not: no loader " +
				"reads them, so anything may be kept there. Wrong about none of 245 benign files.",
			Remedy: source, CWE: []string{"CWE-506"}, Taxonomy: embedded,
		},
	}
}
