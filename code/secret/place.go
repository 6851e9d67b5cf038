package secret

import (
	"path"
	"slices"
	"strings"
)

// place is what the name of a file says about what is in it.
type place struct {
	test  bool // made for tests: what looks like a key there seldom opens anything
	prose bool // documentation
}

var testFolders = []string{"test", "tests", "testing", "testdata", "test_data", "test-data", "fixture", "fixtures", "__tests__", "mock", "mocks", "unittest", "unittests", "spec", "specs"}

func placeOf(name string) place {
	var p place
	name = strings.ToLower(name)
	parts := strings.Split(name, "/")
	for _, dir := range parts[:len(parts)-1] {
		p.test = p.test || slices.Contains(testFolders, dir)
	}
	base := path.Base(name)
	stem, _, _ := strings.Cut(base, ".")
	p.test = p.test || strings.HasPrefix(base, "test_") || strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, "_tests") || stem == "conftest" ||
		strings.Contains(base, ".test.") || strings.Contains(base, ".spec.")
	switch path.Ext(base) {
	case ".md", ".rst", ".adoc", ".mdx", ".html", ".htm":
		p.prose = true
	}
	return p
}
