package evasion_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/internal/evasion"
)

// TestCorpus scans the whole corpus as `merlon scan` does: of the harmful cases none
// may be found ok and at least 95 % must be found malicious, every twin must be ok.
func TestCorpus(t *testing.T) {
	cases := evasion.Cases()
	dir := t.TempDir()
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprint(i), c.File)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verdicts := make([]asset.Verdict, len(cases))
	messages := make([][]string, len(cases))
	res, err := merlon.Scan(context.Background(), merlon.Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	index := func(path string) int {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscan(strings.SplitN(filepath.ToSlash(rel), "/", 2)[0], &i); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return i
	}
	for _, a := range res.Assets {
		i := index(a.Ref.Path)
		verdicts[i] = verdicts[i].Worst(a.Verdict)
	}
	for _, f := range res.Findings {
		i := index(f.Locations[0].Ref.Path)
		messages[i] = append(messages[i], f.Finding.Rule+": "+f.Message)
	}
	for _, e := range res.Coverage.Errors {
		if path, _, _ := strings.Cut(e.Path, "!"); path != "" {
			i := index(strings.SplitN(path, "#", 2)[0])
			messages[i] = append(messages[i], "error: "+e.Err)
		}
	}
	report(t, cases, verdicts, messages)
}

func report(t *testing.T, cases []evasion.Case, verdicts []asset.Verdict, messages [][]string) {
	type row struct{ evil, malicious, unverified, failed, ok int }
	rows := map[string]*row{}
	var order []string
	var total row
	for i, c := range cases {
		r := rows[c.Class]
		if r == nil {
			r = &row{}
			rows[c.Class] = r
			order = append(order, c.Class)
		}
		v := verdicts[i]
		if !c.Evil {
			if v.Worst(asset.OK) != asset.OK {
				t.Errorf("%s: the benign twin is %q\n\t%s", c.Class, v, strings.Join(messages[i], "\n\t"))
			}
			continue
		}
		for _, r := range []*row{r, &total} {
			r.evil++
			switch v {
			case asset.Malicious:
				r.malicious++
			case asset.Unverified:
				r.unverified++
			case asset.Failed:
				r.failed++
			default:
				r.ok++
			}
		}
		switch {
		case v.Worst(asset.OK) == asset.OK:
			t.Errorf("%s, %s: found %q\n\t%s", c.Class, c.Name, v, strings.Join(messages[i], "\n\t"))
		case v != asset.Malicious:
			t.Logf("%s, %s: only %q\n\t%s", c.Class, c.Name, v, strings.Join(messages[i], "\n\t"))
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "class\tcases\tmalicious\tunverified\terror\tok\t")
	for _, name := range order {
		r := rows[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", name, r.evil, r.malicious, r.unverified, r.failed, r.ok)
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\t%d\t%d\t\n", total.evil, total.malicious, total.unverified, total.failed, total.ok)
	w.Flush()
	t.Log("\n" + b.String())
	if total.evil < 150 {
		t.Errorf("%d harmful cases, at least 150 are promised", total.evil)
	}
	if 100*total.malicious < 95*total.evil {
		t.Errorf("%d of %d found malicious, at least 95 %% are promised", total.malicious, total.evil)
	}
}

// Every case alone gives what it gives among the others: nothing leaks from file to
// file, and the corpus is the same each time.
func TestCorpusIsDeterministic(t *testing.T) {
	a, b := evasion.Cases(), evasion.Cases()
	if len(a) != len(b) {
		t.Fatal("two runs differ in length")
	}
	seen := map[string]bool{}
	for i := range a {
		if a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s, %s differs between two runs", a[i].Class, a[i].Name)
		}
		if id := a[i].Class + a[i].Name; seen[id] {
			t.Errorf("%s, %s is there twice", a[i].Class, a[i].Name)
		} else {
			seen[id] = true
		}
	}
}
