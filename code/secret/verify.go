package secret

import (
	"context"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Check asks the issuer of a type whether a value works: "works", "refused" or
// "unknown". ok is false when nobody is asked. It serves any number of goroutines.
type Check func(ctx context.Context, typ, value string) (state string, ok bool, err error)

// Verifying returns a scanner of this package that asks about what it finds.
func Verifying(s scan.Scanner, check Check) scan.Scanner {
	switch s := s.(type) {
	case scanner:
		s.check = check
		return s
	case historian:
		s.check = check
		return s
	}
	return s
}

// verify weighs a finding by what its issuer says, and returns what to add to the
// message. The value goes to its issuer and nowhere else.
func (r *reporter) verify(typ, value string, sev *finding.Severity, conf *finding.Confidence, attrs map[string]any) string {
	if r.check == nil {
		return ""
	}
	state, ok, err := r.check(r.ctx, typ, value)
	if !ok {
		return ""
	}
	attrs["verified"] = state
	switch {
	case state == "works":
		*sev, *conf = max(*sev, finding.High), finding.Sure
		return ", its issuer accepts it"
	case state == "refused":
		*sev = min(*sev, finding.Low)
		return ", its issuer refuses it"
	case err != nil:
		return ", not verified: " + err.Error()
	}
	return ", not verified"
}
