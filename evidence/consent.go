package evidence

import (
	"errors"
	"time"
)

// Approval says that a person agreed to the use of the subject, or did not. Who signed
// it proves who it was; the name in it is for readers.
type Approval struct {
	Decision     string     `json:"decision" rule:"enum=approved|rejected"`
	Approver     string     `json:"approver" rule:"text"`
	Role         string     `json:"role"`
	Reason       string     `json:"reason" rule:"text"`
	Environments []string   `json:"environments"` // where it holds; none: everywhere
	Conditions   []string   `json:"conditions"`
	Considered   []string   `json:"considered"` // digests of the evidence that was looked at
	ApprovedAt   time.Time  `json:"approved_at"`
	ExpiresAt    *time.Time `json:"expires_at,omitempty"`
}

// Check implements [Predicate].
func (a *Approval) Check() error {
	switch {
	case !oneLine(a.Approver):
		return errors.New("approver is not one line")
	case a.ExpiresAt != nil && !a.ExpiresAt.After(a.ApprovedAt):
		return errors.New("expires_at is not after approved_at")
	}
	return nil
}

// When implements [Predicate].
func (a *Approval) When() time.Time { return a.ApprovedAt }

// Exception waives a rule of a policy for the subject, for a time.
type Exception struct {
	Rule         string    `json:"rule" rule:"text"` // of the policy, or of a scanner
	Findings     []string  `json:"findings"`         // fingerprints; none: all of the rule
	Reason       string    `json:"reason" rule:"text"`
	Owner        string    `json:"owner" rule:"text"`
	Environments []string  `json:"environments"` // where it holds; none: everywhere
	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"`
}

// MaxException is how long an exception may hold.
const MaxException = 180 * 24 * time.Hour

// Check implements [Predicate].
func (e *Exception) Check() error {
	switch {
	case !oneLine(e.Owner):
		return errors.New("owner is not one line")
	case !e.ExpiresAt.After(e.CreatedAt):
		return errors.New("expires_at is not after created_at")
	case e.ExpiresAt.Sub(e.CreatedAt) > MaxException:
		return errors.New("expires_at is more than 180 days after created_at")
	}
	return nil
}

// When implements [Predicate].
func (e *Exception) When() time.Time { return e.CreatedAt }
