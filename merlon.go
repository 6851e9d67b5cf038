// Package merlon secures the life of an AI system: it looks at code, data, models
// and configuration, and decides by policy whether what it saw may pass.
//
// For most uses call [Scan] and give its result to [Decide]. The tables of
// contents (what scanners there are, what rules they have) are [Scanners] and
// [Rules].
package merlon

import (
	"context"
	"slices"

	"github.com/merlon-security/merlon/code/agentconf"
	"github.com/merlon-security/merlon/code/staged"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/scan"
)

// Options says what to scan.
type Options struct {
	Paths    []string               // files and folders; at least one
	Exclude  func(path string) bool // leaves out paths as reports show them. Optional
	Limits   scan.Limits            // Optional
	Progress func(scan.Progress)    // Optional
	Deep     bool                   // read every weight of models. Optional
	History  bool                   // also look for credentials in the git history of the paths. Optional
	Staged   bool                   // look at what the next git commit would bring, instead of at files. Optional
	Only     []string               // ids of the scanners that take part. Optional, default all
	Index    string                 // with Staged: another index file than the repository's own. Optional
	Verify   bool                   // ask the issuers of credentials whether they work: uses the network. Optional
	Gitleaks []byte                 // a gitleaks.toml with more kinds of credentials. Optional
	Profile  string                 // set of rules for Python code, one of [PythonProfiles]. Optional
	// AgentLock is a lock file of merlon agent lock: what differs from it is a finding. Optional
	AgentLock []byte
	Debug     bool // stack traces in errors. Optional
	// Advisories is an index of advisories about packages, as merlon db update makes it.
	// Optional, default the few that come with the program.
	Advisories string
	// Cache is a folder, private to the user, in which is kept what a scan found out for
	// the next one of the same paths; see [CacheFolder]. What is reported is the same.
	// Optional, default nothing is kept.
	Cache string
	// CacheError is told what kept the next scan from being faster. Optional.
	CacheError func(error)

	PythonRules *PythonRules // models and rules of one's own for Python code. Optional
}

// Scan looks at everything below the paths with every scanner there is. The error
// is about the request; what could not be looked at is in the result's coverage.
// When ctx ends, the result is partial and says so.
func Scan(ctx context.Context, o Options) (*scan.Result, error) {
	scanners := Scanners()
	if o.Deep {
		scanners = append(scanners, DeepScanners()...)
	}
	if o.Only != nil {
		scanners = slices.DeleteFunc(scanners, func(s scan.Scanner) bool { return !slices.Contains(o.Only, scannerID(s)) })
	}
	approved, err := readAgentLock(o.AgentLock)
	if err != nil {
		return nil, err
	}
	if approved != nil {
		scanners = agentScanner(scanners, &agentconf.Locking{Approved: approved})
	}
	roots := o.Paths
	scanners, err = secretScanners(scanners, o)
	if err != nil {
		return nil, err
	}
	if scanners, err = pythonScanner(scanners, o); err != nil {
		return nil, err
	}
	scanners, done, err := dependencyScanner(scanners, o)
	if err != nil {
		return nil, err
	}
	defer done()
	if o.Staged {
		if roots, err = stagedIndexes(o.Paths, o.Index); err != nil {
			return nil, err
		}
		scanners = append(scanners, staged.New())
	}
	run := scan.Options{
		Roots:    roots,
		Scanners: scanners,
		Limits:   o.Limits,
		Exclude:  o.Exclude,
		Progress: o.Progress,
		Debug:    o.Debug,
	}
	if o.Cache == "" {
		return scan.Run(ctx, run)
	}
	cache, err := openCache(o, roots, scanners)
	if err != nil {
		return nil, err
	}
	run.Cache = cache
	result, err := scan.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	if err := cache.Save(!result.Coverage.Interrupted); err != nil && o.CacheError != nil {
		o.CacheError(err)
	}
	return result, nil
}

// Decide draws a decision from a scan. The error is about a policy that is not
// valid.
func Decide(p gate.Policy, r *scan.Result, expired []gate.Expired) (evidence.Decision, error) {
	return gate.Evaluate(p, gate.NewInput(r, expired))
}
