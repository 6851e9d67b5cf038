// Package evidence holds what checks leave behind for others to rely on: in-toto
// statements that bind a predicate to the digests of its subjects, and the
// decisions that a gate draws from them.
package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// StatementType is the _type of every statement (in-toto Attestation Framework,
// Statement layer v1).
const StatementType = "https://in-toto.io/Statement/v1"

// Statement binds a predicate to its subjects.
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Subject names an asset by digest.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // algorithm to lower-case hex; "sha256" always
}

// DirHash is the algorithm of a digest that covers the names of a folder's files (in-toto
// DigestSet): hex SHA-256 of the output of sha256sum for all files in order of names.
const DirHash = "dirHash"

// Matches reports whether two subjects are the same thing: their SHA-256 is equal, and
// so is every other digest that both have.
func (s Subject) Matches(other Subject) bool {
	for alg, d := range s.Digest {
		if o, both := other.Digest[alg]; both && o != d {
			return false
		}
	}
	return IsSHA256(s.Digest["sha256"]) && s.Digest["sha256"] == other.Digest["sha256"]
}

// IsSHA256 reports whether s is a SHA-256 in lower-case hex.
func IsSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// New makes a statement and checks it.
func New(predicateType string, predicate any, subjects ...Subject) (Statement, error) {
	raw, err := json.Marshal(predicate)
	if err != nil {
		return Statement{}, fmt.Errorf("predicate: %w", err)
	}
	s := Statement{Type: StatementType, Subject: subjects, PredicateType: predicateType, Predicate: raw}
	return s, s.Check()
}

// Check reports what makes the statement unusable as evidence.
func (s Statement) Check() error {
	if s.Type != StatementType {
		return fmt.Errorf("statement type is %q, not %q", s.Type, StatementType)
	}
	if s.PredicateType == "" {
		return errors.New("statement has no predicate type")
	}
	if len(s.Subject) == 0 {
		return errors.New("statement has no subject")
	}
	if p := bytes.TrimLeft(s.Predicate, " \t\r\n"); len(p) == 0 || p[0] != '{' {
		return errors.New("statement has no predicate that is an object")
	}
	for _, sub := range s.Subject {
		if !IsSHA256(sub.Digest["sha256"]) {
			return fmt.Errorf("subject %q has no sha256 digest", sub.Name)
		}
	}
	return nil
}

// Parse reads a statement. Unknown fields are allowed, as the framework demands;
// what readers could understand differently is not (see [Strict]).
func Parse(b []byte) (Statement, error) {
	var s Statement
	if err := decode(b, &s, false); err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	return s, s.Check()
}
