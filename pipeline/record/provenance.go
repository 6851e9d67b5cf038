package record

import (
	"encoding/json"

	"github.com/merlon-security/merlon/evidence"
)

// BuildType says how to read a build that merlon recorded.
const BuildType = "https://merlon.dev/run/v1"

// Statements are what a record states about its subjects: the run, and the same as SLSA
// provenance v1 for readers that know only that.
func (r *Result) Statements() ([]evidence.Statement, error) {
	st, err := evidence.About(r.Run, r.Subjects...)
	if err != nil {
		return nil, err
	}
	run := r.Run
	dependencies := run.Inputs
	if run.Code.Commit != "" {
		dependencies = append([]evidence.Resource{{URI: "git+" + run.Code.Repository, Digest: map[string]string{"gitCommit": run.Code.Commit}}}, dependencies...)
	}
	slsa, err := json.Marshal(map[string]any{
		"buildDefinition": map[string]any{
			"buildType":            BuildType,
			"externalParameters":   map[string]any{"command": run.Command, "parameters": run.Parameters},
			"internalParameters":   map[string]any{"environment": run.Environment, "hardware": run.Hardware, "inputs_from": run.InputsFrom, "dirty": run.Code.Dirty},
			"resolvedDependencies": dependencies,
		},
		"runDetails": map[string]any{
			"builder":    map[string]any{"id": BuildType, "version": map[string]string{run.Tool.Name: run.Tool.Version}},
			"metadata":   map[string]any{"invocationId": run.ID, "startedOn": run.StartedAt, "finishedOn": run.FinishedAt},
			"byproducts": run.Outputs,
		},
	})
	if err != nil {
		return nil, err
	}
	provenance := evidence.Statement{Type: evidence.StatementType, Subject: r.Subjects, PredicateType: evidence.ProvenanceType, Predicate: slsa}
	if _, err := provenance.Decode(); err != nil {
		return nil, err
	}
	return []evidence.Statement{st, provenance}, nil
}
