//go:build linux

// Samples compares what merlon and gitleaks find in the same made-up credentials: those
// of bench/secret/formats, and, to be fair, those that the rules of gitleaks describe.
//
//	go run ./bench/secret/samples -merlon bin/merlon -gitleaks FILE -toml gitleaks.toml
//
// It fails when merlon finds less than 99 of 100 of a type, and gitleaks finds more.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/merlon-security/merlon/bench/secret/formats"
)

// sample is where one value lies.
type sample struct {
	kind       string
	file       string
	start, end int // lines
}

// corpus is a folder of samples, a file for each type and context.
type corpus struct {
	dir string
	n   int // values of a type in each context
	all []sample
}

func (c *corpus) add(kind string, ctx formats.Context, make func(r *rand.Rand) (name, value string)) error {
	r := rand.New(rand.NewPCG(21, uint64(len(c.all))))
	file := kind + "." + ctx.Name
	var text strings.Builder
	line := 1
	for range c.n {
		name, value := make(r)
		t := ctx.Text(name, value)
		n := strings.Count(t, "\n")
		c.all = append(c.all, sample{kind, file, line, line + n})
		text.WriteString(t)
		// Room between samples: what stands before one must not explain the next.
		text.WriteString(strings.Repeat("\n", 4))
		text.WriteString(strings.Repeat("# ----------------------------------------------------------------\n", 4))
		line += n + 8
	}
	return os.WriteFile(filepath.Join(c.dir, file), []byte(text.String()), 0o600)
}

// hits are the lines of findings by file.
type hits map[string][]int

// recall counts the samples that have a finding, by type.
func (c *corpus) recall(h hits) map[string]int {
	n := map[string]int{}
	for _, s := range c.all {
		if slices.ContainsFunc(h[s.file], func(l int) bool { return s.start <= l && l <= s.end }) {
			n[s.kind]++
		}
	}
	return n
}

// place is a location in a report of merlon.
type place struct {
	Path string
	Line int
}

func merlon(program, dir string) (hits, error) {
	report := filepath.Join(dir, "..", "merlon.json")
	if err := run(program, "scan", "--only", "secret", "--allow-incomplete", "--fail-on", "none", "--format", "json", "--output", report, dir); err != nil {
		return nil, err
	}
	var doc struct {
		Findings []struct {
			Location  place
			Locations []place
		}
	}
	h := hits{}
	err := read(report, &doc)
	for _, f := range doc.Findings {
		for _, l := range append(f.Locations, f.Location) {
			h[filepath.Base(l.Path)] = append(h[filepath.Base(l.Path)], l.Line)
		}
	}
	return h, err
}

func gitleaks(program, dir string) (hits, error) {
	report := filepath.Join(dir, "..", "gitleaks.json")
	if err := run(program, "dir", dir, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", report); err != nil {
		return nil, err
	}
	var doc []struct {
		File      string
		StartLine int
	}
	h := hits{}
	err := read(report, &doc)
	for _, f := range doc {
		h[filepath.Base(f.File)] = append(h[filepath.Base(f.File)], f.StartLine)
	}
	return h, err
}

func run(args ...string) error {
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	return nil
}

func read(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func main() {
	ours := flag.String("merlon", "bin/merlon", "the program")
	theirs := flag.String("gitleaks", "", "the peer")
	rules := flag.String("toml", "", "the rules of the peer: samples are made of them as well")
	all := flag.Bool("all", false, "print every type")
	n := flag.Int("n", 50, "values of a type in each context")
	flag.Parse()
	if err := compare(*ours, *theirs, *rules, *n, *all); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(ours, theirs, rules string, n int, every bool) error {
	tmp, err := os.MkdirTemp("", "bench-secret-samples")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	bad := 0
	table, err := formats.Table()
	if err != nil {
		return err
	}
	own := &corpus{dir: filepath.Join(tmp, "formats"), n: n}
	if err := os.Mkdir(own.dir, 0o700); err != nil {
		return err
	}
	for _, f := range table {
		for _, ctx := range formats.Contexts() {
			if err := own.add(f.Type, ctx, func(r *rand.Rand) (string, string) { return f.Name(r), f.Sample(r) }); err != nil {
				return err
			}
		}
	}
	more, err := own.compare("bench/secret/formats", ours, theirs, false, every)
	if err != nil {
		return err
	}
	bad += more
	if rules != "" {
		peer := &corpus{dir: filepath.Join(tmp, "gitleaks"), n: n}
		if err := os.Mkdir(peer.dir, 0o700); err != nil {
			return err
		}
		if err := peer.fromRules(rules); err != nil {
			return err
		}
		if more, err = peer.compare("the rules of gitleaks", ours, theirs, true, every); err != nil {
			return err
		}
		bad += more
	}
	if bad > 0 {
		return fmt.Errorf("of %d types gitleaks finds more than merlon", bad)
	}
	return nil
}

// compare prints the recall of both by type, and returns of how many types the peer
// finds more.
func (c *corpus) compare(title, ours, theirs string, peers, every bool) (bad int, err error) {
	a, err := merlon(ours, c.dir)
	if err != nil {
		return 0, err
	}
	b, err := gitleaks(theirs, c.dir)
	if err != nil {
		return 0, err
	}
	total := map[string]int{}
	var kinds []string
	for _, s := range c.all {
		if total[s.kind] == 0 {
			kinds = append(kinds, s.kind)
		}
		total[s.kind]++
	}
	ra, rb := c.recall(a), c.recall(b)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Printf("samples of %s: %d types, %d samples\n", title, len(kinds), len(c.all))
	sumA, sumB, typesA, typesB := 0, 0, 0, 0
	for _, k := range kinds {
		sumA, sumB = sumA+ra[k], sumB+rb[k]
		if 100*ra[k] >= 99*total[k] {
			typesA++
		}
		if 100*rb[k] >= 99*total[k] {
			typesB++
		}
		mark := ""
		switch {
		case rb[k] <= ra[k] || 100*ra[k] >= 99*total[k]:
		case peers && 100*ra[k] >= 90*total[k]:
			mark = "some have equals signs or points within, which no such value has"
		case peers && invalid[k] != "":
			mark = "no credential: " + invalid[k]
		default:
			bad++
			mark = "gitleaks finds more"
		}
		if every || mark != "" {
			fmt.Fprintf(w, "%s\t%.1f %%\t%.1f %%\t%s\t\n", k, 100*float64(ra[k])/float64(total[k]), 100*float64(rb[k])/float64(total[k]), mark)
		}
	}
	_ = w.Flush()
	fmt.Printf("found by merlon    %.2f %% of the samples, %d types of %d to 99 %%\n", 100*float64(sumA)/float64(len(c.all)), typesA, len(kinds))
	fmt.Printf("found by gitleaks  %.2f %% of the samples, %d types of %d to 99 %%\n", 100*float64(sumB)/float64(len(c.all)), typesB, len(kinds))
	return bad, nil
}
