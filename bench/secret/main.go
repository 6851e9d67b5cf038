//go:build linux

// Secret compares merlon with gitleaks in one run: findings, judged one by one, on
// packages and on the modules that merlon is made of; CPU, time and memory there and on
// the history of a generated repository; and it measures the hook and bad input.
//
//	go run ./bench/secret -merlon bin/merlon -gitleaks FILE [-history DIR] [-hook DIR] [-big DIR] DIR...
//
// scripts/bench-secret.sh builds and fetches what it needs. It fails when a target is
// missed, or a finding is not in judged.tsv.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// bench is what was asked for, and what came out.
type bench struct {
	merlon, gitleaks string
	report           string
	judged           map[finding]judgement
	unknown          []finding
	missed           []string
	total            [2]run
	mb               float64
	large            struct { // trees that are more than the start of the program
		mb  float64
		cpu time.Duration
	}
}

// target prints a figure and whether it is what was promised.
func (b *bench) target(name string, met bool, format string, args ...any) {
	word := "met"
	if !met {
		word = "missed"
		b.missed = append(b.missed, name)
	}
	fmt.Printf("%-6s  %s: %s\n", word, name, fmt.Sprintf(format, args...))
}

func main() {
	b := &bench{}
	flag.StringVar(&b.merlon, "merlon", "bin/merlon", "the program")
	flag.StringVar(&b.gitleaks, "gitleaks", "", "the peer")
	judged := flag.String("judged", "bench/secret/judged.tsv", "the judgements")
	history := flag.String("history", "", "repository whose history is read as well")
	hook := flag.String("hook", "", "folder for a repository of 5,000 files")
	big := flag.String("big", "", "folder for bad input of gigabytes")
	flag.Parse()
	if err := b.all(*judged, *history, *hook, *big, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (b *bench) all(judged, history, hook, big string, dirs []string) error {
	tmp, err := os.MkdirTemp("", "bench-secret")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	b.report = filepath.Join(tmp, "report.json")
	if b.judged, err = readJudged(judged); err != nil {
		return err
	}
	if err := b.trees(dirs); err != nil {
		return err
	}
	if history != "" {
		if err := b.history(history); err != nil {
			return err
		}
	}
	if hook != "" {
		if err := b.hook(hook); err != nil {
			return err
		}
	}
	if big != "" {
		if err := b.big(big); err != nil {
			return err
		}
	}
	for _, f := range b.unknown {
		fmt.Printf("not judged\t%s\t%s\t%d\t%s\t%s\n", f.tool, f.place, f.line, f.rule, f.severity)
	}
	if n := len(b.unknown); n > 0 {
		b.missed = append(b.missed, fmt.Sprintf("%d findings are not in %s", n, judged))
	}
	if len(b.missed) > 0 {
		return errors.New("missed: " + strings.Join(b.missed, "; "))
	}
	return nil
}

// largeMB is the size from which the speed in a tree counts: the program takes 0.1 s to
// start.
const largeMB = 5

// trees scans folders with both tools.
func (b *bench) trees(dirs []string) error {
	if len(dirs) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "tree\tMB\ttool\tCPU s\twall s\tMB per CPU s\tRSS MB\tfindings\tserious\tfalse\t")
	row := func(tree string, mb float64, tool string, r run) {
		fmt.Fprintf(w, "%s\t%.1f\t%s\t%.2f\t%.2f\t%.1f\t%.0f\t%d\t%d\t%d\t\n", tree, mb, tool, r.cpu.Seconds(), r.wall.Seconds(), mb/r.cpu.Seconds(), float64(r.rss)/1e6, r.findings, r.serious, r.wrong)
	}
	peak := int64(0)
	for _, d := range dirs {
		mb := float64(size(d)) / 1e6
		b.mb += mb
		r, err := b.ours(d)
		if err != nil {
			return err
		}
		b.judge(&r, d)
		row(filepath.Base(d), mb, "merlon", r)
		b.total[0].add(r)
		if mb >= largeMB {
			b.large.mb, b.large.cpu = b.large.mb+mb, b.large.cpu+r.cpu
		}
		peak = max(peak, r.rss)
		if b.gitleaks == "" {
			continue
		}
		if r, err = b.theirs("dir", d); err != nil {
			return err
		}
		b.judge(&r, d)
		row(filepath.Base(d), mb, "gitleaks", r)
		b.total[1].add(r)
	}
	row("all", b.mb, "merlon", b.total[0])
	if b.gitleaks != "" {
		row("all", b.mb, "gitleaks", b.total[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	ours, theirs := b.total[0], b.total[1]
	b.target("at most 1 false high or critical in 10 MB", float64(ours.wrong) <= b.mb/10, "%d in %.0f MB", ours.wrong, b.mb)
	speed := b.large.mb / b.large.cpu.Seconds()
	b.target("at least 60 MB/s of code on a core", speed >= 60, "%.0f MB a second of CPU, in trees of %d MB and more", speed, largeMB)
	b.target("less than 300 MB of memory", peak < 300e6, "%.0f MB", float64(peak)/1e6)
	if b.gitleaks != "" {
		b.target("at least 10 times fewer false ones than gitleaks", 10*ours.wrong <= theirs.wrong, "%d and %d", ours.wrong, theirs.wrong)
		b.target("at least 8 times less CPU than gitleaks", theirs.cpu >= 8*ours.cpu, "%.1f times", theirs.cpu.Seconds()/ours.cpu.Seconds())
	}
	return nil
}

// history reads a repository with both tools.
func (b *bench) history(dir string) error {
	var ours, theirs run
	const rounds = 3 // the fastest counts: other work makes a run slower, nothing faster
	for range rounds {
		r, err := b.ours(dir, "--history")
		if err != nil {
			return err
		}
		ours.fastest(r)
		if b.gitleaks == "" {
			continue
		}
		if r, err = b.theirs("git", dir); err != nil {
			return err
		}
		theirs.fastest(r)
	}
	fmt.Printf("\nhistory of %s: merlon %.2f s CPU, %.2f s, %.0f MB, %d findings; gitleaks %.2f s CPU, %.2f s, %.0f MB, %d findings\n", filepath.Base(dir),
		ours.cpu.Seconds(), ours.wall.Seconds(), float64(ours.rss)/1e6, ours.findings, theirs.cpu.Seconds(), theirs.wall.Seconds(), float64(theirs.rss)/1e6, theirs.findings)
	b.target("less than 300 MB of memory for a history", ours.rss < 300e6, "%.0f MB", float64(ours.rss)/1e6)
	if b.gitleaks != "" {
		b.target("a history in a quarter of gitleaks' CPU time", 4*ours.cpu <= theirs.cpu, "%.1f times less", theirs.cpu.Seconds()/ours.cpu.Seconds())
		b.target("as many findings as gitleaks", ours.findings >= theirs.findings, "%d and %d", ours.findings, theirs.findings)
		fmt.Printf("        (wall time: %.1f times less)\n", theirs.wall.Seconds()/ours.wall.Seconds())
	}
	return nil
}

const second = time.Second
