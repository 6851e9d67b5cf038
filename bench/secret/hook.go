//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// hook measures what a commit waits for in a repository of 5,000 files, with ten files
// staged: the median of 21 runs.
func (b *bench) hook(dir string) error {
	git := func(args ...string) error {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %v: %w\n%s", args, err, out)
		}
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for i := range 5000 {
		name := filepath.Join(dir, fmt.Sprintf("p%d/m%d.py", i%50, i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(strings.Repeat(fmt.Sprintf("value_%d = layer(%d)\n", i, i), 100)), 0o644); err != nil {
			return err
		}
	}
	steps := [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "first"}, {"gc", "-q"}}
	for _, s := range steps {
		if err := git(s...); err != nil {
			return err
		}
	}
	for i := range 10 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%d/m%d.py", i, i)), []byte(strings.Repeat("changed = True\n", 200)), 0o644); err != nil {
			return err
		}
	}
	if err := git("add", "-A"); err != nil {
		return err
	}
	program, err := filepath.Abs(b.merlon)
	if err != nil {
		return err
	}
	var times, cpu []time.Duration
	for range 21 {
		cmd := exec.Command(program, "hook", "run")
		cmd.Dir = dir
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("hook: %w\n%s", err, out)
		}
		times = append(times, time.Since(start))
		cpu = append(cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	slices.Sort(times)
	slices.Sort(cpu)
	fmt.Println()
	b.target("the hook in less than 200 ms, 5,000 files", times[10] < second/5, "median %d ms, slowest %d ms; CPU time %d ms", times[10].Milliseconds(), times[20].Milliseconds(), cpu[10].Milliseconds())
	return nil
}
