package inventory

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/text/safetoml"
)

// parsePyProject reads PEP 621 dependencies, PEP 735 dependency groups, the build
// system of PEP 518, and the tables of Poetry, PDM and uv.
func parsePyProject(content []byte) (*File, error) {
	var doc struct {
		Build struct {
			Requires []string `toml:"requires"`
		} `toml:"build-system"`
		Project struct {
			Name         string              `toml:"name"`
			Dependencies []string            `toml:"dependencies"`
			Optional     map[string][]string `toml:"optional-dependencies"`
		} `toml:"project"`
		Groups map[string][]any `toml:"dependency-groups"`
		Tool   struct {
			Poetry struct {
				Name         string         `toml:"name"`
				Dependencies map[string]any `toml:"dependencies"`
				Dev          map[string]any `toml:"dev-dependencies"`
				Group        map[string]struct {
					Dependencies map[string]any `toml:"dependencies"`
				} `toml:"group"`
				Source []struct {
					URL      string `toml:"url"`
					Priority string `toml:"priority"`
				} `toml:"source"`
			} `toml:"poetry"`
			PDM struct {
				Dev    map[string][]string `toml:"dev-dependencies"`
				Source []struct {
					URL  string `toml:"url"`
					Name string `toml:"name"`
				} `toml:"source"`
			} `toml:"pdm"`
			UV struct {
				Dev   []string `toml:"dev-dependencies"`
				Index []struct {
					URL     string `toml:"url"`
					Default bool   `toml:"default"`
				} `toml:"index"`
				Extra []string `toml:"extra-index-url"`
			} `toml:"uv"`
		} `toml:"tool"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	f := &File{Self: doc.Project.Name}
	if f.Self == "" {
		f.Self = doc.Tool.Poetry.Name
	}
	in := &pyReader{file: f, lines: newLineFinder(content)}
	in.specifiers(doc.Project.Dependencies, "")
	for _, extra := range slices.Sorted(maps.Keys(doc.Project.Optional)) {
		in.specifiers(doc.Project.Optional[extra], extra)
	}
	for _, group := range slices.Sorted(maps.Keys(doc.Groups)) {
		var specs []string
		for _, entry := range doc.Groups[group] {
			if s, ok := entry.(string); ok { // the other kind includes another group
				specs = append(specs, s)
			}
		}
		in.specifiers(specs, group)
	}
	in.specifiers(doc.Build.Requires, "build")
	in.specifiers(doc.Tool.UV.Dev, "dev")
	for _, group := range slices.Sorted(maps.Keys(doc.Tool.PDM.Dev)) {
		in.specifiers(doc.Tool.PDM.Dev[group], group)
	}
	in.poetry(doc.Tool.Poetry.Dependencies, "")
	in.poetry(doc.Tool.Poetry.Dev, "dev")
	for _, group := range slices.Sorted(maps.Keys(doc.Tool.Poetry.Group)) {
		in.poetry(doc.Tool.Poetry.Group[group].Dependencies, group)
	}
	for _, s := range doc.Tool.Poetry.Source {
		in.index(s.URL, s.Priority != "primary" && s.Priority != "default" && s.Priority != "explicit")
	}
	for _, s := range doc.Tool.PDM.Source {
		in.index(s.URL, s.Name != "pypi")
	}
	for _, s := range doc.Tool.UV.Index {
		in.index(s.URL, false) // uv takes the first index that has the package
	}
	for _, url := range doc.Tool.UV.Extra {
		in.index(url, false)
	}
	return f, errors.Join(in.errs...)
}

// pyReader gathers packages of a Python project file.
type pyReader struct {
	file  *File
	lines *lineFinder
	errs  []error
}

func (in *pyReader) specifiers(specs []string, group string) {
	for _, s := range specs {
		line := in.lines.find(s)
		r, err := parseRequirement(s)
		if err != nil {
			in.errs = append(in.errs, err)
			continue
		}
		p := r.python(line)
		p.Group = group
		in.file.Packages = append(in.file.Packages, p)
	}
}

func (in *pyReader) index(url string, extra bool) {
	if url != "" {
		in.file.Indexes = append(in.file.Indexes, Index{URL: withoutUser(url), Extra: extra, Line: in.lines.find(url)})
	}
}

// poetry reads a table of Poetry or Pipenv: name = "constraint" or a table.
func (in *pyReader) poetry(table map[string]any, group string) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if strings.EqualFold(name, "python") {
			continue
		}
		p := Package{Ecosystem: "PyPI", Name: name, Group: group, Direct: true, Line: in.lines.keyLine(name)}
		switch v := table[name].(type) {
		case string:
			p.constrain(v)
		case map[string]any:
			p.fromTable(v)
		case []any: // one for each platform
			for _, each := range v {
				if t, ok := each.(map[string]any); ok {
					q := p
					q.fromTable(t)
					in.file.Packages = append(in.file.Packages, q)
				}
			}
			continue
		default:
			in.errs = append(in.errs, fmt.Errorf("%s: neither a version nor a table", clip(name)))
			continue
		}
		in.file.Packages = append(in.file.Packages, p)
	}
}

// keyLine is the line on which a key of TOML is set.
func (l *lineFinder) keyLine(key string) int {
	n := 0
	for line := range strings.Lines(l.text) {
		n++
		rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t\"'"), key)
		if !ok {
			continue
		}
		if rest = strings.TrimLeft(rest, "\"' \t"); strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ".") {
			return n
		}
	}
	return 0
}

// constrain takes a constraint of Poetry or Pipenv, where a bare version means that
// one exactly ("1.2.3" in Pipfile "==1.2.3", in Poetry the same with "==" implied).
func (p *Package) constrain(v string) {
	v = strings.TrimSpace(v)
	if p.Version = exact(v); p.Version != "" {
		return
	}
	if v != "" && v[0] >= '0' && v[0] <= '9' && !strings.ContainsAny(v, ",*|<>=~^ ") {
		p.Version = v
		return
	}
	p.Constraint = v
}

func (p *Package) fromTable(t map[string]any) {
	text := func(key string) string { s, _ := t[key].(string); return s }
	p.constrain(text("version"))
	p.Marker = text("markers")
	if list, ok := t["extras"].([]any); ok {
		for _, e := range list {
			if s, ok := e.(string); ok {
				p.Extras = append(p.Extras, s)
			}
		}
	}
	switch {
	case text("git") != "":
		ref := text("rev")
		if ref == "" {
			ref = text("ref")
		}
		p.Source = repository(text("git"), ref)
	case text("url") != "":
		p.Source = sourceOf(text("url"))
	case text("path") != "":
		p.Source = Source{Kind: Path, URL: text("path")}
	case text("file") != "":
		p.Source = sourceOf(text("file"))
	}
}

// parsePipfile reads the wishes of Pipenv.
func parsePipfile(content []byte) (*File, error) {
	var doc struct {
		Source []struct {
			URL string `toml:"url"`
		} `toml:"source"`
		Packages map[string]any `toml:"packages"`
		Dev      map[string]any `toml:"dev-packages"`
	}
	if err := safetoml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	in := &pyReader{file: new(File), lines: newLineFinder(content)}
	in.poetry(doc.Packages, "")
	in.poetry(doc.Dev, "dev")
	for i, s := range doc.Source {
		in.index(s.URL, i > 0)
	}
	return in.file, errors.Join(in.errs...)
}
