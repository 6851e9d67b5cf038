package cli

import "github.com/spf13/cobra"

// verb is one that merlon knows.
type verb struct {
	name string
	make func(streams) *cobra.Command
}

// verbs are all of them.
func verbs() []verb {
	return []verb{
		{"scan", newScan}, {"fix", newFix}, {"inspect", newInspect}, {"rules", newRules}, {"explain", newExplain},
		{"init", newInit}, {"version", newVersion},
		{"secret", newSecret}, {"hook", newHook}, {"notebook", newNotebook}, {"agent", newAgent}, {"db", newDB},
		{"key", newKey}, {"sign", newSign}, {"verify", newVerify}, {"attest", newAttest}, {"evidence", newEvidence},
		{"gate", newGate}, {"policy", newPolicy}, {"ledger", newLedger}, {"admission", newAdmission},
		{"run", newRun}, {"reproduce", newReproduce}, {"lineage", newLineage}, {"push", newPush}, {"pull", newPull},
		{watchedStep, func(streams) *cobra.Command { return newWatchedStep() }},
	}
}

// addVerbs adds the verb that the arguments begin with, or else all of them: making
// them takes longer than most of what they do.
func addVerbs(root *cobra.Command, s streams, args []string) {
	for _, v := range verbs() {
		if len(args) > 0 && args[0] == v.name {
			root.AddCommand(v.make(s))
			return
		}
	}
	for _, v := range verbs() {
		root.AddCommand(v.make(s))
	}
}
