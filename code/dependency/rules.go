package dependency

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	ruleVulnerable = "dependency/known-vulnerability"
	ruleUnfixed    = "dependency/known-vulnerability-without-fix"
	ruleMalicious  = "dependency/malicious-package"
	ruleOld        = "dependency/old-advisories"
	ruleUnreadable = "dependency/unreadable-file"
	ruleIndexHTTP  = "dependency/plain-http"
	ruleConfusion  = "dependency/extra-index"
	ruleBranch     = "dependency/repository-without-commit"
	ruleUnpinned   = "dependency/unpinned-version"
	ruleLookalike  = "dependency/look-alike-name"
)

func rules() []finding.Rule {
	const supply, poisoned = "owasp-llm:2025:LLM03", "atlas:5.6:AML.T0010.001"
	rule := func(id, title, why, remedy, bad, good string, sev finding.Severity, conf finding.Confidence, cwe string, taxonomy ...string) finding.Rule {
		return finding.Rule{ID: id, Category: finding.Dependency, Title: title, Why: why, Remedy: remedy, Bad: bad, Good: good, Severity: sev, Confidence: conf, CWE: []string{cwe}, Taxonomy: append([]string{supply}, taxonomy...)}
	}
	return []finding.Rule{
		rule(ruleVulnerable, "A package has a known vulnerability that is fixed in a newer version",
			"The weakness is published, often with the way to use it. Whether the program reaches the weak part is not known unless the advisory names symbols and the code was searched for them.",
			"Update to the version named, or to a newer one; where the program cannot be reached by it, say so in an exception with a reason and an end.",
			"PyYAML==5.3", "PyYAML==6.0.2", finding.High, finding.Sure, "CWE-1395"),
		rule(ruleUnfixed, "A package has a known vulnerability that no version fixes",
			"The weakness is published and an update does not help. The finding is at most medium, so that it does not close the gate for something nobody can do; its own score is in the message.",
			"Look whether the weak part is used; replace the package, or keep strangers' input away from it.", "pypdf2==3.0.1", "pypdf==5.1.0", finding.Medium, finding.Sure, "CWE-1395"),
		rule(ruleMalicious, "A package is malicious",
			"It was published to do harm, or its author's account was taken over. It may have run already: installing runs code, and so does importing.",
			"Remove it. Treat every machine and every credential that met it as taken over.", "a package with a MAL- advisory", "the package that was meant", finding.Critical, finding.Sure, "CWE-506", poisoned),
		rule(ruleOld, "The advisories are old",
			"Some hundred vulnerabilities become known each week. A scan with old advisories says nothing about them.",
			"Run merlon db update, or carry a copy to machines without a network: merlon db update FOLDER.", "advisories of a year ago", "advisories of this week", finding.Low, finding.Sure, "CWE-1395"),
		rule(ruleUnreadable, "A file of packages cannot be read",
			"What it names was not looked at, or only in part. Its installer will not read it either, or reads something else than a scanner does.",
			"Correct the file, or make it again with the tool that wrote it.", "a lock file with the marks of a merge conflict", "the lock file as its tool writes it", finding.Medium, finding.Sure, "CWE-1104"),
		rule(ruleIndexHTTP, "Packages are fetched without encryption",
			"Whoever is on the way puts another package in its place, and installing runs it.",
			"Use https.", "--index-url http://pypi.example.com/simple", "--index-url https://pypi.example.com/simple", finding.High, finding.Sure, "CWE-494", poisoned),
		rule(ruleConfusion, "An extra index stands beside the public one",
			"The installer asks both and takes the highest version. Anybody can publish a higher version of an internal name on the public index (dependency confusion).",
			"Use one index that holds both (--index-url), or bind each internal name to its index; require hashes.", "--extra-index-url https://pypi.internal.example.com/simple", "--index-url https://pypi.internal.example.com/simple", finding.Medium, finding.Likely, "CWE-427", poisoned),
		rule(ruleBranch, "A package comes from a branch of a repository",
			"It is whatever lies there on the day it is installed. Nobody can say afterwards what ran, and whoever may write to the branch runs code here.",
			"Name the whole commit.", "git+https://github.com/org/tool@main", "git+https://github.com/org/tool@0123456789abcdef0123456789abcdef01234567", finding.Medium, finding.Sure, "CWE-494", poisoned),
		rule(ruleUnpinned, "Packages have no exact version",
			"Two installations differ, a release of this morning runs in production, and no scan can say whether what is installed is vulnerable.",
			"Pin versions with hashes: uv pip compile --generate-hashes, pip-compile --generate-hashes, or a lock file.", "torch>=2", "torch==2.6.0 --hash=sha256:...", finding.Low, finding.Sure, "CWE-1357"),
		rule(ruleLookalike, "A package has nearly the name of a popular one",
			"Attackers publish packages one letter away from popular ones and wait for slips. Some such names are honest; hence only a hint.",
			"Compare the name with the documentation of the package that was meant.", "tensorfow", "tensorflow", finding.Medium, finding.Unsure, "CWE-1357", poisoned),
	}
}
