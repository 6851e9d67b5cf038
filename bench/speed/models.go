//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// shardedTensors is what bench/gen put into the sharded model.
const shardedTensors = 800

// shardedModel is a safetensors model of 200 GB in 40 files, of which `merlon inspect`
// has to read the headers only. The files are sparse.
func shardedModel(t tools) ([]row, error) {
	path := filepath.Join(t.inputs, "sharded")
	args := []string{t.merlon, "inspect", "--format", "json", "--tensors", path}
	first, err := measure(args[0], args[1:]...)
	if err != nil {
		return nil, err
	}
	var x struct {
		Bytes int64 `json:"bytes"`
		Files []struct {
			Tensors []json.RawMessage `json:"tensors"`
		} `json:"files"`
	}
	if err := json.Unmarshal(first.stdout, &x); err != nil {
		return nil, fmt.Errorf("merlon inspect %s: %w", path, err)
	}
	tensors := 0
	for _, f := range x.Files {
		tensors += len(f.Tensors)
	}
	if first.code != 0 || tensors != shardedTensors || x.Bytes < 200e9 {
		return nil, fmt.Errorf("merlon inspect %s: exit code %d, %d tensors, %d bytes; want 0, %d, 200 GB", path, first.code, tensors, x.Bytes, shardedTensors)
	}
	wall, _, err := medianWalls(11, args, []string{t.empty})
	if err != nil {
		return nil, err
	}
	u, err := best(3, args[0], args[1:]...)
	if err != nil {
		return nil, err
	}
	return []row{
		atMost("200 GB sharded safetensors, inspect: wall, median of 11", float64(wall.Microseconds())/1000, 200, " ms"),
		note("  CPU", u.cpu.Seconds()*1000, " ms"),
		note("  peak memory", u.rss, " MB"),
	}, nil
}

// hashing scans 2 GiB of safetensors, digest included, and lets crypto/sha256 of the
// same Go read the same bytes, in turn: what else the machine does meets both alike.
func hashing(t tools) ([]row, error) {
	path := filepath.Join(t.inputs, "large.safetensors")
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	want, err := measure(t.sha256, path) // also brings the file into the page cache
	if err != nil {
		return nil, err
	}
	m, err := t.scan(1, path, "ok")
	if err != nil {
		return nil, err
	}
	if digest := bytes.TrimSpace(want.stdout); len(digest) != 64 || !bytes.Contains(m.stdout, digest) {
		return nil, errors.New("merlon's report has not the digest of crypto/sha256, so the comparison means nothing")
	}
	var ratios []float64
	var merlon, plain usage
	for i := range 5 {
		p, err := measure(t.sha256, path)
		if err != nil {
			return nil, err
		}
		m, err := t.scan(1, path, "ok")
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, p.wall.Seconds()/m.wall.Seconds())
		if i == 0 || m.wall < merlon.wall {
			merlon = m
		}
		if i == 0 || p.wall < plain.wall {
			plain = p
		}
	}
	slices.Sort(ratios)
	rate := func(u usage) float64 { return float64(fi.Size()) / u.wall.Seconds() / 1e6 }
	return []row{
		note("2 GiB safetensors: crypto/sha256, best of 5", rate(plain), " MB/s"),
		note("  merlon scan, best of 5", rate(merlon), " MB/s"),
		note("  merlon scan: CPU", merlon.cpu.Seconds(), " s"),
		note("  merlon scan: peak memory", merlon.rss, " MB"),
		atLeast("  merlon's throughput / crypto/sha256's, median of 5 pairs", ratios[len(ratios)/2], 0.85, ""),
	}, nil
}
