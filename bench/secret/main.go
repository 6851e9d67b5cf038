//go:build linux

// Secret compares merlon with gitleaks on the same trees and on the history of a
// generated repository: CPU, wall time, memory, findings.
//
//	go run ./bench/secret -merlon bin/merlon -gitleaks FILE [-history DIR] DIR...
//
// scripts/bench-secret.sh builds and fetches what it needs.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// run is what a program cost and said.
type run struct {
	cpu, wall time.Duration
	rss       int64 // bytes
	findings  int   // all
	serious   int   // high or critical
}

// measure runs a program; exit code 1 says that there are findings.
func measure(report string, args ...string) (run, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	r := run{wall: time.Since(start)}
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 1 && code != 3 {
		return r, fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.rss = u.Maxrss << 10
	b, err := os.ReadFile(report)
	if err != nil {
		return r, err
	}
	r.count(b)
	return r, nil
}

// count reads either report.
func (r *run) count(b []byte) {
	var ours struct {
		Findings []struct{ Rule, Severity string }
	}
	if json.Unmarshal(b, &ours) == nil {
		for _, f := range ours.Findings {
			if strings.HasPrefix(f.Rule, "secret/") {
				r.findings++
				if f.Severity == "high" || f.Severity == "critical" {
					r.serious++
				}
			}
		}
		return
	}
	var theirs []json.RawMessage
	if json.Unmarshal(b, &theirs) == nil {
		r.findings, r.serious = len(theirs), len(theirs)
	}
}

// size is how many bytes of files lie below a folder.
func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

func main() {
	merlon := flag.String("merlon", "bin/merlon", "the program")
	gitleaks := flag.String("gitleaks", "", "the peer")
	history := flag.String("history", "", "repository whose history is read as well")
	flag.Parse()
	if err := compare(*merlon, *gitleaks, *history, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(merlon, gitleaks, history string, dirs []string) error {
	tmp, err := os.MkdirTemp("", "bench-secret")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	report := filepath.Join(tmp, "report.json")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "tree\tMB\ttool\tCPU s\twall s\tMB per CPU s\tRSS MB\tfindings\tserious\t")
	var total [2]time.Duration
	line := func(tree string, mb float64, tool int, r run) {
		total[tool] += r.cpu
		fmt.Fprintf(w, "%s\t%.1f\t%s\t%.2f\t%.2f\t%.1f\t%.0f\t%d\t%d\t\n", tree, mb, []string{"merlon", "gitleaks"}[tool],
			r.cpu.Seconds(), r.wall.Seconds(), mb/r.cpu.Seconds(), float64(r.rss)/1e6, r.findings, r.serious)
	}
	for _, d := range dirs {
		mb := float64(size(d)) / 1e6
		r, err := measure(report, merlon, "scan", "--allow-incomplete", "--fail-on", "none", "--format", "json", "--output", report, d)
		if err != nil {
			return err
		}
		line(filepath.Base(d), mb, 0, r)
		if gitleaks == "" {
			continue
		}
		if r, err = measure(report, gitleaks, "dir", d, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", report); err != nil {
			return err
		}
		line(filepath.Base(d), mb, 1, r)
	}
	if total[0] > 0 && total[1] > 0 {
		fmt.Fprintf(w, "gitleaks / merlon\t\t\t%.0f times\t\t\t\t\t\t\n", total[1].Seconds()/total[0].Seconds())
	}
	if history != "" {
		mb := float64(size(history)) / 1e6
		r, err := measure(report, merlon, "scan", "--history", "--allow-incomplete", "--fail-on", "none", "--format", "json", "--output", report, history)
		if err != nil {
			return err
		}
		line("history", mb, 0, r)
		if gitleaks != "" {
			if r, err = measure(report, gitleaks, "git", history, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", report); err != nil {
				return err
			}
			line("history", mb, 1, r)
		}
	}
	return w.Flush()
}
