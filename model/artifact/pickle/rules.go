package pickle

import "github.com/merlon-security/merlon/finding"

// The rules.
const (
	ruleCall       = "artifact/pickle-dangerous-call"
	ruleImport     = "artifact/pickle-dangerous-import"
	ruleTamper     = "artifact/pickle-tampering"
	ruleComputed   = "artifact/pickle-computed-name"
	ruleUnverified = "artifact/pickle-unverified"
	ruleNested     = "artifact/pickle-nested"
	ruleExtension  = "artifact/pickle-extension-code"
	rulePersistent = "artifact/pickle-persistent-id"
	ruleBroken     = "artifact/pickle-broken"
	ruleBomb       = "artifact/pickle-resource-bomb"
	ruleHidden     = "artifact/pickle-hidden-stream"
	ruleReaders    = "artifact/pickle-ambiguous"
)

// taxonomy: MITRE ATLAS "User Execution: Unsafe AI Artifacts", "AI Supply Chain Compromise: Model"; OWASP LLM "Supply Chain".
var (
	taxonomy  = []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0010.003", "owasp-llm:2025:LLM03"}
	untrusted = []string{"CWE-502"}
)

const (
	doNotLoad = "Do not load the file. Get the model from its publisher again, compare digests, and ask for safetensors or another format without code."
	askFor    = "Load the file only if you trust whoever made it. Better: ask for safetensors, or convert it in a sandbox and keep the result."
)

// Rules is what this package reports.
func Rules() []finding.Rule {
	base := finding.Rule{Category: finding.Artifact, CWE: untrusted, Taxonomy: taxonomy}
	make := func(id string, s finding.Severity, c finding.Confidence, title, why, remedy string) finding.Rule {
		r := base
		r.ID, r.Severity, r.Confidence, r.Title, r.Why, r.Remedy = id, s, c, title, why, remedy
		return r
	}
	call := make(ruleCall, finding.Critical, finding.Sure, "Loading the file runs attacker-controlled code",
		"A pickle is a program. This one calls a function with an effect outside the data while it is loaded: whoever wrote the file decides what happens on your machine.", doNotLoad)
	call.Bad = "os.system(\"...\") in the stream: the command runs during torch.load or pickle.load"
	call.Good = "model.safetensors: data only"
	call.Aliases = []string{"B301"}
	imp := make(ruleImport, finding.Critical, finding.Likely, "The file imports a dangerous function",
		"Loading imports a function with an effect outside the data and hands it on. Data formats have no use for it; it is called as soon as something uses the loaded object.", doNotLoad)
	computed := make(ruleComputed, finding.Critical, finding.Likely, "The file computes the name that it imports",
		"No serializer does that: names are computed to hide them from scanners.", doNotLoad)
	tamper := make(ruleTamper, finding.Critical, finding.Likely, "Loading changes a class, function or module of your program",
		"The file sets attributes or items of something that it imported instead of an object that it made: later calls then run what the attacker put there.", doNotLoad)
	unverified := make(ruleUnverified, finding.High, finding.Likely, "The file uses names that are not known to be harmless",
		"Loading imports or calls code that nobody has reviewed for this use. It may be the model's own classes, and it may be an attack that no list knows.", askFor)
	nested := make(ruleNested, finding.Low, finding.Sure, "A string in the file is itself a pickle",
		"A pickle inside a string runs when something unpickles the string. Scanners that look at the outer one only miss it.", "Find out why it is there. Its content was judged like that of the file.")
	extension := make(ruleExtension, finding.High, finding.Likely, "The file uses extension codes in place of names",
		"An extension code stands for whatever class was registered under it in the process that loads the file, so nobody can tell from the file what is called.", askFor)
	persistent := make(rulePersistent, finding.High, finding.Likely, "The file refers to objects outside of it",
		"A persistent id is resolved by code of the loading program that the file chooses the arguments for.", "Load it only with the program that it was written for.")
	broken := make(ruleBroken, finding.Medium, finding.Sure, "The pickle is broken",
		"The file cannot be decoded to its end. What comes before the break still runs when it is loaded; attackers break files so that scanners give up.", "Get the file again and compare its digest and size.")
	bomb := make(ruleBomb, finding.High, finding.Likely, "The pickle exceeds the bounds of the analysis",
		"It nests, names, shares or stores more than real files do. Loading it may exhaust memory or never end, and what it does could not be followed exactly.", doNotLoad)
	hidden := make(ruleHidden, finding.Low, finding.Sure, "Another pickle lies behind the first",
		"Some loaders read several pickles from one file, scanners often only the first. Its content was judged like that of the first.", "Find out why it is there.")
	ambiguous := make(ruleReaders, finding.High, finding.Sure, "Python's readers disagree about the pickle",
		"An opcode crosses the end of a frame. Reading from memory, from a file and with the Python implementation then give different programs. No serializer writes this.", doNotLoad)
	return []finding.Rule{call, imp, tamper, computed, unverified, nested, extension, persistent, broken, bomb, hidden, ambiguous}
}
