package mar

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleHandler  = "artifact/mar-handler"
	ruleRequire  = "artifact/mar-requirements"
	ruleOutside  = "artifact/mar-outside-file"
	ruleYAML     = "artifact/mar-yaml-tag"
	ruleUnlisted = "artifact/mar-unlisted-code"
)

func rules() []finding.Rule {
	taxonomy := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleHandler, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "model archive whose code the server runs",
			Why: "TorchServe imports the handler and the model's source from the archive and runs them with the rights of the server. " +
				"Who can register a model archive can run any Python there.",
			Remedy: "Build the archive yourself from sources you have read: torch-model-archiver --model-name NAME --version V " +
				"--serialized-file WEIGHTS --handler HANDLER. Keep the management API closed and token authorisation on.",
			Bad: `"handler": "handler.py"`, Good: `"handler": "image_classifier"`,
			CWE: []string{"CWE-829", "CWE-94"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleRequire, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "model archive that installs packages",
			Why: "With install_py_dep_per_model the server installs the archive's requirements when the model is loaded: whatever they " +
				"name runs its installation on the server.",
			Remedy: "Install packages into the server's image, pinned with hashes (pip install --require-hashes -r requirements.txt), and set " +
				"install_py_dep_per_model=false.",
			CWE: []string{"CWE-494", "CWE-829"}, Taxonomy: []string{"atlas:5.6:AML.T0010.001", "atlas:5.6:AML.T0011.001", "owasp-llm:2025:LLM03"},
		},
		{
			ID: ruleOutside, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "model archive that names files outside of itself",
			Why: "The manifest names a path that leads out of the folder of the model, so that the server loads code or weights from " +
				"elsewhere on its disk.",
			Remedy: "Do not register the archive. torch-model-archiver writes plain names only.",
			Bad:    `"handler": "../../tmp/handler.py"`, Good: `"handler": "handler.py"`,
			CWE: []string{"CWE-22"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleYAML, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "model archive whose configuration makes Java objects",
			Why: "TorchServe reads the configuration of a model with SnakeYAML, which before 0.8.2 made an object of any class that a tag " +
				"names. With a class loader from an address this is code of the attacker's choice in the server.",
			Remedy: "Do not register the archive. Upgrade TorchServe to 0.12 or, as it is no longer maintained, move to another server.",
			Bad:    `handler: !!javax.script.ScriptEngineManager [...]`, Good: "handler: {profile: true}",
			CWE: []string{"CWE-502"}, Taxonomy: taxonomy,
		},
		{
			ID: ruleUnlisted, Category: finding.Artifact, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "model archive with code that its manifest does not name",
			Why: "All members are unpacked into the import path of the handler: a source that nobody lists can take the place of a " +
				"module that the handler imports.",
			Remedy:   "Read the sources (unzip -p MODEL '*.py'), and remove what the handler does not need (zip -d MODEL MEMBER).",
			CWE:      []string{"CWE-427"},
			Taxonomy: taxonomy,
		},
	}
}
