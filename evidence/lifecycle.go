package evidence

import (
	"errors"
	"time"
)

// DatasetProfile says what a dataset holds.
type DatasetProfile struct {
	Tool         Tool            `json:"tool"`
	ProfiledAt   time.Time       `json:"profiled_at"`
	Name         string          `json:"name" rule:"text"`
	Format       string          `json:"format"`
	Rows         int64           `json:"rows" rule:"min=0"`
	Columns      []DatasetColumn `json:"columns"`
	Splits       []DatasetSplit  `json:"splits"`
	Source       string          `json:"source"`
	Licence      string          `json:"licence"`
	PersonalData string          `json:"personal_data" rule:"enum=none|found|unknown"`
	Measurements []Measurement   `json:"measurements"`
}

// DatasetColumn is one column.
type DatasetColumn struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Nulls     int64    `json:"nulls" rule:"min=0"`
	Distinct  int64    `json:"distinct" rule:"min=0"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	Mean      *float64 `json:"mean,omitempty"`
	Sensitive []string `json:"sensitive"` // kinds of personal data that were found
}

// DatasetSplit is a named part, such as the test data.
type DatasetSplit struct {
	Name   string            `json:"name" rule:"text"`
	Rows   int64             `json:"rows" rule:"min=0"`
	Digest map[string]string `json:"digest" rule:"digest"`
}

// Check implements [Predicate].
func (p *DatasetProfile) Check() error {
	for _, c := range p.Columns {
		if c.Nulls > p.Rows || c.Distinct > p.Rows {
			return errors.New("column " + c.Name + ": more values than rows")
		}
	}
	return inOrder(p.Measurements)
}

// When implements [Predicate].
func (p *DatasetProfile) When() time.Time { return p.ProfiledAt }

// TrainingRun says how the subject came to be.
type TrainingRun struct {
	Tool        Tool           `json:"tool"`
	ID          string         `json:"id" rule:"text"`
	StartedAt   time.Time      `json:"started_at"`
	FinishedAt  time.Time      `json:"finished_at"`
	Command     []string       `json:"command" rule:"items=1"`
	ExitCode    int64          `json:"exit_code"`
	InputsFrom  string         `json:"inputs_from" rule:"enum=declared|observed"` // how the inputs are known
	Inputs      []Resource     `json:"inputs"`
	Outputs     []Resource     `json:"outputs"`
	Code        Code           `json:"code"`
	Environment Environment    `json:"environment"`
	Hardware    Hardware       `json:"hardware"`
	Parameters  map[string]any `json:"parameters"`
	Metrics     []Measurement  `json:"metrics"`
}

// Code is the source that ran.
type Code struct {
	Repository string `json:"repository"`
	Commit     string `json:"commit"`
	Dirty      bool   `json:"dirty"` // files differed from the commit
}

// Environment is what the code ran in. Variables are those that were asked for; they
// never hold secrets.
type Environment struct {
	OS        string            `json:"os"`
	Arch      string            `json:"arch"`
	Runtime   string            `json:"runtime"` // "CPython 3.12.1"
	Packages  []Package         `json:"packages"`
	Variables map[string]string `json:"variables"`
}

// Package is an installed package.
type Package struct {
	Name    string `json:"name" rule:"text"`
	Version string `json:"version"`
}

// Hardware is what the code ran on.
type Hardware struct {
	CPU          string        `json:"cpu"`
	Cores        int64         `json:"cores" rule:"min=0"`
	MemoryBytes  int64         `json:"memory_bytes" rule:"min=0"`
	Accelerators []Accelerator `json:"accelerators"`
}

// Accelerator is a GPU or the like.
type Accelerator struct {
	Name        string `json:"name" rule:"text"`
	MemoryBytes int64  `json:"memory_bytes" rule:"min=0"`
	Driver      string `json:"driver"`
}

// Check implements [Predicate].
func (r *TrainingRun) Check() error {
	return errors.Join(period(r.StartedAt, r.FinishedAt), inOrder(r.Metrics))
}

// When implements [Predicate].
func (r *TrainingRun) When() time.Time { return r.FinishedAt }

// ModelCard says what a model is for. All of it is asserted by whoever signs.
type ModelCard struct {
	Name        string        `json:"name" rule:"text"`
	Version     string        `json:"version"`
	WrittenAt   time.Time     `json:"written_at"`
	Authors     []string      `json:"authors"`
	Description string        `json:"description"`
	Licence     string        `json:"licence"`
	Library     string        `json:"library"`
	Languages   []string      `json:"languages"`
	IntendedUse string        `json:"intended_use" rule:"text"`
	OutOfScope  string        `json:"out_of_scope"`
	Limitations string        `json:"limitations"`
	Risks       string        `json:"risks"`
	BaseModels  []Resource    `json:"base_models"`
	Datasets    []Resource    `json:"datasets"`
	Metrics     []Measurement `json:"metrics"`
}

// Check implements [Predicate].
func (c *ModelCard) Check() error { return inOrder(c.Metrics) }

// When implements [Predicate].
func (c *ModelCard) When() time.Time { return c.WrittenAt }

// Deployment says that the subject was put to use somewhere, or taken away.
type Deployment struct {
	Action      string    `json:"action" rule:"enum=deploy|rollback|retire"`
	Environment string    `json:"environment" rule:"text"`
	Location    string    `json:"location"` // URL, cluster and namespace, host
	At          time.Time `json:"at"`
	Actor       string    `json:"actor" rule:"text"`
	Reason      string    `json:"reason"`
	Decision    string    `json:"decision"` // digest of the gate decision that allowed it; "" without
	Replaces    *Resource `json:"replaces,omitempty"`
}

// Check implements [Predicate].
func (d *Deployment) Check() error { return nil }

// When implements [Predicate].
func (d *Deployment) When() time.Time { return d.At }

// Incident says what went wrong with the subject.
type Incident struct {
	ID         string           `json:"id" rule:"text"`
	Title      string           `json:"title" rule:"text"`
	Severity   string           `json:"severity" rule:"enum=critical|high|medium|low"`
	Status     string           `json:"status" rule:"enum=open|contained|resolved"`
	Category   string           `json:"category"`
	DetectedAt time.Time        `json:"detected_at"`
	UpdatedAt  time.Time        `json:"updated_at"`
	Summary    string           `json:"summary"`
	Impact     string           `json:"impact"`
	Owner      string           `json:"owner" rule:"text"`
	Actions    []IncidentAction `json:"actions"`
	References []string         `json:"references"`
}

// IncidentAction is something that was done.
type IncidentAction struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who" rule:"text"`
	What string    `json:"what" rule:"text"`
}

// Check implements [Predicate].
func (i *Incident) Check() error {
	if i.UpdatedAt.Before(i.DetectedAt) {
		return errors.New("updated_at is before detected_at")
	}
	return nil
}

// When implements [Predicate].
func (i *Incident) When() time.Time { return i.UpdatedAt }
