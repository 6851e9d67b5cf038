package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is the short name of a predicate type.
type Kind string

// The kinds of evidence that merlon writes and reads.
const (
	KindScan       Kind = "scan"       // what a scan found: [ScanResult]
	KindTest       Kind = "test"       // what a test of a model measured: [TestResult]
	KindDataset    Kind = "dataset"    // what a dataset holds: [DatasetProfile]
	KindTraining   Kind = "training"   // how a model came to be: [TrainingRun]
	KindBOM        Kind = "bom"        // its parts, CycloneDX: [BillOfMaterials]
	KindCard       Kind = "card"       // what it is for: [ModelCard]
	KindApproval   Kind = "approval"   // a person agreed or did not: [Approval]
	KindException  Kind = "exception"  // a rule is waived for a time: [Exception]
	KindDecision   Kind = "decision"   // what the gate decided, SLSA VSA: [Summary]
	KindDeployment Kind = "deployment" // where it runs: [Deployment]
	KindIncident   Kind = "incident"   // what went wrong: [Incident]
	KindProvenance Kind = "provenance" // how others built it, SLSA: [BuildProvenance]; read only
)

// The predicate types. Those of others are theirs.
const (
	// ScanType is the predicate type of a scan result.
	ScanType       = "https://merlon.dev/predicate/scan/v1"
	TestType       = "https://merlon.dev/predicate/test/v1"
	DatasetType    = "https://merlon.dev/predicate/dataset/v1"
	TrainingType   = "https://merlon.dev/predicate/training/v1"
	CardType       = "https://merlon.dev/predicate/card/v1"
	ApprovalType   = "https://merlon.dev/predicate/approval/v1"
	ExceptionType  = "https://merlon.dev/predicate/exception/v1"
	DeploymentType = "https://merlon.dev/predicate/deployment/v1"
	IncidentType   = "https://merlon.dev/predicate/incident/v1"
	BOMType        = "https://cyclonedx.org/bom"
	DecisionType   = "https://slsa.dev/verification_summary/v1"
	ProvenanceType = "https://slsa.dev/provenance/v1"
)

// Predicate is a decoded predicate, one of the structs of this package.
type Predicate interface {
	// Check reports what makes it meaningless although every field has its form.
	Check() error
	// When is the time it speaks of, as its signer says: the end of what was done.
	When() time.Time
}

// kind is one row of the table.
type kind struct {
	kind  Kind
	typ   string
	title string
	empty func() Predicate
	// foreign types are defined by others: unknown fields are ignored.
	foreign bool
}

func kinds() []kind {
	return []kind{
		{KindScan, ScanType, "scan result", func() Predicate { return new(ScanResult) }, false},
		{KindTest, TestType, "test result", func() Predicate { return new(TestResult) }, false},
		{KindDataset, DatasetType, "dataset profile", func() Predicate { return new(DatasetProfile) }, false},
		{KindTraining, TrainingType, "training run", func() Predicate { return new(TrainingRun) }, false},
		{KindBOM, BOMType, "bill of materials (CycloneDX)", func() Predicate { return new(BillOfMaterials) }, true},
		{KindCard, CardType, "model card", func() Predicate { return new(ModelCard) }, false},
		{KindApproval, ApprovalType, "approval", func() Predicate { return new(Approval) }, false},
		{KindException, ExceptionType, "exception", func() Predicate { return new(Exception) }, false},
		{KindDecision, DecisionType, "gate decision (SLSA verification summary)", func() Predicate { return new(Summary) }, true},
		{KindDeployment, DeploymentType, "deployment", func() Predicate { return new(Deployment) }, false},
		{KindIncident, IncidentType, "incident", func() Predicate { return new(Incident) }, false},
		{KindProvenance, ProvenanceType, "build provenance (SLSA)", func() Predicate { return new(BuildProvenance) }, true},
	}
}

// Kinds lists every kind, in the order of a model's life.
func Kinds() []Kind {
	var out []Kind
	for _, k := range kinds() {
		out = append(out, k.kind)
	}
	return out
}

// Type returns the predicate type of a kind, "" for an unknown one.
func (k Kind) Type() string {
	for _, row := range kinds() {
		if row.kind == k {
			return row.typ
		}
	}
	return ""
}

// Title is what a kind is called in sentences.
func (k Kind) Title() string {
	for _, row := range kinds() {
		if row.kind == k {
			return row.title
		}
	}
	return string(k)
}

// KindOf returns the kind of a predicate type, "" for an unknown one.
func KindOf(predicateType string) Kind {
	for _, row := range kinds() {
		if row.typ == predicateType {
			return row.kind
		}
	}
	return ""
}

// Kind returns the kind of the statement's predicate, "" for one that is not known.
func (s Statement) Kind() Kind { return KindOf(s.PredicateType) }

// ErrUnknown is returned by [Statement.Decode] if the predicate type is not known
// here. Such evidence says nothing to merlon.
var ErrUnknown = errors.New("predicate type is not known")

// Decode reads the predicate. Predicates that merlon defines are read strictly: a
// field that is not known, is missing or has another form is an error that names it.
// Of those that others define only what is understood is read.
func (s Statement) Decode() (Predicate, error) {
	for _, row := range kinds() {
		if row.typ != s.PredicateType {
			continue
		}
		p := row.empty()
		var err error
		if row.foreign {
			err = decode(s.Predicate, p, false)
		} else {
			err = decodeShape(s.Predicate, p)
		}
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.title, err)
		}
		return p, nil
	}
	return nil, fmt.Errorf("%w: %.200q", ErrUnknown, s.PredicateType)
}

// About makes the statement that a predicate holds for some subjects.
func About(p Predicate, subjects ...Subject) (Statement, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return Statement{}, fmt.Errorf("predicate: %w", err)
	}
	for _, row := range kinds() {
		if fmt.Sprintf("%T", row.empty()) != fmt.Sprintf("%T", p) {
			continue
		}
		s := Statement{Type: StatementType, Subject: subjects, PredicateType: row.typ, Predicate: raw}
		if err := s.Check(); err != nil {
			return Statement{}, err
		}
		_, err := s.Decode()
		return s, err
	}
	return Statement{}, fmt.Errorf("%T is no predicate", p)
}

// oneLine reports whether s has text and no line breaks.
func oneLine(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsAny(s, "\r\n")
}
