// Package xmldoc judges what the XML of a model would make a careless parser do, the
// same for all formats that are XML.
package xmldoc

import (
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/xmlwalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

// Rule is the rule about entities, under the id of a format.
func Rule(id string) finding.Rule {
	return finding.Rule{
		ID: id, Category: finding.Artifact, Title: "The model's XML makes a parser read files or run out of memory",
		Why: "A document type can declare entities that read any file or address, or that multiply until memory is gone, in every parser that resolves them. " +
			"Models have no use for it.",
		Remedy: "Refuse the model, or export it again. Read XML of others with a parser that refuses document types: `defusedxml.ElementTree.parse(path, forbid_dtd=True)` in Python, " +
			"FEATURE_SECURE_PROCESSING and disallow-doctype-decl in Java.",
		Severity: finding.Critical, Confidence: finding.Sure, CWE: []string{"CWE-611", "CWE-776"},
		Taxonomy: []string{"owasp-llm:2025:LLM03", "atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0025", "atlas:5.6:AML.T0029"},
	}
}

// Judge makes a finding of a threat, under the rule id, with the verdict that it
// gives.
func Judge(rule string, ref asset.Ref, t xmlwalk.Threat, detail string, off int64) (asset.Verdict, finding.Finding) {
	f := finding.Finding{Rule: rule, Key: string(t) + " " + detail, Locations: []finding.Location{finding.AtOffset(ref, off)}}
	shown := ""
	if detail != "" {
		shown = fmt.Sprintf(" %q", verdict.Show(detail))
	}
	v := asset.Unverified
	switch t {
	case xmlwalk.ExternalEntity:
		v, f.Message = asset.Malicious, "The document declares an entity that reads"+shown+"."
	case xmlwalk.Include:
		v, f.Message = asset.Malicious, "The document includes"+shown+"."
	case xmlwalk.EntityBomb:
		v, f.Message = asset.Malicious, "The document declares an entity made of entities:"+shown+"."
	case xmlwalk.ExternalDTD:
		f.Message = "The document has the external document type" + shown + "."
		if !strings.HasPrefix(detail, "http://") && !strings.HasPrefix(detail, "https://") {
			v = asset.Malicious
		}
	default:
		f.Message = "The document has a " + string(t) + shown + "."
	}
	if v != asset.Malicious {
		f.Severity, f.Confidence = finding.Medium, finding.Likely
	}
	return v, f
}
