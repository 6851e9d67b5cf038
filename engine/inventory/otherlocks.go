package inventory

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/merlon-security/merlon/text/safetoml"
)

func sortByLine(packages []Package) {
	slices.SortStableFunc(packages, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
	})
}

// parseGoMod reads requirements and replacements of a module, and the toolchain as the
// package "stdlib".
func parseGoMod(content []byte) (*File, error) {
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		// A directive of a newer Go: the rest is still what it says.
		lax, laxErr := modfile.ParseLax("go.mod", content, nil)
		if laxErr != nil || lax.Module == nil {
			return nil, err
		}
		mod = lax
	}
	f := new(File)
	if mod.Module != nil {
		f.Self = mod.Module.Mod.Path
	}
	replaced := map[string]*modfile.Replace{}
	for _, r := range mod.Replace {
		replaced[r.Old.Path] = r
	}
	switch {
	case mod.Toolchain != nil && strings.HasPrefix(mod.Toolchain.Name, "go"):
		f.Packages = append(f.Packages, Package{Ecosystem: "Go", Name: "stdlib", Version: strings.TrimPrefix(mod.Toolchain.Name, "go"), Certainty: Declared, Direct: true, Line: mod.Toolchain.Syntax.Start.Line})
	case mod.Go != nil:
		f.Packages = append(f.Packages, Package{Ecosystem: "Go", Name: "stdlib", Constraint: ">=" + mod.Go.Version, Certainty: Declared, Direct: true, Line: mod.Go.Syntax.Start.Line})
	}
	for _, r := range mod.Require {
		p := Package{Ecosystem: "Go", Name: r.Mod.Path, Version: r.Mod.Version, Certainty: Locked, Direct: !r.Indirect, Line: r.Syntax.Start.Line}
		if by := replaced[r.Mod.Path]; by != nil && (by.Old.Version == "" || by.Old.Version == r.Mod.Version) {
			if by.New.Version == "" {
				p.Source = Source{Kind: Path, URL: by.New.Path}
			} else {
				p.Name, p.Version = by.New.Path, by.New.Version
			}
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// parseCargoLock reads Cargo.lock.
func parseCargoLock(content []byte) (*File, error) {
	var doc struct {
		Package []struct {
			Name     string   `toml:"name"`
			Version  string   `toml:"version"`
			Source   string   `toml:"source"`
			Checksum string   `toml:"checksum"`
			Needs    []string `toml:"dependencies"`
		} `toml:"package"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	lines, f := headers(content, "[[package]]"), new(File)
	for i, in := range doc.Package {
		p := Package{Ecosystem: "crates.io", Name: in.Name, Version: in.Version, Certainty: Locked, Line: nth(lines, i)}
		for _, n := range in.Needs {
			name, _, _ := strings.Cut(n, " ")
			p.Requires = append(p.Requires, name)
		}
		if in.Checksum != "" {
			p.Hashes = []string{"sha256:" + in.Checksum}
		}
		switch {
		case in.Source == "":
			p.Source = Source{Kind: Path, URL: "."}
		case strings.HasPrefix(in.Source, "git+"):
			address, commit, _ := strings.Cut(in.Source[len("git+"):], "#")
			address, _, _ = strings.Cut(address, "?")
			p.Source = repository(address, commit)
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

func isPOM(_, base string) bool { return base == "pom.xml" || strings.HasSuffix(base, ".pom") }

// parsePOM reads the dependencies a Maven project states, with properties of the same
// file filled in. What a parent decides is not known here: such a version is empty.
func parsePOM(content []byte) (*File, error) {
	type dependency struct {
		Group    string `xml:"groupId"`
		Artifact string `xml:"artifactId"`
		Version  string `xml:"version"`
		Scope    string `xml:"scope"`
	}
	var doc struct {
		Group      string `xml:"groupId"`
		Artifact   string `xml:"artifactId"`
		Version    string `xml:"version"`
		Properties struct {
			All []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"properties"`
		Dependencies []dependency `xml:"dependencies>dependency"`
		Managed      []dependency `xml:"dependencyManagement>dependencies>dependency"`
	}
	dec := xml.NewDecoder(bytes.NewReader(content))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	properties := map[string]string{"project.version": doc.Version, "project.groupId": doc.Group}
	for _, p := range doc.Properties.All {
		properties[p.XMLName.Local] = strings.TrimSpace(p.Value)
	}
	fill := func(s string) string {
		for range 8 { // properties may name others; a cycle ends here
			i := strings.Index(s, "${")
			j := strings.IndexByte(s[max(i, 0):], '}')
			if i < 0 || j < 0 {
				break
			}
			value, ok := properties[s[i+2:i+j]]
			if !ok {
				return ""
			}
			if s = s[:i] + value + s[i+j+1:]; len(s) > 1000 {
				return ""
			}
		}
		return strings.TrimSpace(s)
	}
	managed := map[string]string{}
	for _, d := range doc.Managed {
		managed[fill(d.Group)+":"+fill(d.Artifact)] = fill(d.Version)
	}
	f, lines := &File{Self: doc.Group + ":" + doc.Artifact}, newLineFinder(content)
	for _, d := range doc.Dependencies {
		p := Package{Ecosystem: "Maven", Name: fill(d.Group) + ":" + fill(d.Artifact), Direct: true, Line: lines.find("<artifactId>" + d.Artifact)}
		version := fill(d.Version)
		if version == "" {
			version = managed[p.Name]
		}
		if d.Scope == "test" || d.Scope == "provided" {
			p.Group = d.Scope
		}
		if strings.ContainsAny(version, "[(,") {
			p.Constraint = version
		} else {
			p.Version = version
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// parseGradleLock reads lines of "group:artifact:version=configurations".
func parseGradleLock(content []byte) (*File, error) {
	f, n := new(File), 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || strings.HasPrefix(line, "empty=") {
			continue
		}
		spec, _, _ := strings.Cut(line, "=")
		parts := strings.Split(spec, ":")
		if len(parts) != 3 {
			return f, fmt.Errorf("line %d: want group:artifact:version=configurations", n)
		}
		f.Packages = append(f.Packages, Package{Ecosystem: "Maven", Name: parts[0] + ":" + parts[1], Version: parts[2], Certainty: Locked, Line: n})
	}
	return f, nil
}

// parseNuGetLock reads packages.lock.json.
func parseNuGetLock(content []byte) (*File, error) {
	var doc struct {
		Dependencies map[string]map[string]struct {
			Type     string            `json:"type"`
			Resolved string            `json:"resolved"`
			Hash     string            `json:"contentHash"`
			Needs    map[string]string `json:"dependencies"`
		} `json:"dependencies"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	f, lines, seen := new(File), newLineFinder(content), map[string]bool{}
	for _, framework := range slices.Sorted(maps.Keys(doc.Dependencies)) {
		packages := doc.Dependencies[framework]
		for _, name := range slices.Sorted(maps.Keys(packages)) {
			in := packages[name]
			if in.Type == "Project" || seen[name+"\x00"+in.Resolved] {
				continue
			}
			seen[name+"\x00"+in.Resolved] = true
			p := Package{Ecosystem: "NuGet", Name: name, Version: in.Resolved, Certainty: Locked, Direct: in.Type == "Direct", Line: lines.find(`"` + name + `"`)}
			for need := range in.Needs {
				p.Requires = append(p.Requires, need)
			}
			slices.Sort(p.Requires)
			if in.Hash != "" {
				p.Hashes = []string{"sha512-" + in.Hash}
			}
			f.Packages = append(f.Packages, p)
		}
	}
	sortByLine(f.Packages)
	return f, nil
}

// parseGemfileLock reads the sections of Bundler.
func parseGemfileLock(content []byte) (*File, error) {
	f := new(File)
	section, remote, revision, n := "", "", "", 0
	direct := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case trimmed == "":
		case indent == 0:
			section, remote, revision = trimmed, "", ""
		case indent == 2 && strings.HasPrefix(trimmed, "remote: "):
			remote = trimmed[len("remote: "):]
		case indent == 2 && strings.HasPrefix(trimmed, "revision: "):
			revision = trimmed[len("revision: "):]
		case indent == 2 && section == "DEPENDENCIES":
			name, _, _ := strings.Cut(trimmed, " ")
			direct[strings.TrimSuffix(name, "!")] = true
		case indent == 4 && (section == "GEM" || section == "GIT" || section == "PATH"):
			name, version, ok := strings.Cut(trimmed, " (")
			if !ok {
				return f, fmt.Errorf("line %d: want NAME (VERSION)", n)
			}
			p := Package{Ecosystem: "RubyGems", Name: name, Version: strings.TrimSuffix(version, ")"), Certainty: Locked, Line: n}
			switch section {
			case "GIT":
				p.Source = repository(remote, revision)
			case "PATH":
				p.Source = Source{Kind: Path, URL: remote}
			}
			f.Packages = append(f.Packages, p)
		case indent == 6 && len(f.Packages) > 0:
			name, _, _ := strings.Cut(trimmed, " ")
			last := &f.Packages[len(f.Packages)-1]
			last.Requires = append(last.Requires, name)
		}
	}
	for i := range f.Packages {
		f.Packages[i].Direct = direct[f.Packages[i].Name]
	}
	return f, nil
}

// parseComposerLock reads composer.lock.
func parseComposerLock(content []byte) (*File, error) {
	type locked struct {
		Name    string          `json:"name"`
		Version string          `json:"version"`
		Require json.RawMessage `json:"require"` // a list where it is empty
		Licence []string        `json:"license"`
	}
	var doc struct {
		Packages []locked `json:"packages"`
		Dev      []locked `json:"packages-dev"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	if doc.Packages == nil && doc.Dev == nil {
		return nil, errors.New("no packages in it")
	}
	f, lines := new(File), newLineFinder(content)
	for i, in := range append(doc.Packages, doc.Dev...) {
		p := Package{Ecosystem: "Packagist", Name: in.Name, Version: strings.TrimPrefix(in.Version, "v"), Certainty: Locked, Licence: strings.Join(in.Licence, " OR "), Line: lines.find(`"name": "` + in.Name + `"`)}
		if i >= len(doc.Packages) {
			p.Group = "dev"
		}
		var needs map[string]string
		json.Unmarshal(in.Require, &needs)
		for name := range needs {
			if strings.Contains(name, "/") {
				p.Requires = append(p.Requires, name)
			}
		}
		slices.Sort(p.Requires)
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}
