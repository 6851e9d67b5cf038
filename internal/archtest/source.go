package archtest

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Source is one Go file of the module.
type Source struct {
	File      string // relative to the module root, with slashes
	Package   string // relative to the module root; "" is the root package
	Size      int    // bytes
	Imports   []string
	Inits     int // functions named init
	Test      bool
	Generated bool // marked as in go.dev/s/generatedcode
}

// Load parses every Go file below root, for every platform, except in testdata,
// hidden folders and nested modules.
func Load(root string) ([]Source, error) {
	var out []Source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == root {
				return nil
			}
			if d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(d.Name(), ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		s, err := read(name, filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

func read(name, rel string) (Source, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return Source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), rel, b, parser.SkipObjectResolution)
	if err != nil {
		return Source{}, err
	}
	s := Source{File: rel, Size: len(b), Test: strings.HasSuffix(rel, "_test.go"), Generated: generated(b)}
	if dir := path.Dir(rel); dir != "." {
		s.Package = dir
	}
	for _, imp := range file.Imports {
		if p, err := strconv.Unquote(imp.Path.Value); err == nil {
			s.Imports = append(s.Imports, p)
		}
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			s.Inits++
		}
	}
	return s, nil
}

var generatedLine = regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.$`)

func generated(b []byte) bool {
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		if generatedLine.Match(lines.Bytes()) {
			return true
		}
		if bytes.HasPrefix(lines.Bytes(), []byte("package ")) {
			return false
		}
	}
	return false
}
