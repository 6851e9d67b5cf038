//go:build unix

// Command against measures `merlon scan` on one big Python package beside Bandit and
// ruff, all in one run, with the cache and on twice the input.
//
//	against -merlon FILE -bandit FILE -ruff FILE -parser MB/s -work FOLDER PACKAGE
//
// It prints a table with the targets and exits with 1 if one is not met. Every process
// is measured as a whole: wall time, processor time of it and of what it started, and
// the most memory that it had at once.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

var (
	merlon = flag.String("merlon", "bin/merlon", "the program that is measured")
	bandit = flag.String("bandit", "", "Bandit")
	ruff   = flag.String("ruff", "", "ruff")
	work   = flag.String("work", "", "folder for copies and the cache; what is in it is removed")
	runs   = flag.Int("runs", 3, "how often the short runs are repeated; the best counts")
)

func main() {
	flag.Parse()
	err := errors.Join(absolute(merlon), absolute(bandit), absolute(ruff), absolute(work))
	if err == nil {
		err = run(flag.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "against:", err)
		os.Exit(2)
	}
	if missed {
		os.Exit(1)
	}
}

func absolute(p *string) (err error) {
	*p, err = filepath.Abs(*p)
	return err
}

// cost is what a process took.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // bytes
}

// measure runs a program to its end. Exit codes up to 3 are answers: something was found.
func measure(name string, args ...string) (c cost, err error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = *work // no configuration lies there
	var said strings.Builder
	cmd.Stderr = &said
	start := time.Now()
	err = cmd.Run()
	c.wall = time.Since(start)
	if e, ok := errors.AsType[*exec.ExitError](err); ok && e.ExitCode() >= 0 && e.ExitCode() <= 3 && e.ExitCode() != 2 {
		err = nil
	}
	if err != nil {
		return c, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, said.String())
	}
	s := cmd.ProcessState
	c.cpu = s.UserTime() + s.SystemTime()
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		c.rss = int64(u.Maxrss)
		if runtime.GOOS != "darwin" {
			c.rss <<= 10
		}
	}
	return c, nil
}

// best is the run with the least wall time.
func best(n int, name string, args ...string) (cost, error) {
	var out cost
	for i := range n {
		c, err := measure(name, args...)
		if err != nil {
			return c, err
		}
		if i == 0 || c.wall < out.wall {
			out = c
		}
	}
	return out, nil
}

var missed bool

func row(what string, c cost) {
	fmt.Printf("%-58s %8.2f s %8.2f s %7.0f MB\n", what, c.wall.Seconds(), c.cpu.Seconds(), float64(c.rss)/1e6)
}

// target prints a figure beside what it has to be.
func target(what string, got float64, unit string, ok bool, want string) {
	verdict := "met"
	if !ok {
		verdict, missed = "NOT MET", true
	}
	fmt.Printf("  %-56s %10.2f %-3s %-14s %s\n", what, got, unit, want, verdict)
}

// scan are the arguments of a scan whose report nobody reads.
func scan(dir string, more ...string) []string {
	return append([]string{"scan", "--format", "json", "--output", os.DevNull, dir}, more...)
}

func run(src string) error {
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Printf("load before: %s, %d processors: other work makes wall times worse\n\n", strings.Join(strings.Fields(string(load))[:3], " "), runtime.NumCPU())
	}
	once, twice, cache := filepath.Join(*work, "once"), filepath.Join(*work, "twice"), filepath.Join(*work, "cache")
	if err := os.RemoveAll(*work); err != nil {
		return err
	}
	if err := copyPython(src, once, ""); err != nil {
		return err
	}
	if err := errors.Join(copyPython(src, twice, ""), copyPython(src, twice, "copy_of_")); err != nil {
		return err
	}
	fmt.Printf("%-58s %10s %10s %10s\n", "on "+filepath.Base(src), "wall", "processor", "memory")
	cold, err := best(*runs, *merlon, scan(once)...)
	if err != nil {
		return err
	}
	row("merlon scan", cold)
	double, err := best(*runs, *merlon, scan(twice)...)
	if err != nil {
		return err
	}
	row("merlon scan, the package twice", double)
	first, err := measure(*merlon, scan(once, "--cache="+cache)...)
	if err != nil {
		return err
	}
	row("merlon scan --cache, first run", first)
	warm, err := measure(*merlon, scan(once, "--cache="+cache)...)
	if err != nil {
		return err
	}
	row("merlon scan --cache, nothing changed", warm)
	edited, worst, err := edits(once, cache)
	if err != nil {
		return err
	}
	rules, err := best(*runs, *merlon, scan(once, "--only", "python", "--profile", "bandit")...)
	if err != nil {
		return err
	}
	row("merlon scan --only python --profile bandit: no data flow", rules)
	fast, err := best(*runs, *ruff, "check", "--select", "S", "--no-cache", "--isolated", "--quiet", "--exit-zero", once)
	if err != nil {
		return err
	}
	row("ruff check --select S --no-cache --isolated", fast)
	theirs, err := measure(*bandit, "-r", "-q", "-f", "json", "-o", filepath.Join(*work, "bandit.json"), once)
	if err != nil {
		return err
	}
	row("bandit -r", theirs)

	fmt.Println()
	x := theirs.wall.Seconds() / cold.wall.Seconds()
	target("times less wall time than Bandit, data flow included", x, "", x >= 10, ">= 10")
	gb := float64(cold.rss) / 1e9
	target("most memory", gb, "GB", gb < 1.5, "< 1.5")
	x = rules.wall.Seconds() / fast.wall.Seconds()
	target("times the wall time of ruff, without data flow", x, "", x <= 3, "<= 3")
	x = 100 * edited.wall.Seconds() / cold.wall.Seconds()
	target("wall time after an edit of one model, of a run from nothing", x, "%", x < 10, "< 10")
	x = 100 * worst.wall.Seconds() / cold.wall.Seconds()
	fmt.Printf("  %-56s %10.2f %%\n", "the same after an edit of what every model uses", x)
	x = 100 * (first.cpu.Seconds()/cold.cpu.Seconds() - 1)
	fmt.Printf("  %-56s %10.2f %%\n", "processor time that keeping costs the first run", x)
	x = double.cpu.Seconds() / cold.cpu.Seconds()
	target("times the processor time for twice the input", x, "", x <= 2.1, "<= 2 (+5 %)")
	return nil
}

// edits measures scans after one file was changed: the middle one of some models, and
// one file that all of them use.
func edits(dir, cache string) (typical, worst cost, err error) {
	edit := func(name string, i int) (cost, error) {
		p := filepath.Join(dir, filepath.FromSlash(name))
		b, err := os.ReadFile(p)
		if err != nil {
			return cost{}, err
		}
		b = fmt.Appendf(b, "\n\ndef edited_%d(command):\n    import os\n\n    return os.system(command)\n", i)
		if err := os.WriteFile(p, b, 0o644); err != nil {
			return cost{}, err
		}
		c, err := measure(*merlon, scan(dir, "--cache="+cache)...)
		if err == nil {
			row("merlon scan --cache, one edit in "+filepath.Base(name), c)
		}
		return c, err
	}
	var all []cost
	for i, name := range []string{"bert/modeling_bert.py", "whisper/tokenization_whisper.py", "t5/modeling_t5.py"} {
		c, err := edit("transformers/models/"+name, i)
		if err != nil {
			return typical, worst, err
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b cost) int { return int(a.wall - b.wall) })
	worst, err = edit("transformers/modeling_utils.py", 9)
	return all[len(all)/2], worst, err
}

// copyPython copies the files of a package, whose top folders get a name of their own.
func copyPython(from, to, prefix string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(p) != ".py" {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if prefix != "" { // its imports follow it
			b = []byte(strings.ReplaceAll(string(b), "from transformers", "from "+prefix+"transformers"))
		}
		out := filepath.Join(to, prefix+rel)
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return err
		}
		return os.WriteFile(out, b, 0o644)
	})
}
