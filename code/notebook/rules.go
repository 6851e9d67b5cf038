package notebook

import "github.com/merlon-security/merlon/finding"

// The ids of the rules.
const (
	ruleFetch    = "notebook/remote-shell-script"
	ruleRemote   = "notebook/remote-code"
	ruleSource   = "notebook/insecure-package-source"
	ruleMutable  = "notebook/mutable-package-address"
	ruleUnpinned = "notebook/unpinned-package"
	ruleKernel   = "notebook/output-runs-code"
	ruleScript   = "notebook/script-from-elsewhere"
	ruleActive   = "notebook/script-in-output"
	ruleTrusted  = "notebook/trusted-flag"
	ruleHome     = "notebook/home-folder"
	rulePersonal = "notebook/personal-data"
)

func rules() []finding.Rule {
	return []finding.Rule{{
		ID: ruleFetch, Category: finding.Code,
		Title: "The notebook downloads a script and runs it",
		Why: "Whoever controls the server, or the way to it, runs commands on every machine on which somebody presses \"run all\", " +
			"with the data and the credentials that are there. It can be another script each time.",
		Remedy: "Download a fixed version to a file, compare its SHA-256 with the one that you reviewed, then run it; or put the tool into the image that the notebook runs in.",
		Bad:    "!curl -s https://example.com/setup.sh | sh", Good: "!echo \"<sha256>  setup.sh\" | sha256sum --check && sh setup.sh",
		Severity: finding.High, Confidence: finding.Sure, CWE: []string{"CWE-494"}, Taxonomy: []string{"atlas:5.6:AML.T0011", "owasp-llm:2025:LLM03"},
	}, {
		ID: ruleRemote, Category: finding.Code,
		Title:  "The notebook runs code from an address",
		Why:    "%run and %load fetch a file and run it in the kernel, or put it into a cell: whoever controls the address controls the kernel.",
		Remedy: "Commit the file beside the notebook and run that: %run setup.py.",
		Bad:    "%run https://example.com/setup.py", Good: "%run setup.py",
		Severity: finding.High, Confidence: finding.Sure, CWE: []string{"CWE-494", "CWE-829"}, Taxonomy: []string{"atlas:5.6:AML.T0011", "owasp-llm:2025:LLM03"},
	}, {
		ID: ruleSource, Category: finding.Code,
		Title:  "The notebook installs packages without checking where they come from",
		Why:    "Over plain HTTP, or with --trusted-host, anybody on the way can put another package in the place of the one that was asked for. Its code runs while it is installed.",
		Remedy: "Use the index over https and without --trusted-host; give a private index a certificate.",
		Bad:    "!pip install --index-url http://pypi.example.com/simple tool", Good: "%pip install tool==1.4.2",
		Severity: finding.High, Confidence: finding.Sure, CWE: []string{"CWE-319", "CWE-494"}, Taxonomy: []string{"atlas:5.6:AML.T0010.001", "owasp-llm:2025:LLM03"},
	}, {
		ID: ruleMutable, Category: finding.Code,
		Title:  "The notebook installs a package from an address that can change",
		Why:    "A branch, a tag or a file at an address is whatever its owner makes of it: tomorrow's run can install something else than today's.",
		Remedy: "Name the full commit (@ and 40 hexadecimal digits), or add #sha256= to the address of a file.",
		Bad:    "!pip install git+https://github.com/org/tool@main", Good: "!pip install git+https://github.com/org/tool@5f0b02c75b57c5855da9ae460ce51323ea669d8a",
		Severity: finding.Medium, Confidence: finding.Sure, CWE: []string{"CWE-494"}, Taxonomy: []string{"atlas:5.6:AML.T0010.001", "owasp-llm:2025:LLM03"},
	}, {
		ID: ruleUnpinned, Category: finding.Code,
		Title:  "The notebook installs packages without a version",
		Why:    "What is installed differs from day to day, results cannot be repeated, and a release that was taken over is installed at once.",
		Remedy: "Name exact versions, or install from a requirements file with digests: %pip install -r requirements.txt.",
		Bad:    "!pip install tool", Good: "%pip install tool==1.4.2",
		Severity: finding.Low, Confidence: finding.Sure, CWE: []string{"CWE-1357"}, Taxonomy: []string{"atlas:5.6:AML.T0010.001", "owasp-llm:2025:LLM03"},
	}, {
		ID: ruleKernel, Category: finding.Code,
		Title: "An output of the notebook gives commands to the kernel",
		Why: "The output holds a script that runs Python through the page, or reads the session's cookies, as soon as somebody opens the notebook and trusts it: " +
			"no cell needs to be run, and the cells show nothing of it.",
		Remedy: "Strip the outputs (merlon notebook clean --write) and run the cells again, if the code in them is trusted.",
		Bad:    "<script>IPython.notebook.kernel.execute(\"...\")</script>", Good: "an output without scripts",
		Severity: finding.High, Confidence: finding.Likely, CWE: []string{"CWE-79", "CWE-506"}, Taxonomy: []string{"atlas:5.6:AML.T0011"},
	}, {
		ID: ruleScript, Category: finding.Code,
		Title:  "The notebook loads a script or a frame from elsewhere",
		Why:    "Whoever controls that address decides what happens in the browser of everybody who opens the notebook.",
		Remedy: "Strip the outputs (merlon notebook clean --write), or keep the script inside the notebook.",
		Bad:    `<script src="http://example.com/x.js"></script>`, Good: "an output without foreign scripts",
		Severity: finding.Medium, Confidence: finding.Likely, CWE: []string{"CWE-829", "CWE-79"}, Taxonomy: []string{"atlas:5.6:AML.T0011"},
	}, {
		ID: ruleActive, Category: finding.Code,
		Title:  "Outputs of the notebook hold scripts",
		Why:    "They run in the browser of everybody who opens the notebook and trusts it. Plots and widgets are made that way; so are attacks, and nobody reads outputs.",
		Remedy: "Strip the outputs before the notebook is shared: merlon notebook clean --write, or as a git filter.",
		Bad:    "<script>...</script> in an output", Good: "image/png",
		Severity: finding.Low, Confidence: finding.Likely, CWE: []string{"CWE-79"},
	}, {
		ID: ruleTrusted, Category: finding.Code,
		Title:  "The notebook calls itself trusted",
		Why:    "Old programs, and some viewers, take the flag in the file for the reader's own decision and run the scripts in the outputs.",
		Remedy: "Remove it: merlon notebook clean --write.",
		Bad:    `"metadata": {"trusted": true}`, Good: `"metadata": {}`,
		Severity: finding.Low, Confidence: finding.Sure, CWE: []string{"CWE-501"},
	}, {
		ID: ruleHome, Category: finding.Code,
		Title:  "The notebook shows somebody's home folder",
		Why:    "Absolute paths tell who ran it, on what machine and how it is organised: what a targeted message needs. And the code works nowhere else.",
		Remedy: "Use relative paths, and strip the outputs: merlon notebook clean --write.",
		Bad:    "/home/ada/projects/credit/data.csv", Good: "data/data.csv",
		Severity: finding.Info, Confidence: finding.Sure, CWE: []string{"CWE-200"},
	}, {
		ID: rulePersonal, Category: finding.Data,
		Title:  "Outputs of the notebook show personal data",
		Why:    "Rows of a table that somebody printed go wherever the notebook goes: repositories, tickets, slides, training data. The people in them have not agreed to that, and a history of versions keeps them for good.",
		Remedy: "Strip the outputs (merlon notebook clean --write), also from the history if it was shared, and show counts or made-up rows instead.",
		Bad:    "df.head() of a table of customers in an output", Good: "df.shape",
		Severity: finding.Medium, Confidence: finding.Likely, CWE: []string{"CWE-359"}, Taxonomy: []string{"owasp-llm:2025:LLM02"},
	}}
}
