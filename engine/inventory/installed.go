package inventory

import (
	"errors"
	"fmt"
	"strings"
)

// isPythonMetadata knows the core metadata of installed packages and of archives.
func isPythonMetadata(dir, base string) bool {
	_, last := cutLast(dir)
	switch base {
	case "METADATA":
		return strings.HasSuffix(last, ".dist-info")
	case "PKG-INFO":
		return true
	}
	return strings.HasSuffix(base, ".egg-info")
}

// parsePythonMetadata reads core metadata (packaging.python.org, "Core metadata
// specifications"): headers as in mail, up to the first empty line.
func parsePythonMetadata(content []byte) (*File, error) {
	p := Package{Ecosystem: "PyPI", Certainty: Installed}
	var expression, text string
	var classifiers []string
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(key) {
		case "name":
			p.Name = value
		case "version":
			p.Version = value
		case "license-expression":
			expression = value
		case "license":
			text = value
		case "classifier":
			if strings.HasPrefix(value, "License ::") {
				classifiers = append(classifiers, value[strings.LastIndex(value, "::")+2:])
			}
		case "requires-dist":
			if r, err := parseRequirement(value); err == nil && !strings.Contains(r.marker, "extra") {
				p.Requires = append(p.Requires, r.name)
			}
		}
	}
	switch {
	case expression != "":
		p.Licence = expression
	case text != "" && len(text) < 80 && text != "UNKNOWN":
		p.Licence = text
	case len(classifiers) > 0:
		p.Licence = strings.TrimSpace(strings.Join(classifiers, ";"))
	}
	if p.Name == "" {
		return nil, errors.New("no Name in the metadata")
	}
	return &File{Packages: []Package{p}}, nil
}

// isDpkgStatus knows Debian's record of packages, whole or (distroless) in parts.
func isDpkgStatus(dir, base string) bool {
	return base == "status" && strings.HasSuffix("/"+dir, "/var/lib/dpkg") || strings.HasSuffix("/"+dir, "/var/lib/dpkg/status.d") && !strings.HasSuffix(base, ".md5sums")
}

// parseDpkgStatus reads paragraphs of Debian's control format (deb-status). The
// ecosystem lacks its release, which another file of the system states; its advisories
// are about source packages.
func parseDpkgStatus(content []byte) (*File, error) {
	f := new(File)
	start := 0
	each := func(paragraph map[string]string, line int) error {
		name := paragraph["package"]
		if name == "" {
			return nil
		}
		if status := paragraph["status"]; status != "" && !strings.HasSuffix(status, " installed") {
			return nil
		}
		p := Package{Ecosystem: "Debian", Name: name, Version: paragraph["version"], Certainty: Installed, Line: line}
		if p.Version == "" {
			return fmt.Errorf("line %d: %s has no version", line, clip(name))
		}
		p.Origin = paragraph["source"]
		f.Packages = append(f.Packages, p)
		return nil
	}
	paragraph, n := map[string]string{}, 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if err := each(paragraph, start); err != nil {
				return f, err
			}
			clear(paragraph)
			start = 0
			continue
		}
		if start == 0 {
			start = n
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue // more of a field nobody here needs
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return f, fmt.Errorf("line %d: no field of a control file", n)
		}
		paragraph[strings.ToLower(key)] = strings.TrimSpace(value)
	}
	return f, each(paragraph, start)
}

func isAPKInstalled(dir, base string) bool {
	return base == "installed" && (strings.HasSuffix("/"+dir, "/lib/apk/db"))
}

// parseAPKInstalled reads the database of Alpine's package manager: paragraphs of
// one-letter fields.
func parseAPKInstalled(content []byte) (*File, error) {
	f := new(File)
	var p Package
	start, n := 0, 0
	done := func() {
		if p.Name != "" && p.Version != "" {
			p.Line = start
			f.Packages = append(f.Packages, p)
		}
		p, start = Package{Ecosystem: "Alpine", Certainty: Installed}, 0
	}
	done()
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			done()
			continue
		}
		if start == 0 {
			start = n
		}
		if len(line) < 2 || line[1] != ':' {
			return f, fmt.Errorf("line %d: no field of an apk database", n)
		}
		switch value := line[2:]; line[0] {
		case 'P':
			p.Name = value
		case 'V':
			p.Version = value
		case 'o':
			p.Origin = value
		case 'L':
			p.Licence = value
		case 'D':
			for need := range strings.FieldsSeq(value) {
				if i := strings.IndexAny(need, "=<>~"); i > 0 {
					need = need[:i]
				}
				p.Requires = append(p.Requires, need)
			}
		}
	}
	done()
	return f, nil
}
