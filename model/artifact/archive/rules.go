package archive

import "github.com/merlon-security/merlon/finding"

// Ids of the rules.
const (
	ruleViews       = "artifact/zip-view-mismatch"
	ruleDuplicate   = "artifact/zip-duplicate-member"
	ruleCRC         = "artifact/zip-crc-mismatch"
	ruleEncrypted   = "artifact/zip-encrypted"
	ruleHidden      = "artifact/archive-hidden-data"
	ruleDamaged     = "artifact/archive-damaged"
	ruleName        = "artifact/archive-odd-name"
	ruleTraversal   = "artifact/archive-traversal"
	ruleLink        = "artifact/archive-link"
	ruleBomb        = "artifact/archive-bomb"
	ruleUndecodable = "artifact/archive-undecodable"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	repack := "Do not load the file. Get it again from its publisher and compare the digest; if it is your own, write it again with the library that made it."
	return []finding.Rule{
		{
			ID: ruleViews, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "Zip describes itself in two ways that contradict each other",
			Why: "A zip names every member twice, in a directory at its end and in a header before the data. Where the two differ, " +
				"the program that checks the file and the program that loads it see different content, which is how malicious models pass scanners.",
			Remedy: repack, CWE: []string{"CWE-436", "CWE-345"}, Taxonomy: taxonomy, Aliases: []string{"CVE-2025-1944", "CVE-2025-1945"},
		},
		{
			ID: ruleDuplicate, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "Archive holds several members of one name",
			Why: "Which of them is used depends on the program: Python's zipfile takes the last, PyTorch's reader may take another and ignores the case of letters. " +
				"A harmless one for the check and a harmful one for the loader can share a name.",
			Remedy: repack, CWE: []string{"CWE-436", "CWE-694"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleCRC, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "Content of an archive member does not have its checksum",
			Why: "Either the file was damaged or changed after it was written, or the wrong checksum is there on purpose: " +
				"Python's zipfile refuses such a member, so scanners built on it skip it, and PyTorch loads it all the same.",
			Remedy: repack, CWE: []string{"CWE-354"}, Taxonomy: taxonomy, Aliases: []string{"CVE-2025-10156"},
		},
		{
			ID: ruleEncrypted, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title:  "Archive member is marked as encrypted",
			Why:    "What is encrypted cannot be checked. And some loaders ignore the mark: set on a member that is not encrypted, it hides the member from scanners that believe it.",
			Remedy: "Decrypt the archive and scan the content: unzip it into an empty folder, then `merlon scan` that folder.",
			CWE:    []string{"CWE-436"}, Taxonomy: taxonomy, Aliases: []string{"CVE-2025-1945"},
		},
		{
			ID: ruleHidden, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Archive carries data that do not belong to it",
			Why: "Bytes before, between or after the members are invisible to the programs that unpack the archive, and may be a program or a second model to another. " +
				"Self-extracting archives and zip applications have them on purpose; models do not.",
			Remedy: repack, CWE: []string{"CWE-434"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleDamaged, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Archive is damaged or contradicts itself",
			Why: "Programs stop at different places in such an archive, and what lies behind the damage is seen by some of them only. " +
				"An interrupted download looks the same.",
			Remedy: repack, CWE: []string{"CWE-345"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleName, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Sure,
			Title:  "Archive member has a name that programs read differently",
			Why:    "NUL bytes, backslashes and control characters in a name make one program open another member than the next, or show a harmless name for a harmful file.",
			Remedy: repack, CWE: []string{"CWE-436"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleTraversal, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title:  "Archive member would be written outside of the target folder",
			Why:    "A program that unpacks the archive without care overwrites files elsewhere: start-up scripts, keys, the code of another package.",
			Remedy: "Do not unpack the archive. " + repack, CWE: []string{"CWE-22"}, Taxonomy: taxonomy, Aliases: []string{"zip-slip"},
		},
		{
			ID: ruleLink, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title:  "Archive holds a link that leads out of it, or a device",
			Why:    "After unpacking, the link gives read or write access to files outside of the target folder; the next member may even be written through it.",
			Remedy: "Do not unpack the archive. " + repack, CWE: []string{"CWE-59"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleBomb, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "Archive expands beyond its budget",
			Why: "A few kilobytes that unpack to more than the disk holds stop the program that loads them, and keep scanners from looking at what comes after. " +
				"What was not unpacked was not checked.",
			Remedy: "If the archive is meant to be that large or that deeply nested, unpack it yourself and scan the folder.",
			CWE:    []string{"CWE-409"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleUndecodable, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "Archive content cannot be decoded",
			Why: "What cannot be decoded was not checked: it is encrypted, damaged or packed in a way that merlon does not know. " +
				"Loaders may still run what comes before the damage.",
			Remedy: "Unpack it with the program that made it and scan the folder, or get the file again from its publisher.",
			CWE:    []string{"CWE-434"}, Taxonomy: taxonomy,
		},
	}
}
