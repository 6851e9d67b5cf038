package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parsePackageJSON reads the wishes of a JavaScript project and its install scripts.
func parsePackageJSON(content []byte) (*File, error) {
	var doc struct {
		Name     string            `json:"name"`
		Scripts  map[string]string `json:"scripts"`
		Main     map[string]string `json:"dependencies"`
		Dev      map[string]string `json:"devDependencies"`
		Optional map[string]string `json:"optionalDependencies"`
		Peer     map[string]string `json:"peerDependencies"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	f, lines := &File{Self: doc.Name}, newLineFinder(content)
	for _, name := range [...]string{"preinstall", "install", "postinstall", "prepare"} {
		if command := doc.Scripts[name]; command != "" {
			f.Scripts = append(f.Scripts, Script{Name: name, Command: command, Line: lines.find(`"` + name + `"`)})
		}
	}
	for _, part := range []struct {
		group string
		wants map[string]string
	}{{"", doc.Main}, {"dev", doc.Dev}, {"optional", doc.Optional}, {"peer", doc.Peer}} {
		for _, name := range slices.Sorted(maps.Keys(part.wants)) {
			p := Package{Ecosystem: "npm", Name: name, Direct: true, Group: part.group, Line: lines.find(`"` + name + `"`)}
			p.wantNPM(part.wants[name])
			f.Packages = append(f.Packages, p)
		}
	}
	return f, nil
}

// wantNPM takes what package.json says behind a name (docs.npmjs.com, "package.json":
// dependencies).
func (p *Package) wantNPM(want string) {
	switch {
	case strings.HasPrefix(want, "npm:"): // an alias: the package is another one
		spec := want[len("npm:"):]
		if i := strings.LastIndexByte(spec, '@'); i > 0 {
			p.Name = spec[:i]
			p.wantNPM(spec[i+1:])
		} else {
			p.Name = spec
		}
	case strings.HasPrefix(want, "file:"), strings.HasPrefix(want, "link:"), strings.HasPrefix(want, "portal:"), strings.HasPrefix(want, "workspace:"):
		_, where, _ := strings.Cut(want, ":")
		p.Source = Source{Kind: Path, URL: where}
	case strings.Contains(want, "://"), strings.HasPrefix(want, "git@"), strings.HasPrefix(want, "github:"), strings.HasPrefix(want, "gitlab:"), strings.HasPrefix(want, "bitbucket:"), npmShorthand(want):
		p.Source = npmSource(want)
	case want != "" && want[0] >= '0' && want[0] <= '9' && !strings.ContainsAny(want, " |<>=~^*xX-") && strings.Count(want, ".") == 2:
		p.Version = want
	case strings.HasPrefix(want, "=") && !strings.ContainsAny(want, " |<>~^*xX"):
		p.Version = strings.TrimLeft(want, "=v")
	default:
		p.Constraint = want
	}
}

// npmShorthand: "user/repository", with "#REF".
func npmShorthand(want string) bool {
	user, rest, ok := strings.Cut(want, "/")
	return ok && user != "" && rest != "" && !strings.ContainsAny(user, "@ .:") && !strings.Contains(rest, " ")
}

func npmSource(s string) Source {
	address, ref, _ := strings.Cut(s, "#")
	git := strings.HasPrefix(address, "git") || strings.HasPrefix(address, "ssh:") || strings.HasSuffix(address, ".git") ||
		!strings.Contains(address, "://")
	if !git {
		return Source{Kind: Archive, URL: withoutUser(address)}
	}
	return repository(strings.TrimPrefix(address, "git+"), ref)
}

// npmLocked is a package of package-lock.json.
type npmLocked struct {
	Name      string            `json:"name"`
	Version   string            `json:"version"`
	Resolved  string            `json:"resolved"`
	Integrity string            `json:"integrity"`
	Link      bool              `json:"link"`
	Dev       bool              `json:"dev"`
	Optional  bool              `json:"optional"`
	Scripts   bool              `json:"hasInstallScript"`
	Licence   json.RawMessage   `json:"license"`
	Wants     map[string]string `json:"dependencies"`
}

// parsePackageLock reads layouts 1 to 3.
func parsePackageLock(content []byte) (*File, error) {
	f, packages := new(File), false
	err := eachMember(content, func(key string, value json.RawMessage, offset int64) error {
		switch key {
		case "name":
			return json.Unmarshal(value, &f.Self)
		case "packages":
			packages = true
			return f.npmPackages(value, offset, content)
		}
		return nil
	})
	if err != nil || packages {
		return f, err
	}
	// Layout 1 has a tree of dependencies instead.
	err = eachMember(content, func(key string, value json.RawMessage, offset int64) error {
		if key != "dependencies" {
			return nil
		}
		return f.npmTree(value, offset, content, 0)
	})
	return f, err
}

func (f *File) npmPackages(value json.RawMessage, offset int64, content []byte) error {
	direct := map[string]bool{}
	at := lineCounter{content: content}
	return eachMember(value, func(key string, raw json.RawMessage, inner int64) error {
		var in npmLocked
		if err := json.Unmarshal(raw, &in); err != nil {
			return fmt.Errorf("%s: %w", clip(key), err)
		}
		line := at.line(offset + inner)
		if !strings.Contains(key, "node_modules/") {
			if key == "" { // the project itself
				var own struct {
					Dev map[string]string `json:"devDependencies"`
				}
				json.Unmarshal(raw, &own)
				for name := range in.Wants {
					direct[name] = true
				}
				for name := range own.Dev {
					direct[name] = true
				}
			}
			return nil // a workspace
		}
		name := key[strings.LastIndex(key, "node_modules/")+len("node_modules/"):]
		if in.Link {
			return nil
		}
		p := in.lockedPackage(name, line)
		p.Direct = direct[name] && strings.Count(key, "node_modules/") == 1
		f.Packages = append(f.Packages, p)
		if in.Scripts {
			f.Scripts = append(f.Scripts, Script{Name: name, Line: line})
		}
		return nil
	})
}

func (in *npmLocked) lockedPackage(name string, line int) Package {
	if in.Name != "" {
		name = in.Name // an alias
	}
	p := Package{Ecosystem: "npm", Name: name, Version: in.Version, Certainty: Locked, Line: line, Requires: slices.Sorted(maps.Keys(in.Wants))}
	if in.Integrity != "" {
		p.Hashes = strings.Fields(in.Integrity)
	}
	switch {
	case in.Dev:
		p.Group = "dev"
	case in.Optional:
		p.Group = "optional"
	}
	json.Unmarshal(in.Licence, &p.Licence) // an object in old packages: then it stays empty
	if strings.HasPrefix(in.Resolved, "git") {
		p.Source = npmSource(in.Resolved)
	} else if strings.HasPrefix(in.Resolved, "file:") {
		p.Source = Source{Kind: Path, URL: in.Resolved[len("file:"):]}
	} else if in.Resolved != "" && !strings.Contains(in.Resolved, "/-/") {
		p.Source = Source{Kind: Archive, URL: withoutUser(in.Resolved)}
	}
	if v := in.Version; strings.HasPrefix(v, "git") || strings.Contains(v, "://") {
		p.Version, p.Source = "", npmSource(v)
	} else if rest, ok := strings.CutPrefix(v, "npm:"); ok {
		if i := strings.LastIndexByte(rest, '@'); i > 0 {
			p.Name, p.Version = rest[:i], rest[i+1:]
		}
	}
	return p
}

// maxDepth bounds dependencies within dependencies.
const maxDepth = 200

func (f *File) npmTree(value json.RawMessage, offset int64, content []byte, depth int) error {
	if depth > maxDepth {
		return errors.New("dependencies nested too deep")
	}
	at := lineCounter{content: content}
	return eachMember(value, func(name string, raw json.RawMessage, inner int64) error {
		var in struct {
			Version   string          `json:"version"`
			Resolved  string          `json:"resolved"`
			Integrity string          `json:"integrity"`
			Dev       bool            `json:"dev"`
			Optional  bool            `json:"optional"`
			Requires  json.RawMessage `json:"requires"`
			Nested    json.RawMessage `json:"dependencies"`
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return fmt.Errorf("%s: %w", clip(name), err)
		}
		line := at.line(offset + inner)
		flat := npmLocked{Version: in.Version, Resolved: in.Resolved, Integrity: in.Integrity, Dev: in.Dev, Optional: in.Optional}
		json.Unmarshal(in.Requires, &flat.Wants) // true in the oldest layout
		f.Packages = append(f.Packages, flat.lockedPackage(name, line))
		if len(in.Nested) == 0 {
			return nil
		}
		start := offset + inner + int64(bytes.Index(raw, in.Nested))
		return f.npmTree(in.Nested, start, content, depth+1)
	})
}

// eachMember walks over the members of a JSON object in their order, with the offset
// of each value within raw.
func eachMember(raw []byte, use func(key string, value json.RawMessage, offset int64) error) error {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("not an object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := use(key.(string), value, dec.InputOffset()-int64(len(value))); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// lineCounter turns growing offsets into lines.
type lineCounter struct {
	content []byte
	at      int64
	lines   int
}

func (c *lineCounter) line(offset int64) int {
	offset = min(max(offset, 0), int64(len(c.content)))
	if offset < c.at {
		c.at, c.lines = 0, 0
	}
	c.lines += bytes.Count(c.content[c.at:offset], []byte("\n"))
	c.at = offset
	return c.lines + 1
}
