package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/engine/hubcache"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/internal/config"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/secret"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

// scanFlags are the flags of merlon scan.
type scanFlags struct {
	format          string
	output          []string
	severity        string
	failOn          string
	policy          string
	baseline        string
	config          string
	exclude         []string
	workers         int
	allowIncomplete bool
	deep            bool
	history         bool
	verify          bool
	staged          bool
	only            []string
	onlyNamed       bool   // --only was given, if only with nothing
	index           string // of the repository, when git gives a hook another one
	debug           bool
	lock            string     // of agents
	inspected       *inspected // what merlon agent inspect looks at
	profile         string
	rules           []string
	advisories      string
	hub             hubFlags
	cache           cacheFlag
	evidence        evidenceFlags
}

func newScan(s streams) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "look at files and folders, report, and answer as the gate does",
		Long: `scan walks the given paths once (default: the current folder), looks at every
file with every scanner that wants it, and reports what it found and what it did
not look at.

A path may also be hf:ORG/NAME[@REVISION] or kaggle:OWNER/MODEL/FRAMEWORK/VARIATION for
a model that is in the local cache of its hub. With --download, a hf: model is fetched
into quarantine first: a folder that no library looks into.

Exit code: 0 the gate passed, 1 it failed, 2 usage or configuration, 3 something
could not be looked at, 4 the policy is invalid.`,
		Example: `  merlon scan
  merlon scan models/ --fail-on medium
  merlon scan --format json --output report.json
  merlon scan --output sarif=merlon.sarif --output html=merlon.html
  merlon scan --baseline report.json
  docker logs app | merlon scan -
  merlon scan --download hf:org/name`,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			f.onlyNamed = cmd.Flags().Changed("only")
			return f.run(ctx, s, args)
		},
	}
	f.report(cmd)
	fl := cmd.Flags()
	fl.StringArrayVar(&f.exclude, "exclude", nil, "leave out paths that match `GLOB`; may be given many times")
	fl.StringSliceVar(&f.only, "only", nil, "let only the scanners `ID,...` take part, as secret or notebook: the report is about nothing else")
	fl.IntVarP(&f.workers, "jobs", "j", 0, "files looked at at once (default: one per CPU)")
	fl.BoolVar(&f.deep, "deep", false, "also read every weight of safetensors and GGUF models for NaN, dead tensors and hidden payloads")
	fl.BoolVar(&f.history, "history", false, "also look for credentials in the git history of the paths: every content that a branch, tag or stash has")
	fl.BoolVar(&f.verify, "verify", false, "ask the issuers of the credentials that are found whether they work (sends them to their issuers, over the network)")
	fl.BoolVar(&f.staged, "staged", false, "look at what the next git commit would bring, instead of at the files")
	fl.StringVar(&f.advisories, "advisories", "", "index of advisories about packages (default the one of merlon db update, or else the few that come with the program)")
	fl.StringVar(&f.profile, "profile", "", "rules for Python code: "+strings.Join(merlon.PythonProfiles(), ", ")+" (default default)")
	fl.StringArrayVar(&f.rules, "rules", nil, "also use the models and rules for Python code in the folder `DIR`; may be given many times")
	fl.StringVar(&f.lock, "agent-lock", "", "report what differs from `FILE`, which merlon agent lock has written")
	f.cache.add(fl)
	f.hub.add(fl)
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(merlon.PythonProfiles(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// report registers the flags of reports and of the gate.
func (f *scanFlags) report(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "table", "format on stdout: "+strings.Join(formatNames(), ", "))
	fl.StringArrayVarP(&f.output, "output", "o", nil, "also write `[FORMAT=]FILE`; may be given many times. Without FORMAT, --format goes to FILE and stdout stays empty")
	fl.StringVar(&f.severity, "severity", "medium", "show findings of this `SEVERITY` or worse in reports for people (json and sarif are always complete)")
	fl.StringVar(&f.failOn, "fail-on", "", "fail on findings of this `SEVERITY` or worse; none never fails (default high)")
	fl.StringVar(&f.policy, "policy", "", "decide by the policy in `FILE` instead of --fail-on")
	fl.StringVar(&f.baseline, "baseline", "", "do not count findings that are in the JSON report `FILE` of an earlier scan")
	fl.StringVar(&f.config, "config", "", "configuration `FILE` (default: "+config.FileName+" in the current folder)")
	fl.BoolVar(&f.allowIncomplete, "allow-incomplete", false, "exit with 0 instead of 3 when something could not be looked at; the report still says incomplete")
	fl.BoolVar(&f.debug, "debug", false, "put stack traces of internal errors into the report")
	fl.StringVar(&f.evidence.dir, "evidence", "", "also keep the result and the decision as signed evidence in the folder `DIR`")
	f.evidence.key.register(cmd)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	levels := cobra.FixedCompletions([]string{"critical", "high", "medium", "low", "info"}, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc("severity", levels)
	_ = cmd.RegisterFlagCompletionFunc("fail-on", levels)
}

// run checks everything that can be checked before the work starts, so that a
// mistake does not cost a long scan; then scans, decides and reports.
func (f scanFlags) run(ctx context.Context, s streams, paths []string) error {
	now := time.Now()
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		if hubcache.IsReference(p) || p == "-" {
			continue
		}
		if _, err := os.Stat(p); missing(err) {
			return usageErrorf("path %q does not exist", p)
		}
	}
	if err := knownScanners(f.only, f.onlyNamed); err != nil {
		return err
	}
	cfg, err := config.Load(f.config, now)
	if err != nil {
		return &codeError{exitUsage, err}
	}
	show, err := finding.ParseSeverity(f.severity)
	if err != nil {
		return usageErrorf("--severity: %w", err)
	}
	outs, err := f.outputs(s)
	if err != nil {
		return err
	}
	policy, err := f.choosePolicy(cfg.Gate)
	if err != nil {
		return err
	}
	base, err := loadBaseline(f.baseline)
	if err != nil {
		return err
	}
	signer, err := f.evidence.open(ctx)
	if err != nil {
		return err
	}
	limits := scan.Limits{Workers: cfg.Scan.Workers}
	if f.workers > 0 {
		limits.Workers = f.workers
	}
	if cfg.Scan.Timeout != "" {
		limits.Time, _ = time.ParseDuration(cfg.Scan.Timeout) // checked by config
	}

	var roots []string
	stdin := ""
	for _, p := range paths {
		if p == "-" {
			file, done, err := stdinFile(s.in)
			if err != nil {
				return err
			}
			defer done()
			stdin, roots = file, append(roots, file)
			continue
		}
		root, err := f.hub.resolve(ctx, s, p)
		if err != nil {
			return err
		}
		roots = append(roots, root)
	}
	var gitleaks []byte
	if cfg.Code.Gitleaks != "" {
		if gitleaks, err = safeio.ReadFile(cfg.Code.Gitleaks, strictyaml.MaxSize); err != nil {
			return usageErrorf("code.gitleaks: %w", err)
		}
		if _, err := secret.ReadGitleaks(gitleaks); err != nil {
			return usageErrorf("%s: %w", cfg.Code.Gitleaks, err)
		}
	}
	lock, err := f.readLock(cfg.Code.AgentLock)
	if err != nil {
		return err
	}
	var cache string
	if stdin == "" {
		if cache, err = f.cache.folder(); err != nil {
			return err
		}
	}
	options := merlon.Options{
		Cache:      cache,
		CacheError: func(err error) { warn(s.err, "%v; the next scan starts from nothing", err) },
		Paths:      roots,
		Exclude:    excluder(append(cfg.Scan.Exclude, f.exclude...)),
		Limits:     limits,
		Deep:       f.deep,
		History:    f.history,
		Verify:     f.verify,
		Staged:     f.staged,
		Index:      f.index,
		Only:       f.only,
		AgentLock:  lock,
		Gitleaks:   gitleaks,
		Debug:      f.debug,
	}
	if options.Advisories, err = advisories(f.advisories); err != nil {
		return usageErrorf("advisories: %w", err)
	}
	if err := f.python(s, cfg, &options); err != nil {
		return err
	}
	bar := startProgress(s.err)
	options.Progress = bar.update
	result, err := merlon.Scan(ctx, options)
	bar.stop()
	if errors.Is(err, merlon.ErrNothingStaged) {
		warn(s.err, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	if stdin != "" {
		renameStdin(result, stdin)
	}
	target := strings.Join(paths, " ")
	if f.inspected != nil {
		target = f.inspected.apply(result)
	}
	base.apply(result.Findings)
	expired, unused, refused := cfg.Apply(result.Findings, now)
	warnUnused(s.err, unused)
	if cfg.Found {
		warnSilenced(s.err, result.Findings, refused)
	}
	decision, err := merlon.Decide(policy, result, expiredForGate(expired))
	if err != nil {
		return invalidErrorf("policy: %w", err)
	}
	rulesDigest, err := options.RulesDigest()
	if err != nil {
		return err
	}
	doc := &report.Document{
		Tool:     report.Tool{Name: "merlon", Version: merlon.Version()},
		Target:   target,
		Inputs:   report.Inputs{ConfigSHA256: cfg.SHA256, RulesSHA256: rulesDigest},
		Scan:     result,
		Decision: decision,
		Show:     show,
	}
	if result.Coverage.Interrupted {
		warn(s.err, "stopped before the end; the report is partial")
	}
	answer := f.verdict(decision, result.Coverage)
	err = f.evidence.write(ctx, s, signer, merlon.EvidenceOptions{
		Scan: result, Decision: decision, Policy: policy, Roots: roots, ConfigSHA256: cfg.SHA256, RulesSHA256: rulesDigest,
	})
	if err := errors.Join(writeAll(outs, doc), err); err != nil {
		if answer == errGateFailed {
			// A report that cannot be written does not make the answer better.
			warn(s.err, "%v", err)
			return answer
		}
		return err
	}
	return answer
}

// verdict turns the decision into an exit code: a failed gate outranks an
// incomplete scan, and only the exit code of the latter can be waived.
func (f scanFlags) verdict(d evidence.Decision, c scan.Coverage) error {
	switch {
	case d.Outcome == evidence.Fail:
		return errGateFailed
	case d.Outcome == evidence.Incomplete || c.Incomplete():
		if !f.allowIncomplete {
			return errIncomplete
		}
	}
	return nil
}

func (f scanFlags) choosePolicy(g config.Gate) (gate.Policy, error) {
	if f.failOn != "" && f.policy != "" {
		return gate.Policy{}, usageErrorf("--fail-on and --policy exclude each other: put the severity into the policy")
	}
	file, failOn := f.policy, f.failOn
	if file == "" && failOn == "" {
		file, failOn = g.Policy, g.FailOn
	}
	switch {
	case file != "":
		doc, err := safeio.ReadFile(file, strictyaml.MaxSize)
		if err != nil {
			return gate.Policy{}, usageErrorf("policy: %w", err)
		}
		p, err := gate.Parse(doc)
		if err != nil {
			return gate.Policy{}, invalidErrorf("policy %s: %w", file, err)
		}
		return p, nil
	case failOn == "none":
		return gate.Never(), nil
	case failOn != "":
		sev, err := finding.ParseSeverity(failOn)
		if err != nil {
			return gate.Policy{}, usageErrorf("--fail-on: %w, or none", err)
		}
		return gate.FailOn(sev), nil
	}
	return gate.Default(), nil
}

// excluder returns nil where there is nothing to exclude.
func excluder(patterns []string) func(string) bool {
	if len(patterns) == 0 {
		return nil
	}
	return func(path string) bool {
		for _, p := range patterns {
			if config.Match(p, path) {
				return true
			}
		}
		return false
	}
}

func expiredForGate(list []config.Ignore) []gate.Expired {
	var out []gate.Expired
	for _, ig := range list {
		out = append(out, gate.Expired{Rule: ig.Rule, Path: ig.Path, Owner: ig.Owner, Until: ig.Until})
	}
	return out
}
