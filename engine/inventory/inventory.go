// Package inventory reads what files say about the packages a project is made of:
// requirement files, project files, lock files and the records of installed packages.
// It states what is written, with the line, and judges nothing. Nothing of what it
// reads is executed.
package inventory

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
)

// ErrFormat marks content that is not of the format its name promises.
var ErrFormat = errors.New("not readable as what its name says")

// maxPackages bounds the packages of one file; a file with more is refused rather than
// cut short.
const maxPackages = 500_000

// Certainty says how sure a version is.
type Certainty uint8

// From a wish to a fact.
const (
	Declared  Certainty = iota // what is asked for; Version is set only where it is pinned exactly
	Locked                     // what was resolved
	Installed                  // what lies there
)

func (c Certainty) String() string {
	return [...]string{"declared", "locked", "installed"}[c]
}

// Package is one package as a file names it.
type Package struct {
	Ecosystem  string // as OSV spells it: "PyPI", "npm", "Go", "Maven", ...
	Name       string // as written
	Version    string // exact, empty where nothing pins it
	Constraint string // as written, where it is no exact version: ">=1.0,<2"
	Line       int    // from 1; 0 where the format has no lines
	Certainty  Certainty
	Direct     bool     // asked for by the project itself, as far as the file says
	Group      string   // development group, extra or profile it belongs to; empty for the main one
	Extras     []string // PEP 508
	Marker     string   // PEP 508, as written
	Hashes     []string // "sha256:..." and the like, as far as given
	Source     Source
	Requires   []string // names of packages it needs, where the file says so
	Licence    string   // as stated
	Origin     string   // source package of a distribution that it was built from, as written: "name" or "name (version)"
}

// Source is where a package comes from if not from the usual registry of its
// ecosystem.
type Source struct {
	Kind   SourceKind
	URL    string // with what comes after "git+" for repositories; never with credentials
	Commit string // for repositories: a full commit, empty where it is a branch, a tag or nothing
}

// SourceKind tells sources apart.
type SourceKind uint8

// The kinds of sources.
const (
	Registry SourceKind = iota
	Git
	Archive // a URL of a file
	Path    // a folder or file beside the project
)

// File is what one file says.
type File struct {
	Format   string // the name of its format, as in [Formats]
	Packages []Package
	Includes []Include
	Indexes  []Index
	Scripts  []Script // what runs when the package is installed
	Self     string   // the name of the project that the file describes
}

// Include names another file whose content belongs to this one, relative to it.
type Include struct {
	Path       string
	Constraint bool // only bounds versions of what is asked for elsewhere
	Line       int
}

// Index is a registry that the file names.
type Index struct {
	URL   string // without credentials
	Extra bool   // asked beside the main one: the highest version of any of them wins
	Line  int
}

// Script is a command that installing runs.
type Script struct {
	Name, Command string
	Line          int
}

// format is a kind of file.
type format struct {
	name  string
	match func(dir, base string) bool
	parse func(content []byte) (*File, error)
}

// named matches the base names of files, exactly.
func named(names ...string) func(dir, base string) bool {
	return func(_, base string) bool {
		for _, n := range names {
			if base == n {
				return true
			}
		}
		return false
	}
}

// formats are all formats; the first that matches counts.
var formats = sync.OnceValue(func() []format {
	return []format{
		{"requirements", isRequirements, parseRequirements},
		{"pyproject", named("pyproject.toml"), parsePyProject},
		{"poetry.lock", named("poetry.lock"), parsePoetryLock},
		{"uv.lock", named("uv.lock"), parseUVLock},
		{"pdm.lock", named("pdm.lock"), parsePDMLock},
		{"pylock", isPylock, parsePylock},
		{"Pipfile", named("Pipfile"), parsePipfile},
		{"Pipfile.lock", named("Pipfile.lock"), parsePipfileLock},
		{"conda environment", isCondaEnvironment, parseCondaEnvironment},
		{"conda package", isCondaMeta, parseCondaMeta},
		{"setup.cfg", named("setup.cfg"), parseSetupCfg},
		{"python package", isPythonMetadata, parsePythonMetadata},
		{"package.json", named("package.json"), parsePackageJSON},
		{"package-lock.json", named("package-lock.json", "npm-shrinkwrap.json", ".package-lock.json"), parsePackageLock},
		{"yarn.lock", named("yarn.lock"), parseYarnLock},
		{"pnpm-lock.yaml", named("pnpm-lock.yaml"), parsePNPMLock},
		{"bun.lock", named("bun.lock"), parseBunLock},
		{"go.mod", named("go.mod"), parseGoMod},
		{"Cargo.lock", named("Cargo.lock"), parseCargoLock},
		{"pom.xml", isPOM, parsePOM},
		{"gradle.lockfile", named("gradle.lockfile", "buildscript-gradle.lockfile"), parseGradleLock},
		{"packages.lock.json", named("packages.lock.json"), parseNuGetLock},
		{"Gemfile.lock", named("Gemfile.lock", "gems.locked"), parseGemfileLock},
		{"composer.lock", named("composer.lock"), parseComposerLock},
		{"dpkg status", isDpkgStatus, parseDpkgStatus},
		{"apk installed", isAPKInstalled, parseAPKInstalled},
	}
})

// Formats are the names of all formats, in the order they are tried.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// Recognise gives the format of a file by its path, with slashes, empty where it is
// none of them.
func Recognise(name string) string {
	f := find(name)
	if f == nil {
		return ""
	}
	return f.name
}

func find(name string) *format {
	dir, base := path.Split(name)
	for _, f := range formats() {
		if f.match(strings.TrimSuffix(dir, "/"), base) {
			return &f
		}
	}
	return nil
}

// Parse reads the content of the file called name. It gives what it could read along
// with an error that wraps [ErrFormat] where the rest cannot be read: such a file is
// not complete.
func Parse(name string, content []byte) (*File, error) {
	f := find(name)
	if f == nil {
		return nil, fmt.Errorf("%s: no format of packages is called so: %w", name, ErrFormat)
	}
	out, err := f.parse(content)
	if out == nil {
		out = &File{}
	}
	out.Format = f.name
	if err == nil && len(out.Packages) > maxPackages {
		err = fmt.Errorf("%d packages, more than %d", len(out.Packages), maxPackages)
		out.Packages = out.Packages[:maxPackages]
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w: %w", f.name, ErrFormat, err)
	}
	return out, nil
}
