package inventory

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// isRequirements knows requirement and constraint files by the names people give them:
// requirements.txt, requirements-dev.txt, dev-requirements.in, constraints.txt,
// requirements/base.txt.
func isRequirements(dir, base string) bool {
	stem, ok := strings.CutSuffix(base, ".txt")
	if !ok {
		if stem, ok = strings.CutSuffix(base, ".in"); !ok {
			return false
		}
	}
	stem = strings.ToLower(stem)
	if strings.Contains(stem, "requirements") || strings.Contains(stem, "constraints") {
		return true
	}
	_, last := cutLast(dir)
	return last == "requirements" || last == "constraints"
}

func cutLast(dir string) (before, last string) {
	i := strings.LastIndexByte(dir, '/')
	return dir[:max(i, 0)], dir[i+1:]
}

// parseRequirements reads the format of pip (pip.pypa.io, "Requirements File Format").
func parseRequirements(content []byte) (*File, error) {
	f := new(File)
	var errs []error
	eachLogicalLine(plainText(content), func(line string, at int) {
		if err := f.requirementLine(line, at); err != nil && len(errs) < 20 {
			errs = append(errs, fmt.Errorf("line %d: %w", at, err))
		}
	})
	return f, errors.Join(errs...)
}

// plainText reads what pip reads: UTF-8, or UTF-16 with a byte order mark, with any of
// the three ends of lines.
func plainText(content []byte) string {
	text := string(content)
	if len(content) >= 2 && (content[0] == 0xff && content[1] == 0xfe || content[0] == 0xfe && content[1] == 0xff) {
		units := make([]uint16, 0, len(content)/2)
		for i := 2; i+1 < len(content); i += 2 {
			lo, hi := uint16(content[i]), uint16(content[i+1])
			if content[0] == 0xfe {
				lo, hi = hi, lo
			}
			units = append(units, hi<<8|lo)
		}
		text = string(utf16.Decode(units))
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// eachLogicalLine joins lines that end in a backslash, removes comments and gives what
// is left with the number of its first line.
func eachLogicalLine(text string, use func(line string, at int)) {
	text = strings.TrimPrefix(text, "\ufeff")
	at, start, joined := 0, 0, ""
	for line := range strings.SplitSeq(text, "\n") {
		at++
		line = strings.TrimSuffix(line, "\r")
		if joined == "" {
			start = at
		}
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			// A comment ends a continued line.
			if joined != "" {
				use(joined, start)
				joined = ""
			}
			continue
		}
		if rest, ok := strings.CutSuffix(line, "\\"); ok {
			joined += " " + rest
			continue
		}
		if line = stripComment(joined + " " + line); line != "" {
			use(line, start)
		}
		joined = ""
	}
	if joined = stripComment(joined); joined != "" {
		use(joined, start)
	}
}

// stripComment removes what follows " #", and white space at both ends.
func stripComment(s string) string {
	for i := 1; i < len(s); i++ {
		if s[i] == '#' && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
			break
		}
	}
	return strings.TrimSpace(s)
}

func (f *File) requirementLine(line string, at int) error {
	if strings.HasPrefix(line, "-") {
		return f.optionLine(line, at)
	}
	spec, hashes := cutHashes(line)
	if strings.Contains(spec, "${") {
		spec = strings.TrimSpace(spec)
	}
	if pathLike(spec) {
		name := ""
		if _, fragment, ok := strings.Cut(spec, "#"); ok {
			for kv := range strings.SplitSeq(fragment, "&") {
				if egg, ok := strings.CutPrefix(kv, "egg="); ok {
					name = egg
				}
			}
		}
		url, marker, _ := strings.Cut(spec, " ;")
		p := Package{Ecosystem: "PyPI", Name: name, Line: at, Direct: true, Hashes: hashes, Marker: strings.TrimSpace(marker), Source: sourceOf(strings.TrimSpace(url))}
		if p.Name == "" {
			p.Name, p.Version = wheelName(url)
		}
		f.Packages = append(f.Packages, p)
		return nil
	}
	r, err := parseRequirement(spec)
	if err != nil {
		return err
	}
	p := r.python(at)
	p.Hashes = hashes
	f.Packages = append(f.Packages, p)
	return nil
}

// pathLike says whether a line names a file, a folder or a URL rather than a package.
func pathLike(s string) bool {
	word := s
	if i := strings.IndexAny(s, " \t;@["); i >= 0 {
		word = s[:i]
	}
	return strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.Contains(word, "://") ||
		strings.Contains(word, "/") || strings.HasSuffix(word, ".whl") || strings.HasSuffix(word, ".tar.gz") || strings.HasSuffix(word, ".zip") ||
		strings.HasPrefix(s, "git+")
}

// wheelName reads name and version out of the name of a wheel or source archive.
func wheelName(s string) (name, version string) {
	s, _, _ = strings.Cut(s, "#")
	_, base := cutLast(s)
	base = strings.TrimSpace(base)
	if stem, ok := strings.CutSuffix(base, ".whl"); ok {
		if parts := strings.Split(stem, "-"); len(parts) >= 5 {
			return strings.ReplaceAll(parts[0], "_", "-"), parts[1]
		}
	}
	for _, suffix := range [...]string{".tar.gz", ".zip", ".tar.bz2"} {
		if stem, ok := strings.CutSuffix(base, suffix); ok {
			if i := strings.LastIndexByte(stem, '-'); i > 0 && i+1 < len(stem) && stem[i+1] >= '0' && stem[i+1] <= '9' {
				return stem[:i], stem[i+1:]
			}
		}
	}
	return "", ""
}

// cutHashes takes the options of one requirement off its line.
func cutHashes(line string) (spec string, hashes []string) {
	i := strings.Index(line, " --")
	if i < 0 {
		return line, nil
	}
	spec = strings.TrimSpace(line[:i])
	fields := strings.Fields(strings.ReplaceAll(line[i:], "=", " "))
	for j := 0; j+1 < len(fields); j++ {
		if fields[j] == "--hash" {
			hashes = append(hashes, fields[j+1])
		}
	}
	return spec, hashes
}

// optionLine reads a line that is an option for pip.
func (f *File) optionLine(line string, at int) error {
	name, value := line, ""
	if i := strings.IndexAny(line, " \t="); i >= 0 {
		name, value = line[:i], strings.Trim(line[i:], " \t=")
	}
	if len(name) > 2 && name[1] != '-' { // -rfile
		name, value = line[:2], strings.TrimSpace(line[2:])
	}
	value = strings.Trim(value, `"'`)
	switch name {
	case "-r", "--requirement":
		f.Includes = append(f.Includes, Include{Path: value, Line: at})
	case "-c", "--constraint":
		f.Includes = append(f.Includes, Include{Path: value, Constraint: true, Line: at})
	case "-i", "--index-url", "--pypi-url":
		f.Indexes = append(f.Indexes, Index{URL: withoutUser(value), Line: at})
	case "--extra-index-url", "-f", "--find-links":
		f.Indexes = append(f.Indexes, Index{URL: withoutUser(value), Extra: true, Line: at})
	case "-e", "--editable":
		spec, hashes := cutHashes(value)
		if r, err := parseRequirement(spec); err == nil && r.url != "" {
			p := r.python(at)
			p.Hashes = hashes
			f.Packages = append(f.Packages, p)
			return nil
		}
		p := Package{Ecosystem: "PyPI", Line: at, Direct: true, Source: sourceOf(spec)}
		if _, egg, ok := strings.Cut(spec, "egg="); ok {
			p.Name, _, _ = strings.Cut(egg, "&")
			p.Name, _, _ = strings.Cut(p.Name, "[")
		}
		f.Packages = append(f.Packages, p)
	}
	return nil // other options say nothing about packages
}
