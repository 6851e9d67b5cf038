// Command advisories derives, from archives in the layout of OSV's public exports
// (DIR/PyPI/all.zip, DIR/Go/all.zip), what the repository keeps of them: facts alone
// (identifiers, packages, ranges, aliases, dates, scores, symbols and one line of
// summary).
//
//	go run ./tools/advisories DIR
//
// writes engine/osv/starter/advisories.mdb, the packages named in names.txt, and
// engine/osv/testdata/advisories.jsonl.gz, every record, for the tests.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/osv"
)

//go:embed names.txt
var names string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./tools/advisories DIR")
		os.Exit(2)
	}
	if err := derive(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "advisories:", err)
		os.Exit(1)
	}
}

func derive(dir string) error {
	wanted := map[string]bool{}
	for line := range strings.Lines(names) {
		ecosystem, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && !strings.HasPrefix(line, "#") {
			wanted[ecosystem+" "+osv.Name(ecosystem, name)] = true
		}
	}
	var all bytes.Buffer
	lines, err := gzip.NewWriterLevel(&all, gzip.BestCompression)
	if err != nil {
		return err
	}
	b := osv.NewBuilder()
	var newest time.Time
	for _, from := range []struct{ ecosystem, database string }{{"PyPI", "PyPA advisory database"}, {"Go", "Go vulnerability database"}} {
		s := osv.Source{Name: from.ecosystem + " (" + from.database + ", CC-BY-4.0; the packages of AI systems)"}
		z, err := zip.OpenReader(filepath.Join(dir, from.ecosystem, "all.zip"))
		if err != nil {
			return err
		}
		defer z.Close()
		slices.SortFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
		for _, f := range z.File {
			raw, err := read(f)
			if err != nil {
				return err
			}
			a, err := osv.ParseAdvisory(raw)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			facts, err := factsOf(raw, a.Summary)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			if _, err := lines.Write(append(facts, '\n')); err != nil {
				return err
			}
			if !slices.ContainsFunc(a.Affected, func(in osv.Affected) bool { return wanted[in.Ecosystem+" "+in.Name] }) {
				continue
			}
			b.Add(&s, a)
			if a.Modified.After(newest) {
				newest = a.Modified
			}
		}
		b.Close(s)
	}
	if err := lines.Close(); err != nil {
		return err
	}
	var index bytes.Buffer
	if err := b.Write(&index, newest); err != nil {
		return err
	}
	if err := os.WriteFile("engine/osv/starter/advisories.mdb", index.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile("engine/osv/testdata/advisories.jsonl.gz", all.Bytes(), 0o644)
}

func read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// factsOf keeps the fields of a record that are facts, and the summary.
func factsOf(raw []byte, summary string) ([]byte, error) {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for _, key := range []string{"schema_version", "id", "modified", "published", "withdrawn", "aliases", "related", "severity", "affected"} {
		if v, ok := in[key]; ok {
			out[key] = v
		}
	}
	if summary != "" {
		s, err := json.Marshal(summary)
		if err != nil {
			return nil, err
		}
		out["summary"] = s
	}
	return json.Marshal(out)
}
