//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// report is the part of merlon's JSON report that shows it did the work.
type report struct {
	Coverage struct {
		Seen   int               `json:"files_seen"`
		Errors []json.RawMessage `json:"errors"`
	} `json:"coverage"`
	Findings []struct {
		Rule    string `json:"rule"`
		Message string `json:"message"`
	} `json:"findings"`
	Assets []struct {
		Verdict string `json:"verdict"`
	} `json:"assets"`
}

// scan measures merlon on a path and checks what it concluded.
func (t tools) scan(runs int, path, verdict string) (usage, error) {
	u, err := best(runs, t.merlon, "scan", "--format", "json", "--severity", "info", path)
	if err != nil {
		return u, err
	}
	var r report
	if err := json.Unmarshal(u.stdout, &r); err != nil {
		return u, fmt.Errorf("merlon scan %s: %w", path, err)
	}
	if len(r.Coverage.Errors) > 0 {
		return u, fmt.Errorf("merlon scan %s was incomplete: %s", path, r.Coverage.Errors[0])
	}
	switch {
	case verdict == "" && len(r.Assets) == 0:
	case len(r.Assets) == 1 && r.Assets[0].Verdict == verdict:
	default:
		return u, fmt.Errorf("merlon scan %s: assets %v, want the verdict %q", path, r.Assets, verdict)
	}
	return u, nil
}

// densePickle is 100 MB with 18 million opcodes and a dangerous call at the end.
func densePickle(t tools) ([]row, error) {
	path := filepath.Join(t.inputs, "dense.pkl")
	m, err := t.scan(3, path, "malicious")
	if err != nil {
		return nil, err
	}
	rows := []row{
		atMost("100 MB pickle, 18.2 M opcodes: CPU", m.cpu.Seconds(), 3, " s"),
		note("  wall", m.wall.Seconds(), " s"),
		atMost("  peak memory", m.rss, 96, " MB"),
	}
	p, err := measure(t.picklescan, "-p", path)
	if err != nil {
		return rows, err
	}
	if !bytes.Contains(p.stdout, []byte("Infected files: 1")) {
		return rows, errors.New("picklescan did not find the call, so the comparison means nothing")
	}
	return append(rows,
		note("  picklescan 1.0.5: CPU", p.cpu.Seconds(), " s"),
		note("  picklescan 1.0.5: peak memory", p.rss, " MB"),
		atLeast("  picklescan's CPU / merlon's", p.cpu.Seconds()/m.cpu.Seconds(), 20, ""),
	), nil
}

// largeZip is a torch archive with 1 GiB of weights: its structure, and the
// digest of every member.
func largeZip(t tools) ([]row, error) {
	path := filepath.Join(t.inputs, "large.pt")
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// Every byte is hashed twice: for the digest of the file and for its member's.
	// One unmeasured run brings the file into the page cache.
	if _, err := t.scan(1, path, "ok"); err != nil {
		return nil, err
	}
	before, err := opensslRate()
	if err != nil {
		return nil, err
	}
	m, err := t.scan(3, path, "ok")
	if err != nil {
		return nil, err
	}
	after, err := opensslRate()
	if err != nil {
		return nil, err
	}
	openssl := max(before, after)
	rate := float64(fi.Size()) / m.wall.Seconds()
	return []row{
		note("1 GiB torch zip: wall", m.wall.Seconds(), " s"),
		note("  CPU", m.cpu.Seconds(), " s"),
		note("  peak memory", m.rss, " MB"),
		note("  openssl speed -evp sha256", openssl/1e6, " MB/s"),
		note("  merlon, whole scan", rate/1e6, " MB/s"),
		note("  merlon, per CPU second (file and members hashed)", 2*float64(fi.Size())/m.cpu.Seconds()/1e6, " MB/s"),
		atLeast("  merlon's throughput / openssl's", rate/openssl, 0.85, ""),
	}, nil
}

// opensslRate is the bytes per second of openssl's SHA-256 on one core, by the clock
// on the wall as merlon's is: on a busy machine both lose.
func opensslRate() (float64, error) {
	u, err := measure("openssl", "speed", "-evp", "sha256", "-bytes", "16384", "-seconds", "3", "-elapsed", "-mr")
	if err != nil {
		return 0, err
	}
	for _, line := range bytes.Split(u.stdout, []byte("\n")) {
		if f := bytes.Split(line, []byte(":")); len(f) == 4 && string(f[0]) == "+F" {
			return strconv.ParseFloat(string(bytes.TrimSpace(f[3])), 64)
		}
	}
	return 0, fmt.Errorf("openssl speed printed %q", u.stdout)
}

// unwantedTree is 100,000 small files that no scanner wants: what every scan of a
// source tree pays for the scanners there are.
func unwantedTree(t tools) ([]row, error) {
	path := filepath.Join(t.inputs, "unwanted")
	if _, err := measure(t.walk, path); err != nil { // into the page cache
		return nil, err
	}
	base, err := best(3, t.walk, path)
	if err != nil {
		return nil, err
	}
	m, err := t.scan(3, path, "")
	if err != nil {
		return nil, err
	}
	return []row{
		note("100,000 unwanted files, walk and heads: CPU", base.cpu.Seconds(), " s"),
		note("  wall", base.wall.Seconds(), " s"),
		note("  merlon: CPU", m.cpu.Seconds(), " s"),
		note("  merlon: wall", m.wall.Seconds(), " s"),
		note("  merlon: peak memory", m.rss, " MB"),
		atMost("  merlon's wall / the walk's", m.wall.Seconds()/base.wall.Seconds(), 1.5, ""),
		atMost("  merlon's CPU / the walk's", m.cpu.Seconds()/base.cpu.Seconds(), 1.2, ""),
	}, nil
}

// startUp compares `merlon version` with a program that does nothing.
func startUp(t tools) ([]row, error) {
	empty, version, err := medianWalls(50, []string{t.empty}, []string{t.merlon, "version"})
	if err != nil {
		return nil, err
	}
	return []row{
		note("an empty Go program, median of 50", float64(empty.Microseconds())/1000, " ms"),
		note("  merlon version, median of 50", float64(version.Microseconds())/1000, " ms"),
		atMost("  merlon version / empty", version.Seconds()/empty.Seconds(), 3, ""),
	}, nil
}
