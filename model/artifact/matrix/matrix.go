// Package matrix is the table of what can be wrong with a model: one row per format
// and threat, with what merlon says, a file that shows the threat, and a twin that
// differs from it only in what makes it harmful.
//
// [Rows] is the registry. The test scans every row with every scanner there is, and
// docs/models.md is made from it by [Threats] and [Formats]: nothing is promised
// there that is not shown here. All payloads are inert (`echo merlon-test`, files
// that do not exist), and nothing loads them.
package matrix

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/internal/evasion"
)

// Files is a model: names below its folder, with slashes, and what they hold.
type Files map[string]string

// Link is the content of a symbolic link.
func Link(target string) string { return linkMark + target }

const linkMark = "\x00symbolic link\x00"

// Row is one threat to one format.
type Row struct {
	Family  string        // under which heading
	Format  string        // of the harmful file, as reports call it; empty where nothing is a model
	Threat  string        // in the words of the field
	Known   string        // where it is known from: CVE numbers and the like. Optional
	Verdict asset.Verdict // of the harmful file
	Rules   []string      // all rules that find something in it, sorted
	Bad     Files

	Twin        Files         // the harmless neighbour
	TwinVerdict asset.Verdict // nearly always ok; empty where it is no model
	TwinRules   []string      // what is said about it nevertheless. Optional

	Deep bool // found only by the checks that read every weight
}

// Write puts the files into a folder that exists.
func (f Files) Write(dir string) error {
	for name, content := range f {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		var err error
		if target, ok := strings.CutPrefix(content, linkMark); ok {
			err = os.Symlink(filepath.FromSlash(target), p)
		} else {
			err = os.WriteFile(p, []byte(content), 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Rows makes the table. root is the folder of the module: real files that libraries
// wrote are read from there. The error names one that is missing.
func Rows(root string) ([]Row, error) {
	t := &table{root: root}
	for _, part := range []func(*table){
		pickles, pickleTricks, containers, zips, torches, torchScripts, arrays,
		safetensorsFiles, ggufFiles, templates, poison, repositories, configurations,
		onnxModels, onnxBounds, kerasConfigs, kerasFiles, tensorflowGraphs, tflites,
		coremls, executorches, openvinos, paddles, mxnets, opaques,
		boosters, bundles, skopses, pmmls, flaxes, rdatas, polyglots, deepChecks,
	} {
		part(t)
	}
	rows := make([]Row, len(t.rows))
	for i, r := range t.rows {
		rows[i] = *r
	}
	return rows, t.err
}

// table collects rows.
type table struct {
	root           string
	family, format string // of the rows that follow
	rows           []*Row
	err            error
	cases          []evasion.Case
}

// of says what the following rows are about.
func (t *table) of(family, format string) { t.family, t.format = family, format }

const (
	ok         = asset.OK
	unverified = asset.Unverified
	malicious  = asset.Malicious
	failed     = asset.Failed
	noModel    = asset.Unknown
)

// add appends a row; rules are ids without "artifact/", separated by spaces.
func (t *table) add(threat string, v asset.Verdict, rules string, bad, twin Files) *Row {
	r := &Row{Family: t.family, Format: t.format, Threat: threat, Verdict: v, Rules: ids(rules), Bad: bad, Twin: twin, TwinVerdict: ok}
	t.rows = append(t.rows, r)
	return r
}

// known says where the threat is known from.
func (r *Row) known(from string) *Row { r.Known = from; return r }

// twin says what the neighbour gets where that is not a plain ok.
func (r *Row) twin(v asset.Verdict, rules string) *Row {
	r.TwinVerdict, r.TwinRules = v, ids(rules)
	return r
}

// as names the format where it is not that of the rows around.
func (r *Row) as(format string) *Row { r.Format = format; return r }

func ids(rules string) []string {
	var out []string
	for _, id := range strings.Fields(rules) {
		out = append(out, "artifact/"+id)
	}
	return out
}

// one is a model of a single file.
func one[T ~string | ~[]byte](name string, content T) Files { return Files{name: string(content)} }

// real is a file that is committed, below model/artifact.
func (t *table) real(name string) string {
	b, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(path.Join("model/artifact", name))))
	if err != nil && t.err == nil {
		t.err = err
	}
	return string(b)
}

// swap replaces text in a real file, once. A text that is not there is an error: the
// fixture has changed.
func (t *table) swap(content string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(content, pairs[i]) && t.err == nil {
			t.err = fmt.Errorf("matrix: %q is not in the fixture", pairs[i])
		}
		content = strings.Replace(content, pairs[i], pairs[i+1], 1)
	}
	return content
}

// evasion is a case of the corpus of evasions, by its class and the end of its name;
// "twin" is the harmless one.
func (t *table) evasion(class, name string) Files {
	if t.cases == nil {
		t.cases = evasion.Cases()
	}
	for _, c := range t.cases {
		if c.Class == class && strings.HasSuffix(c.Name, name) {
			return one(c.File, c.Data)
		}
	}
	if t.err == nil {
		t.err = fmt.Errorf("matrix: no case %q of class %q", name, class)
	}
	return nil
}
