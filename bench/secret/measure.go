//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// run is what a program cost and said.
type run struct {
	cpu, wall time.Duration
	rss       int64 // bytes
	findings  int   // all
	serious   int   // high or critical
	wrong     int   // serious and false
	list      []finding
}

func (r *run) add(o run) {
	r.cpu, r.wall, r.rss = r.cpu+o.cpu, r.wall+o.wall, max(r.rss, o.rss)
	r.findings, r.serious, r.wrong = r.findings+o.findings, r.serious+o.serious, r.wrong+o.wrong
}

func (r *run) fastest(o run) {
	if r.cpu == 0 || o.cpu < r.cpu {
		wall := r.wall
		*r = o
		if wall != 0 {
			r.wall = min(wall, o.wall)
		}
		return
	}
	r.wall = min(r.wall, o.wall)
}

// ours scans a folder for credentials and nothing else, as gitleaks does.
func (b *bench) ours(dir string, more ...string) (run, error) {
	args := append([]string{b.merlon, "scan", "--only", "secret,notebook", "--allow-incomplete", "--fail-on", "none", "--format", "json", "--output", b.report}, more...)
	return b.measure(append(args, dir)...)
}

func (b *bench) theirs(what, dir string) (run, error) {
	return b.measure(b.gitleaks, what, dir, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", b.report)
}

// measure runs a program and reads its report; exit code 1 says that there are findings.
func (b *bench) measure(args ...string) (run, error) {
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
	doc, err := os.ReadFile(b.report)
	if err != nil {
		return r, err
	}
	r.list = findings(doc)
	r.findings = len(r.list)
	return r, nil
}

// findings reads either report.
func findings(doc []byte) (list []finding) {
	type place struct {
		Path string
		Line int
	}
	var ours struct {
		Findings []struct {
			Rule, Severity string
			Location       place
			Locations      []place
		}
	}
	if json.Unmarshal(doc, &ours) == nil {
		for _, f := range ours.Findings {
			if strings.HasPrefix(f.Rule, "secret/") {
				list = append(list, finding{"merlon", f.Location.Path, f.Location.Line, f.Rule, f.Severity})
			}
		}
		return list
	}
	var theirs []struct {
		File, RuleID string
		StartLine    int
	}
	if json.Unmarshal(doc, &theirs) == nil {
		for _, f := range theirs {
			list = append(list, finding{"gitleaks", f.File, f.StartLine, f.RuleID, "high"})
		}
	}
	return list
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
