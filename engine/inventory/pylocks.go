package inventory

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/text/safetoml"
)

// parsePoetryLock reads every layout of poetry.lock (1.x with hashes at the end, 2.x
// with them beside each package).
func parsePoetryLock(content []byte) (*File, error) {
	type file struct {
		Hash string `toml:"hash"`
	}
	var doc struct {
		Package []struct {
			Name         string         `toml:"name"`
			Version      string         `toml:"version"`
			Category     string         `toml:"category"`
			Groups       []string       `toml:"groups"`
			Optional     bool           `toml:"optional"`
			Dependencies map[string]any `toml:"dependencies"`
			Files        []file         `toml:"files"`
			Source       struct {
				Type      string `toml:"type"`
				URL       string `toml:"url"`
				Reference string `toml:"reference"`
				Resolved  string `toml:"resolved_reference"`
			} `toml:"source"`
		} `toml:"package"`
		Metadata struct {
			Files  map[string][]file   `toml:"files"`
			Hashes map[string][]string `toml:"hashes"`
		} `toml:"metadata"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	lines, f := headers(content, "[[package]]"), new(File)
	for i, in := range doc.Package {
		p := Package{Ecosystem: "PyPI", Name: in.Name, Version: in.Version, Certainty: Locked, Line: nth(lines, i), Requires: slices.Sorted(maps.Keys(in.Dependencies))}
		switch {
		case in.Category != "" && in.Category != "main":
			p.Group = in.Category
		case len(in.Groups) > 0 && !slices.Contains(in.Groups, "main"):
			p.Group = in.Groups[0]
		}
		for _, h := range append(in.Files, doc.Metadata.Files[in.Name]...) {
			p.Hashes = append(p.Hashes, h.Hash)
		}
		for _, h := range doc.Metadata.Hashes[in.Name] {
			p.Hashes = append(p.Hashes, "sha256:"+h)
		}
		switch in.Source.Type {
		case "git":
			ref := in.Source.Resolved
			if ref == "" {
				ref = in.Source.Reference
			}
			p.Source = repository(in.Source.URL, ref)
		case "url", "file":
			p.Source = sourceOf(in.Source.URL)
		case "directory":
			p.Source = Source{Kind: Path, URL: in.Source.URL}
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// parseUVLock reads uv.lock.
func parseUVLock(content []byte) (*File, error) {
	type artefact struct {
		Hash string `toml:"hash"`
	}
	type link struct {
		Name string `toml:"name"`
	}
	var doc struct {
		Package []struct {
			Name    string `toml:"name"`
			Version string `toml:"version"`
			Source  struct {
				Registry string `toml:"registry"`
				Git      string `toml:"git"`
				URL      string `toml:"url"`
				Path     string `toml:"path"`
				Dir      string `toml:"directory"`
				Editable string `toml:"editable"`
				Virtual  string `toml:"virtual"`
			} `toml:"source"`
			Dependencies []link            `toml:"dependencies"`
			Optional     map[string][]link `toml:"optional-dependencies"`
			Dev          map[string][]link `toml:"dev-dependencies"`
			Sdist        artefact          `toml:"sdist"`
			Wheels       []artefact        `toml:"wheels"`
		} `toml:"package"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	lines, f := headers(content, "[[package]]"), new(File)
	direct := map[string]bool{}
	for _, in := range doc.Package {
		if in.Source.Editable == "" && in.Source.Virtual == "" {
			continue
		}
		for _, d := range in.Dependencies {
			direct[d.Name] = true
		}
	}
	for i, in := range doc.Package {
		if in.Source.Virtual != "" || in.Source.Editable == "." {
			if f.Self == "" {
				f.Self = in.Name
			}
			continue // the project itself
		}
		p := Package{Ecosystem: "PyPI", Name: in.Name, Version: in.Version, Certainty: Locked, Line: nth(lines, i), Direct: direct[in.Name]}
		for _, d := range in.Dependencies {
			p.Requires = append(p.Requires, d.Name)
		}
		for _, a := range append([]artefact{in.Sdist}, in.Wheels...) {
			if a.Hash != "" {
				p.Hashes = append(p.Hashes, a.Hash)
			}
		}
		switch s := in.Source; {
		case s.Git != "":
			address, fragment, _ := strings.Cut(s.Git, "#")
			address, _, _ = strings.Cut(address, "?")
			p.Source = repository(address, fragment)
		case s.URL != "":
			p.Source = sourceOf(s.URL)
		case s.Path+s.Dir+s.Editable != "":
			p.Source = Source{Kind: Path, URL: s.Path + s.Dir + s.Editable}
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// parsePDMLock reads pdm.lock.
func parsePDMLock(content []byte) (*File, error) {
	var doc struct {
		Package []struct {
			Name         string   `toml:"name"`
			Version      string   `toml:"version"`
			Groups       []string `toml:"groups"`
			Dependencies []string `toml:"dependencies"`
			Marker       string   `toml:"marker"`
			Git          string   `toml:"git"`
			Revision     string   `toml:"revision"`
			URL          string   `toml:"url"`
			Path         string   `toml:"path"`
			Extras       []string `toml:"extras"`
			Files        []struct {
				Hash string `toml:"hash"`
			} `toml:"files"`
		} `toml:"package"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	lines, f := headers(content, "[[package]]"), new(File)
	for i, in := range doc.Package {
		if len(in.Extras) > 0 {
			continue // the same package again, as seen through an extra
		}
		p := Package{Ecosystem: "PyPI", Name: in.Name, Version: in.Version, Certainty: Locked, Line: nth(lines, i), Marker: in.Marker}
		if len(in.Groups) > 0 && !slices.Contains(in.Groups, "default") {
			p.Group = in.Groups[0]
		}
		for _, d := range in.Dependencies {
			if r, err := parseRequirement(d); err == nil {
				p.Requires = append(p.Requires, r.name)
			}
		}
		for _, h := range in.Files {
			p.Hashes = append(p.Hashes, h.Hash)
		}
		switch {
		case in.Git != "":
			p.Source = repository(in.Git, in.Revision)
		case in.URL != "":
			p.Source = sourceOf(in.URL)
		case in.Path != "":
			p.Source = Source{Kind: Path, URL: in.Path}
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// isPylock knows the names of PEP 751: pylock.toml and pylock.NAME.toml.
func isPylock(_, base string) bool {
	return base == "pylock.toml" || strings.HasPrefix(base, "pylock.") && strings.HasSuffix(base, ".toml")
}

// parsePylock reads the lock file of PEP 751.
func parsePylock(content []byte) (*File, error) {
	type artefact struct {
		Hashes map[string]string `toml:"hashes"`
	}
	var doc struct {
		Version  string `toml:"lock-version"`
		Packages []struct {
			Name    string `toml:"name"`
			Version string `toml:"version"`
			Marker  string `toml:"marker"`
			VCS     struct {
				URL    string `toml:"url"`
				Commit string `toml:"commit-id"`
			} `toml:"vcs"`
			Directory struct {
				Path string `toml:"path"`
			} `toml:"directory"`
			Archive struct {
				URL    string            `toml:"url"`
				Path   string            `toml:"path"`
				Hashes map[string]string `toml:"hashes"`
			} `toml:"archive"`
			Sdist        artefact   `toml:"sdist"`
			Wheels       []artefact `toml:"wheels"`
			Dependencies []struct {
				Name string `toml:"name"`
			} `toml:"dependencies"`
		} `toml:"packages"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	lines, f := headers(content, "[[packages]]"), new(File)
	for i, in := range doc.Packages {
		p := Package{Ecosystem: "PyPI", Name: in.Name, Version: in.Version, Certainty: Locked, Line: nth(lines, i), Marker: in.Marker}
		for _, d := range in.Dependencies {
			p.Requires = append(p.Requires, d.Name)
		}
		for _, a := range append([]artefact{in.Sdist, {in.Archive.Hashes}}, in.Wheels...) {
			for _, algorithm := range slices.Sorted(maps.Keys(a.Hashes)) {
				p.Hashes = append(p.Hashes, algorithm+":"+a.Hashes[algorithm])
			}
		}
		switch {
		case in.VCS.URL != "":
			p.Source = repository(in.VCS.URL, in.VCS.Commit)
		case in.Archive.URL != "":
			p.Source = sourceOf(in.Archive.URL)
		case in.Directory.Path+in.Archive.Path != "":
			p.Source = Source{Kind: Path, URL: in.Directory.Path + in.Archive.Path}
		}
		f.Packages = append(f.Packages, p)
	}
	return f, nil
}

// parsePipfileLock reads Pipfile.lock.
func parsePipfileLock(content []byte) (*File, error) {
	type locked struct {
		Version string   `json:"version"`
		Hashes  []string `json:"hashes"`
		Markers string   `json:"markers"`
		Git     string   `json:"git"`
		Ref     string   `json:"ref"`
		File    string   `json:"file"`
		Path    string   `json:"path"`
	}
	var doc struct {
		Default map[string]locked `json:"default"`
		Develop map[string]locked `json:"develop"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	f, lines := new(File), newLineFinder(content)
	for _, part := range []struct {
		group    string
		packages map[string]locked
	}{{"", doc.Default}, {"dev", doc.Develop}} {
		for _, name := range slices.Sorted(maps.Keys(part.packages)) {
			in := part.packages[name]
			p := Package{Ecosystem: "PyPI", Name: name, Version: exact(in.Version), Certainty: Locked, Group: part.group, Hashes: in.Hashes, Marker: in.Markers, Line: lines.find(`"` + name + `"`)}
			switch {
			case in.Git != "":
				p.Source = repository(in.Git, in.Ref)
			case in.File != "":
				p.Source = sourceOf(in.File)
			case in.Path != "":
				p.Source = Source{Kind: Path, URL: in.Path}
			}
			f.Packages = append(f.Packages, p)
		}
	}
	return f, nil
}
