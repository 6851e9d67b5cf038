//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// usage is what a program took.
type usage struct {
	wall, cpu time.Duration
	rss       float64 // MB, peak
	code      int     // exit status
	stdout    []byte
}

// measure runs a program to its end. An exit status is no error: scanners have
// something to say with it.
func measure(name string, args ...string) (usage, error) {
	var u usage
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	u.wall = time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return u, err
	}
	state := cmd.ProcessState
	if state.ExitCode() < 0 || state.ExitCode() > 4 {
		return u, fmt.Errorf("%s ended with %s: %s", filepath.Base(name), state, lastLine(stderr.Bytes()))
	}
	u.code, u.stdout = state.ExitCode(), stdout.Bytes()
	u.cpu = state.UserTime() + state.SystemTime()
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		u.rss = float64(r.Maxrss) / 1024
	}
	return u, nil
}

// best measures n times and keeps the run with the least CPU time: whatever else
// the machine does only ever adds to it.
func best(n int, name string, args ...string) (usage, error) {
	var b usage
	for i := range n {
		u, err := measure(name, args...)
		if err != nil {
			return b, err
		}
		wall := u.wall
		if i > 0 {
			wall = min(wall, b.wall)
		}
		if i == 0 || u.cpu < b.cpu {
			b = u
		}
		b.wall = wall
	}
	return b, nil
}

// medianWalls runs two commands in turn, n times each, and returns the median wall
// time of either: what else the machine does meets both alike.
func medianWalls(n int, a, b []string) (time.Duration, time.Duration, error) {
	var walls [2][]time.Duration
	for range n {
		for i, command := range [][]string{a, b} {
			u, err := measure(command[0], command[1:]...)
			if err != nil {
				return 0, 0, err
			}
			walls[i] = append(walls[i], u.wall)
		}
	}
	slices.Sort(walls[0])
	slices.Sort(walls[1])
	return walls[0][n/2], walls[1][n/2], nil
}

func lastLine(b []byte) string {
	b = bytes.TrimSpace(b)
	return string(b[bytes.LastIndexByte(b, '\n')+1:])
}
