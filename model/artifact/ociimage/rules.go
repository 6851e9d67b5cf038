package ociimage

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleTraversal = "artifact/oci-traversal"
	ruleDigest    = "artifact/oci-digest-mismatch"
	ruleForeign   = "artifact/oci-foreign-blob"
	ruleCode      = "artifact/oci-bundle-code"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0010.004", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleTraversal, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "image or bundle that names a file outside of itself",
			Why: "A digest or a file name in the manifest is a path that leads out of the folder it is meant for. A tool that does not " +
				"check reads or overwrites files elsewhere when it unpacks the bundle.",
			Remedy: "Do not unpack it. Build the bundle again from its sources (kit pack, modctl build) and pin it by digest: kit pull NAME@sha256:...",
			Bad:    `"org.opencontainers.image.title": "../../.ssh/authorized_keys"`, Good: `"org.opencontainers.image.title": "model.gguf"`,
			CWE: []string{"CWE-22"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleDigest, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "blob that does not have its digest or size",
			Why: "The content is not what the manifest names: it was damaged or replaced after the manifest, and perhaps its signature, " +
				"was made.",
			Remedy: "Do not use it. Pull it again by digest (skopeo copy docker://NAME@sha256:... oci:DIR) and compare.",
			CWE:    []string{"CWE-345", "CWE-354"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleForeign, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "blob that is fetched from elsewhere",
			Why: "The manifest gives addresses from which tools take the blob instead of the registry: access rules and logs of the " +
				"registry do not apply there.",
			Remedy: "Build the image without foreign layers, or mirror them: skopeo copy --all.",
			CWE:    []string{"CWE-829"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleCode, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title:  "model bundle that carries code",
			Why:    "A layer of the bundle is code by its own type. It is unpacked beside the weights to be run with them.",
			Remedy: "Unpack the weights only (kit unpack --filter=model, modctl extract), or read the code before running it.",
			CWE:    []string{"CWE-829"}, Taxonomy: taxonomy,
		},
	}
}
