// Package config reads merlon.yaml: one key per wing, decoded strictly.
//
// The file is read from --config or from the folder merlon is started in, never
// from inside what is scanned when that lies elsewhere: the target does not
// configure its judge.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// FileName is the name of the configuration in the folder merlon is started in.
const FileName = "merlon.yaml"

// Config is merlon.yaml.
type Config struct {
	Scan   Scan     `yaml:"scan"`
	Gate   Gate     `yaml:"gate"`
	Code   Code     `yaml:"code"`
	Ignore []Ignore `yaml:"ignore"`

	// Found says that nobody named the file: it lay in the folder merlon was started
	// in, which may be somebody else's.
	Found bool `yaml:"-"`
	// SHA256 names the file's bytes in lower-case hex; empty: there was none.
	SHA256 string `yaml:"-"`
}

// Scan is the key of the engine.
type Scan struct {
	Exclude []string `yaml:"exclude"` // glob patterns of paths to leave out; ** crosses folders. Optional
	Timeout string   `yaml:"timeout"` // per file, "90s". Optional, default 15m
	Workers int      `yaml:"workers"` // Optional, default one per CPU
}

// Code is the key of what looks at source code.
type Code struct {
	// Gitleaks is a gitleaks.toml with more kinds of credentials, relative to the
	// configuration. Optional.
	Gitleaks string `yaml:"gitleaks"`
	// AgentLock is a lock file of merlon agent lock, relative to the configuration:
	// what differs from it is a finding. Optional.
	AgentLock string `yaml:"agent_lock"`
	// Profile is the set of rules for Python code: default, strict or bandit. Optional.
	Profile string `yaml:"profile"`
	// Rules are folders with models and rules for Python code, relative to the
	// configuration. Optional.
	Rules []string `yaml:"rules"`
}

// Gate is the key of the gate.
type Gate struct {
	FailOn string `yaml:"fail_on"` // severity or "none". Optional, default high
	Policy string `yaml:"policy"`  // file, relative to the configuration. Optional
}

// Ignore is a decision to live with a finding.
type Ignore struct {
	Rule   string `yaml:"rule"`   // rule id
	Path   string `yaml:"path"`   // glob pattern; ** crosses folders
	SHA256 string `yaml:"sha256"` // of the file. Required for rules about models
	// Fingerprint names one finding, instead of rule and path.
	Fingerprint string `yaml:"fingerprint"`
	Reason      string `yaml:"reason"`
	Owner       string `yaml:"owner"`
	Until       string `yaml:"until"` // last day, YYYY-MM-DD

	until time.Time
}

// longest is how far in the future an ignore may end: risk that is accepted for
// longer than half a year has been forgotten, not accepted.
const longest = 180 * 24 * time.Hour

// Load reads the configuration. An empty path means FileName in the current
// folder, where its absence is no error.
func Load(file string, now time.Time) (Config, error) {
	explicit := file != ""
	if !explicit {
		file = FileName
	}
	doc, err := safeio.ReadFile(file, strictyaml.MaxSize)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(doc, now)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", file, err)
	}
	c.Found = !explicit
	if c.Gate.Policy != "" && !filepath.IsAbs(c.Gate.Policy) {
		c.Gate.Policy = filepath.Join(filepath.Dir(file), c.Gate.Policy)
	}
	if c.Code.Gitleaks != "" && !filepath.IsAbs(c.Code.Gitleaks) {
		c.Code.Gitleaks = filepath.Join(filepath.Dir(file), c.Code.Gitleaks)
	}
	if c.Code.AgentLock != "" && !filepath.IsAbs(c.Code.AgentLock) {
		c.Code.AgentLock = filepath.Join(filepath.Dir(file), c.Code.AgentLock)
	}
	for i, dir := range c.Code.Rules {
		if !filepath.IsAbs(dir) {
			c.Code.Rules[i] = filepath.Join(filepath.Dir(file), dir)
		}
	}
	return c, nil
}

// Parse reads and checks a configuration. Ignores past their date are no error
// here: [Config.Apply] leaves them out and returns them.
func Parse(doc []byte, now time.Time) (Config, error) {
	var c Config
	if err := strictyaml.Unmarshal(doc, &c); err != nil {
		return Config{}, err
	}
	if t := c.Scan.Timeout; t != "" {
		if d, err := time.ParseDuration(t); err != nil || d <= 0 {
			return Config{}, fmt.Errorf("scan.timeout %q is no duration; write it like 90s or 10m", t)
		}
	}
	if c.Scan.Workers < 0 {
		return Config{}, fmt.Errorf("scan.workers is %d; it counts workers", c.Scan.Workers)
	}
	for _, p := range c.Scan.Exclude {
		if _, err := path.Match(p, ""); err != nil {
			return Config{}, fmt.Errorf("scan.exclude: pattern %q: %w", p, err)
		}
	}
	if s := c.Gate.FailOn; s != "" && s != "none" {
		if _, err := finding.ParseSeverity(s); err != nil {
			return Config{}, fmt.Errorf("gate.fail_on: %w", err)
		}
	}
	if c.Gate.FailOn != "" && c.Gate.Policy != "" {
		return Config{}, errors.New("gate.fail_on and gate.policy exclude each other")
	}
	for i := range c.Ignore {
		if err := c.Ignore[i].check(now); err != nil {
			return Config{}, fmt.Errorf("ignore entry %d (%s): %w", i+1, c.Ignore[i].Rule, err)
		}
	}
	sum := sha256.Sum256(doc)
	c.SHA256 = hex.EncodeToString(sum[:])
	return c, nil
}

func (ig *Ignore) check(now time.Time) (err error) {
	for _, f := range []struct{ name, value string }{
		{"rule", ig.Rule}, {"path", ig.Path}, {"reason", ig.Reason}, {"owner", ig.Owner}, {"until", ig.Until},
	} {
		if ig.Fingerprint != "" && (f.name == "path" || f.name == "rule" && ig.Rule == "") {
			continue // it says all of that
		}
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("%s is missing", f.name)
		}
	}
	if _, err := path.Match(ig.Path, ""); err != nil {
		return fmt.Errorf("path %q: %w", ig.Path, err)
	}
	if ig.until, err = time.Parse(time.DateOnly, ig.Until); err != nil {
		return fmt.Errorf("until %q is no date; write it as YYYY-MM-DD", ig.Until)
	}
	if ig.until.After(now.Add(longest)) {
		return fmt.Errorf("until %s is more than 180 days ahead", ig.Until)
	}
	if strings.HasPrefix(ig.Rule, "artifact/") && len(ig.SHA256) != 64 {
		return errors.New("an ignore about a model must name its sha256 (64 hex digits; the report gives it), so that another file under the same name is not ignored with it")
	}
	return nil
}

// expired reports whether the last day is over.
func (ig Ignore) expired(now time.Time) bool { return !now.Before(ig.until.Add(24 * time.Hour)) }
