package shellcmd

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Install is what one command asks pip, or one that takes its arguments (uv, pipx,
// conda, mamba), to install.
type Install struct {
	Tool     string // "pip", "uv", "pipx", "conda"
	Packages []Package
	Indexes  []string // addresses of indexes and folders of packages
	Trusted  []string // hosts whose certificate is not checked
}

// Package is one thing to install.
type Package struct {
	Text   string // as it is written
	Name   string // without version and extras; empty for an address
	Pinned bool   // exactly one version, commit or digest
	Remote bool   // an address instead of a name
	Local  bool   // a file or folder of this machine
}

// withValue are the options of pip and conda whose next word is their value.
var withValue = []string{"-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links",
	"--trusted-host", "-t", "--target", "--prefix", "--root", "--python", "-p", "-n", "--name", "--channel", "--platform", "--python-version",
	"--implementation", "--abi", "--proxy", "--cert", "--timeout", "--retries", "--log", "--cache-dir", "--src", "--upgrade-strategy",
	"--no-binary", "--only-binary", "--progress-bar", "--global-option", "--config-settings", "-C", "--index", "--default-index", "--editable", "-e"}

// Installs reads the commands of [Split] that install packages of Python.
func Installs(commands [][]string) []Install {
	var all []Install
	for _, words := range commands {
		if tool, args := installer(words); tool != "" {
			all = append(all, readInstall(tool, args))
		}
	}
	return all
}

// installer finds "pip install", "python -m pip install", "uv pip install" and the
// like at the start of a command, behind sudo and variables.
func installer(words []string) (string, []string) {
	for len(words) > 0 && (words[0] == "sudo" || words[0] == "env" || words[0] == "!" || words[0] == "yes" || strings.Contains(words[0], "=") && !strings.HasPrefix(words[0], "-")) {
		words = words[1:]
	}
	if len(words) < 2 {
		return "", nil
	}
	name := path.Base(words[0])
	if len(words) > 3 && words[1] == "-m" && (strings.HasPrefix(name, "python") || strings.HasPrefix(name, "{") || strings.HasPrefix(name, "$") || strings.HasSuffix(name, "executable}")) {
		words = words[2:]
		name = words[0]
	}
	tool := ""
	switch {
	case pipName().MatchString(name):
		tool = "pip"
	case name == "uv" && (words[1] == "pip" || words[1] == "tool"):
		tool, words = "uv", words[1:]
	case name == "uv" && words[1] == "add":
		return "uv", words[2:]
	case name == "pipx", name == "conda", name == "mamba", name == "micromamba":
		tool = name
	}
	if tool == "" {
		return "", nil
	}
	for i, w := range words[1:] {
		if w == "install" {
			return tool, words[i+2:]
		}
		if !strings.HasPrefix(w, "-") {
			break
		}
	}
	return "", nil
}

var pipName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^pip[0-9.]*(\.exe)?$`) })

func readInstall(tool string, args []string) Install {
	in := Install{Tool: tool}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if !strings.HasPrefix(name, "-") {
			in.Packages = append(in.Packages, ReadPackage(args[i], strings.Contains(tool, "conda") || strings.Contains(tool, "mamba")))
			continue
		}
		if !joined {
			if !slices.Contains(withValue, name) || i+1 >= len(args) {
				continue
			}
			i++
			value = args[i]
		}
		switch name {
		case "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--index", "--default-index":
			in.Indexes = append(in.Indexes, value)
		case "--trusted-host":
			in.Trusted = append(in.Trusted, value)
		case "-e", "--editable":
			in.Packages = append(in.Packages, ReadPackage(value, false))
		case "-r", "--requirement":
			if Address(value) != "" {
				in.Packages = append(in.Packages, Package{Text: value, Remote: true})
			}
		}
	}
	return in
}

var (
	requirement = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$`)
	})
	atCommit = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`@[0-9a-f]{40}(?:[#?].*)?$`) })
	digested = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`#(?:.*&)?sha(?:256|384|512)=[0-9a-f]{64,}`) })
)

// ReadPackage reads a requirement as pip does (PEP 508), or as conda, which pins with
// a single "=".
func ReadPackage(word string, conda bool) Package {
	p := Package{Text: word}
	at := word
	if name, rest, ok := strings.Cut(word, "@"); ok && strings.Contains(rest, "://") && !strings.Contains(name, ":") {
		at = strings.TrimSpace(rest)
	}
	switch {
	case strings.Contains(at, "://") && !strings.HasPrefix(at, "file:"):
		p.Remote = true
		p.Pinned = atCommit().MatchString(at) || digested().MatchString(at)
		return p
	case word == "." || strings.HasPrefix(word, ".") || strings.ContainsAny(word, `/\`) || strings.HasPrefix(word, "file:") || strings.HasSuffix(word, ".whl") || strings.HasSuffix(word, ".tar.gz"):
		p.Local = true
		return p
	}
	m := requirement().FindStringSubmatch(word)
	if m == nil {
		p.Local = true // a variable, a glob: nothing can be said
		return p
	}
	p.Name = m[1]
	version := m[2]
	p.Pinned = strings.HasPrefix(version, "==") && !strings.Contains(version, "*") || conda && strings.HasPrefix(version, "=")
	return p
}
