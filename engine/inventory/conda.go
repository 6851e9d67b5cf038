package inventory

import (
	"encoding/json"
	"strings"
)

// isCondaEnvironment knows environment.yml, environment-gpu.yaml, conda.yaml.
func isCondaEnvironment(_, base string) bool {
	stem, ok := strings.CutSuffix(base, ".yml")
	if !ok {
		if stem, ok = strings.CutSuffix(base, ".yaml"); !ok {
			return false
		}
	}
	return stem == "conda" || stem == "environment" || strings.HasPrefix(stem, "environment-") || strings.HasPrefix(stem, "environment_")
}

// parseCondaEnvironment reads the dependencies of conda and the ones that it leaves to
// pip.
func parseCondaEnvironment(content []byte) (*File, error) {
	var doc struct {
		Name         string   `yaml:"name"`
		Channels     []string `yaml:"channels"`
		Dependencies []any    `yaml:"dependencies"`
	}
	if err := decodeYAML(content, &doc); err != nil {
		return nil, err
	}
	f, lines := &File{Self: doc.Name}, newLineFinder(content)
	for _, c := range doc.Channels {
		if strings.Contains(c, "://") {
			f.Indexes = append(f.Indexes, Index{URL: withoutUser(c), Line: lines.find(c)})
		}
	}
	for _, d := range doc.Dependencies {
		switch d := d.(type) {
		case string:
			f.Packages = append(f.Packages, condaSpec(d, lines.find(d)))
		case map[string]any:
			list, _ := d["pip"].([]any)
			for _, each := range list {
				s, ok := each.(string)
				if !ok {
					continue
				}
				if err := f.requirementLine(stripComment(" "+s), lines.find(s)); err != nil {
					return f, err
				}
			}
		}
	}
	return f, nil
}

// condaSpec reads "channel::name=version=build", "name >=1,<2", "name==1.0". One "="
// with two numbers pins a series, "==" or a build pins a version.
func condaSpec(s string, line int) Package {
	if _, rest, ok := strings.Cut(s, "::"); ok {
		s = rest
	}
	end := strings.IndexAny(s, " =<>!~")
	if end < 0 {
		return Package{Ecosystem: "conda", Name: strings.TrimSpace(s), Direct: true, Line: line}
	}
	p := Package{Ecosystem: "conda", Name: s[:end], Direct: true, Line: line}
	c := strings.TrimSpace(s[end:])
	if v := exact(c); v != "" {
		p.Version, _, _ = strings.Cut(v, "=")
		return p
	}
	if v, ok := strings.CutPrefix(c, "="); ok && !strings.ContainsAny(v, "*,<>|") {
		version, _, build := strings.Cut(v, "=")
		if build || strings.Count(version, ".") >= 2 {
			p.Version = version
			return p
		}
	}
	p.Constraint = c
	return p
}

func isCondaMeta(dir, base string) bool {
	_, last := cutLast(dir)
	return last == "conda-meta" && strings.HasSuffix(base, ".json")
}

// parseCondaMeta reads the record of one installed conda package.
func parseCondaMeta(content []byte) (*File, error) {
	var doc struct {
		Name    string   `json:"name"`
		Version string   `json:"version"`
		Licence string   `json:"license"`
		Depends []string `json:"depends"`
		SHA256  string   `json:"sha256"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	if doc.Name == "" {
		return new(File), nil // conda-meta holds other records too
	}
	p := Package{Ecosystem: "conda", Name: doc.Name, Version: doc.Version, Certainty: Installed, Licence: doc.Licence}
	for _, d := range doc.Depends {
		name, _, _ := strings.Cut(d, " ")
		p.Requires = append(p.Requires, name)
	}
	if doc.SHA256 != "" {
		p.Hashes = []string{"sha256:" + doc.SHA256}
	}
	return &File{Packages: []Package{p}}, nil
}
