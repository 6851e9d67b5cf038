package cli

import (
	"errors"
	"fmt"
)

// The exit codes are a contract; other programs act on them. Where several apply,
// the order is 2, 4, 1, 3, 0.
const (
	exitPass       = 0
	exitFail       = 1 // the gate failed
	exitUsage      = 2 // usage or configuration, a path that does not exist included
	exitIncomplete = 3 // something that had to be looked at was not
	exitInvalid    = 4 // invalid policy, signature, attestation or ledger
)

// codeError is an error with an exit code of its own.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

// ExitCode returns the code the process ends with.
func (e *codeError) ExitCode() int { return e.code }

// usageErrorf is about the command line or the configuration.
func usageErrorf(format string, args ...any) error {
	return &codeError{exitUsage, fmt.Errorf(format, args...)}
}

// invalidErrorf is about a policy, signature, attestation or ledger.
func invalidErrorf(format string, args ...any) error {
	return &codeError{exitInvalid, fmt.Errorf(format, args...)}
}

// The gate's answers. They have no text: the report has said it all.
var (
	errGateFailed = &codeError{exitFail, errors.New("")}
	errIncomplete = &codeError{exitIncomplete, errors.New("")}
)

// exitCode finds the code of an error; one without a code is a failure to do what
// was asked, and the work is incomplete.
func exitCode(err error) int {
	if err == nil {
		return exitPass
	}
	if e, ok := errors.AsType[*codeError](err); ok {
		return e.code
	}
	return exitIncomplete
}
