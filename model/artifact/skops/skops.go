// Package skops reads scikit-learn models saved by skops: a zip with schema.json, a
// tree of nodes that says which types to make, and .npy members with the arrays.
//
// skops shows the types of a file and loads it only when all are trusted. This
// scanner makes the same decision with its own list, for every version of skops:
// each pair of loader and type must be known, and the tricks by which a node shows
// another type than it uses are found by what they are.
package skops

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/zipmodel"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("skops", "1", rules(), interest())
}

func named(f interface{ Name() string }) bool {
	return strings.EqualFold(path.Ext(f.Name()), ".skops")
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".skops"}, Magics: zipmodel.Magics()}
}

// Wants takes zips, whose directory shows whether they are models of skops, and
// whatever has the name of one.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(zipmodel.Is(fi.Head) || named(fi.Ref))
}

const maxSchema = 64 << 20

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if !zipmodel.Is(f.Head()) {
		return verdict.Scan(ctx, f, s, "skops", func(v *verdict.File) error {
			v.Report(asset.Unverified, finding.Finding{Rule: ruleNoZip, Key: "not a zip",
				Message: "named .skops, and is no zip archive." + cve.Sentence("skops/not-a-zip")})
			return nil
		})
	}
	z, err := zipmodel.Open(ctx, f)
	if err != nil {
		if named(f.Ref()) {
			return err
		}
		return ctx.Err() // not ours
	}
	schemas := z.Find("schema.json")
	if len(schemas) == 0 || !named(f.Ref()) && !isSchema(z, schemas) {
		return nil
	}
	return verdict.Scan(ctx, f, s, "skops", func(v *verdict.File) error {
		v.Fail(z.Whole())
		if len(schemas) > 1 {
			v.Failf("%d members are called schema.json: readers differ in which one counts", len(schemas))
		}
		for _, i := range schemas {
			v.Fail(judgeSchema(z, i, v))
		}
		return ctx.Err()
	})
}

// isSchema tells models of skops from other archives with a schema.json.
func isSchema(z *zipmodel.Zip, members []int) bool {
	for _, i := range members {
		b, err := z.Read(i, maxSchema)
		if err != nil || strings.Contains(string(b), `"__loader__"`) {
			return true
		}
	}
	return false
}

func judgeSchema(z *zipmodel.Zip, i int, v *verdict.File) error {
	doc, err := z.Read(i, maxSchema)
	if err != nil {
		return err
	}
	r := newReader(doc)
	j := &judge{v: v, r: r, types: map[string]int{}, files: map[string]bool{}}
	if _, err := r.read(j.visit, j.clash); err != nil {
		return fmt.Errorf("schema.json: %w", err)
	}
	have := map[string]bool{}
	for i := range z.Members() {
		have[z.Members()[i].Name] = true
	}
	var missing []string
	for name := range j.files {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("%d members that schema.json names are missing, the first is %s", len(missing), verdict.Show(missing[0]))
	}
	if r.count == 0 {
		return errors.New("schema.json holds nothing")
	}
	return nil
}
