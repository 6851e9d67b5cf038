package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// environment is the caller's, with the tools that setup installs found first and
// nothing that makes results depend on who runs them.
func environment() []string {
	env := os.Environ()
	if venv, err := filepath.Abs(".cache/venv/bin"); err == nil {
		env = append(env, "PATH="+venv+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	return append(env, "GOTOOLCHAIN=local", "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1", "LC_ALL=C.UTF-8")
}

// output runs a program in the module root and returns what it printed.
func (r *run) output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	out, err := r.command(ctx, env, name, args...).CombinedOutput()
	return string(out), err
}

func (r *run) command(ctx context.Context, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(append([]string{}, r.env...), env...)
	// An interrupt lets the program put things right before it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// result counts a check that is not a Go test.
func (r *run) result(name, out string, err error) {
	if err == nil {
		r.passed++
		return
	}
	r.failed = append(r.failed, name+": "+err.Error())
	fmt.Println("---", name)
	fmt.Println(tail(out, 60))
}

// tail returns the last lines of s.
func tail(s string, lines int) string {
	all := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if len(all) > lines {
		all = append([]string{fmt.Sprintf("... %d lines before", len(all)-lines)}, all[len(all)-lines:]...)
	}
	return strings.Join(all, "\n")
}
