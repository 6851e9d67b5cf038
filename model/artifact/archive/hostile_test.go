package archive_test

import (
	"archive/zip"
	"testing"

	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func TestHostile(t *testing.T) {
	s := archive.New()
	z := zipOf(t, member{name: "a.txt", body: "hello"}, member{name: "d/b.txt", body: "hello hello hello hello", method: zip.Deflate})
	artifacttest.Truncate(t, s, "m.zip", z, nil)
	artifacttest.Mutate(t, s, "m.zip", z, 500)
	g := gz(t, []byte("hello hello hello"))
	artifacttest.Truncate(t, s, "m.gz", g, nil)
	artifacttest.Mutate(t, s, "m.gz", g, 500)
}

func FuzzArchive(f *testing.F) {
	f.Add(zipOf(f, member{name: "a.txt", body: "hello"}))
	f.Add(gz(f, []byte("hello")))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, archive.New(), "m.bin", b) })
}
