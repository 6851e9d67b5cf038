package inventory

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parseYarnLock reads the layouts of Yarn 1 (its own) and of Yarn 2 and later (YAML):
// both are blocks whose first line lists what is asked for and whose indented lines
// say what it became.
func parseYarnLock(content []byte) (*File, error) {
	f := new(File)
	var p Package
	var specs string
	inside, list := false, ""
	done := func() {
		if inside && p.Name != "" && p.Version != "" && !strings.Contains(specs, "@workspace:") {
			f.Packages = append(f.Packages, p)
		}
		inside = false
	}
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
		case line[0] != ' ':
			done()
			specs, _ = strings.CutSuffix(trimmed, ":")
			if specs == "__metadata" {
				continue
			}
			if specs == trimmed {
				return f, fmt.Errorf("line %d: no block of a yarn.lock begins so", n)
			}
			inside, list = true, ""
			p = Package{Ecosystem: "npm", Certainty: Locked, Line: n}
			first, _, _ := strings.Cut(specs, ",")
			p.Name, p.Source = yarnSpec(strings.Trim(strings.TrimSpace(first), `"`))
		case !inside:
		case strings.HasPrefix(line, "    "):
			if list == "dependencies" {
				name, _, _ := strings.Cut(trimmed, " ")
				p.Requires = append(p.Requires, strings.Trim(strings.TrimSuffix(name, ":"), `"`))
			}
		default:
			key, value, _ := strings.Cut(trimmed, " ")
			key = strings.TrimSuffix(key, ":")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			list = key
			switch key {
			case "version":
				p.Version = value
			case "integrity", "checksum":
				p.Hashes = append(p.Hashes, value)
			case "resolved":
				if strings.HasPrefix(value, "git") || strings.Contains(value, ".git#") {
					p.Source = npmSource(value)
				}
			}
		}
	}
	done()
	return f, nil
}

// yarnSpec splits "@scope/name@npm:^1.0".
func yarnSpec(s string) (name string, src Source) {
	i := strings.IndexByte(s[min(1, len(s)):], '@')
	if i < 0 {
		return s, src
	}
	name, want := s[:i+1], s[i+2:]
	if rest, ok := strings.CutPrefix(want, "npm:"); ok {
		if j := strings.LastIndexByte(rest, '@'); j > 0 {
			return rest[:j], src // an alias
		}
		return name, src
	}
	var p Package
	p.wantNPM(want)
	return name, p.Source
}

// parsePNPMLock reads layouts 5 to 9.
func parsePNPMLock(content []byte) (*File, error) {
	var doc struct {
		Packages map[string]struct {
			Name       string `yaml:"name"`
			Version    string `yaml:"version"`
			Dev        bool   `yaml:"dev"`
			Optional   bool   `yaml:"optional"`
			Build      bool   `yaml:"requiresBuild"`
			Resolution struct {
				Integrity string `yaml:"integrity"`
				Tarball   string `yaml:"tarball"`
				Repo      string `yaml:"repo"`
				Commit    string `yaml:"commit"`
				Type      string `yaml:"type"`
			} `yaml:"resolution"`
		} `yaml:"packages"`
	}
	if err := decodeYAML(content, &doc); err != nil {
		return nil, err
	}
	f := new(File)
	lines := yamlKeys(content, "packages")
	for key, in := range doc.Packages {
		p := Package{Ecosystem: "npm", Certainty: Locked, Line: lines[key]}
		p.Name, p.Version = pnpmKey(key)
		if in.Name != "" {
			p.Name = in.Name
		}
		if in.Version != "" {
			p.Version = in.Version
		}
		if in.Resolution.Integrity != "" {
			p.Hashes = []string{in.Resolution.Integrity}
		}
		switch {
		case in.Dev:
			p.Group = "dev"
		case in.Optional:
			p.Group = "optional"
		}
		if r := in.Resolution; r.Repo != "" {
			p.Source = repository(r.Repo, r.Commit)
		} else if r.Tarball != "" {
			p.Source = Source{Kind: Archive, URL: withoutUser(r.Tarball)}
		}
		if in.Build {
			f.Scripts = append(f.Scripts, Script{Name: p.Name, Line: p.Line})
		}
		f.Packages = append(f.Packages, p)
	}
	sortByLine(f.Packages)
	return f, nil
}

// pnpmKey splits "/@scope/name/1.0.0_peer" (5), "/name@1.0.0(peer)" (6), "name@1.0.0"
// (9).
func pnpmKey(key string) (name, version string) {
	key, _, _ = strings.Cut(key, "(")
	key = strings.TrimPrefix(key, "/")
	if i := strings.LastIndexByte(key, '@'); i > 0 {
		return key[:i], key[i+1:]
	}
	name, version = cutLast(key)
	version, _, _ = strings.Cut(version, "_")
	return name, version
}

// yamlKeys gives the lines of the keys of a mapping at the top of a YAML file, as pnpm
// writes it.
func yamlKeys(content []byte, mapping string) map[string]int {
	lines, n, inside := map[string]int{}, 0, false
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line != "" && line[0] != ' ' {
			inside = line == mapping+":"
			continue
		}
		if inside && strings.HasPrefix(line, "  ") && len(line) > 2 && line[2] != ' ' && strings.HasSuffix(line, ":") {
			lines[strings.Trim(strings.TrimSuffix(line[2:], ":"), `'"`)] = n
		}
	}
	return lines
}

// parseBunLock reads the text layout of Bun: JSON with commas before closing brackets.
func parseBunLock(content []byte) (*File, error) {
	var doc struct {
		Packages map[string][]json.RawMessage `json:"packages"`
	}
	if err := json.Unmarshal(withoutTrailingCommas(content), &doc); err != nil {
		return nil, err
	}
	f := new(File)
	lines := newLineFinder(content)
	for _, key := range slices.Sorted(maps.Keys(doc.Packages)) {
		entry := doc.Packages[key]
		var spec string
		if len(entry) == 0 || json.Unmarshal(entry[0], &spec) != nil {
			return f, fmt.Errorf("%s: not a list that begins with a name", clip(key))
		}
		i := strings.IndexByte(spec[min(1, len(spec)):], '@')
		if i < 0 {
			return f, errors.New(clip(spec) + ": no version")
		}
		p := Package{Ecosystem: "npm", Name: spec[:i+1], Certainty: Locked, Line: lines.find(`"` + spec + `"`)}
		p.wantNPM(spec[i+2:])
		if p.Source.Kind == Path {
			continue // a workspace
		}
		if p.Version == "" && p.Source.Kind == Registry {
			p.Version, p.Constraint = spec[i+2:], ""
		}
		if len(entry) > 1 {
			var hash string
			if json.Unmarshal(entry[len(entry)-1], &hash) == nil && strings.HasPrefix(hash, "sha") {
				p.Hashes = []string{hash}
			}
		}
		f.Packages = append(f.Packages, p)
	}
	sortByLine(f.Packages)
	return f, nil
}

// withoutTrailingCommas removes commas before "}" and "]", outside of strings.
func withoutTrailingCommas(b []byte) []byte {
	out := make([]byte, 0, len(b))
	quoted := false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\' && i+1 < len(b):
			out = append(out, c, b[i+1])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			j := i + 1
			for j < len(b) && (b[j] == ' ' || b[j] == '\n' || b[j] == '\r' || b[j] == '\t') {
				j++
			}
			if j < len(b) && (b[j] == '}' || b[j] == ']') {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}
