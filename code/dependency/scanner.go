// Package dependency says what is wrong with the packages a project is made of: known
// vulnerabilities, packages that are malicious, sources that cannot be trusted, versions
// that nothing pins.
//
// What files say is read by engine/inventory, advisories come from engine/osv; here is
// the judgement.
package dependency

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/inventory"
	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/engine/osv/starter"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Options says what the scanner goes by.
type Options struct {
	// Advisories is the index that is asked. Optional, default the one that comes with
	// the program.
	Advisories *osv.Index
	// Now is the time by which advisories are old. Optional, default the time of the
	// run.
	Now func() time.Time
}

// New returns the scanner of dependencies. One value serves one run.
func New() scan.Scanner { return NewWith(Options{}) }

// NewWith returns a scanner with options. One value serves one run.
func NewWith(o Options) scan.Scanner { return &scanner{options: o} }

type scanner struct {
	options Options
	mu      sync.Mutex
	files   []*file
}

// file is one file that speaks of packages.
type file struct {
	ref  asset.Ref
	dir  string // of the file itself
	test bool   // it belongs to tests: what it names is not what runs
	*inventory.File
}

// maxFile bounds what is read of one file; 50,000 packages with all their hashes take
// less.
const maxFile = 128 << 20

// Info implements [scan.Scanner].
func (*scanner) Info() scan.Info {
	return scan.Info{
		ID: "dependency", Version: "1", Rules: rules(),
		Interest: &scan.Interest{
			Names: []string{
				"pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pipfile", "pipfile.lock", "setup.cfg", "metadata", "pkg-info", "package.json", "package-lock.json",
				"npm-shrinkwrap.json", ".package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "go.mod", "cargo.lock", "gradle.lockfile", "buildscript-gradle.lockfile",
				"packages.lock.json", "gemfile.lock", "gems.locked", "composer.lock", "status", "installed", "pom.xml",
			},
			Suffixes: []string{".txt", ".in", ".toml", ".yml", ".yaml", ".pom", ".egg-info", ".json"},
		},
	}
}

// Wants implements [scan.Scanner]. Files are known by their names.
func (*scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(fi.Hint == "" && inventory.Recognise(whole(fi.Ref)) != "")
}

// whole is the path of a file with its folders: within an archive, if it lies in one.
func whole(r asset.Ref) string {
	if n := len(r.Inner); n > 0 {
		return r.Inner[n-1].Name
	}
	return r.Path
}

// Scan implements [scan.Scanner]. It only reads: packages of one file are judged by
// what stands in the others.
func (sc *scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	content, err := scan.Bytes(f, maxFile)
	if err != nil {
		return fmt.Errorf("dependencies: %w", err)
	}
	name := whole(f.Ref())
	parsed, err := inventory.Parse(name, content)
	var incomplete error
	if err != nil {
		if strings.Contains(parsed.Format, "lock") && !isTest(f.Ref().Path) {
			// What is installed is not known: that is no clean bill.
			incomplete = fmt.Errorf("dependencies: %w", err)
		}
		s.Report(finding.Finding{Rule: ruleUnreadable, Message: sentence(err.Error()), Key: "unreadable"})
	}
	in := &file{ref: f.Ref(), dir: path.Dir(name), test: isTest(f.Ref().Path), File: parsed}
	if len(parsed.Packages)+len(parsed.Indexes)+len(parsed.Scripts) > 0 {
		sc.mu.Lock()
		sc.files = append(sc.files, in)
		sc.mu.Unlock()
	}
	return incomplete
}

// isTest says whether a path is that of test data.
func isTest(name string) bool {
	for part := range strings.SplitSeq(strings.ToLower(name), "/") {
		switch part {
		case "test", "tests", "testdata", "test_data", "fixtures", "__fixtures__", "testing", "e2e":
			return true
		}
	}
	return false
}

// Finish implements [scan.ProjectScanner].
func (sc *scanner) Finish(ctx context.Context, _ *scan.Project, s *scan.Sink) error {
	if len(sc.files) == 0 {
		return nil
	}
	slices.SortFunc(sc.files, func(a, b *file) int { return strings.Compare(a.ref.String(), b.ref.String()) })
	advisories := sc.options.Advisories
	if advisories == nil {
		var err error
		if advisories, err = starter.Index(); err != nil {
			return fmt.Errorf("dependencies: advisories that come with the program: %w", err)
		}
	}
	j := &judge{sink: s, advisories: advisories, locked: lockedFolders(sc.files)}
	for _, f := range sc.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := j.vulnerable(f); err != nil {
			return fmt.Errorf("dependencies: %w", err)
		}
		j.sources(f)
		j.pinned(f)
		j.names(f)
	}
	j.age(sc.files, sc.now())
	return nil
}

func (sc *scanner) now() time.Time {
	if sc.options.Now != nil {
		return sc.options.Now()
	}
	return time.Now()
}

// judge reports about one project.
type judge struct {
	sink       *scan.Sink
	advisories *osv.Index
	locked     map[string]bool // folder, NUL, ecosystem: a lock file says what is used
	asked      map[osv.Package][]osv.Vulnerability
}

// lockedFolders finds where a lock file says what a project file leaves open.
func lockedFolders(files []*file) map[string]bool {
	locked := map[string]bool{}
	for _, f := range files {
		for _, p := range f.Packages {
			if p.Certainty == inventory.Locked {
				locked[f.dir+"\x00"+p.Ecosystem] = true
			}
		}
	}
	return locked
}

// report adds what all findings of a file share.
func (j *judge) report(f *file, line int, found finding.Finding) {
	l := finding.At(f.ref)
	l.Line = line
	found.Locations = []finding.Location{l}
	if f.test && found.Severity != 0 {
		found.Severity = min(found.Severity, finding.Low)
	} else if f.test {
		found.Severity = finding.Low
	}
	j.sink.Report(found)
}

// sentence makes a message of foreign text: printable, one line, not endless.
func sentence(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "…"
	}
	return s
}

var _ scan.ProjectScanner = (*scanner)(nil)
