//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// big measures bad input: a log of 2 GB with a token at its end, a line of 500 MB, and
// the same in UTF-16, whose limit is 8 MB.
func (b *bench) big(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	token := "HF_TOKEN=hf_" + "nVbTqLzRkWdMpXsGhYcJfUoAeKiBtNvQmZ" // of nobody
	fmt.Println()
	for _, x := range []struct {
		name, unit, last string
		size             int64
	}{
		{"long.log", "2026-01-02T03:04:05Z INFO worker 17 took 23 ms for GET /v1/models/things?limit=10\n", token + "\n", 2 << 30},
		{"one-line.json", `{"id":1734,"name":"tensor","shape":[12,34]},`, `"x":"` + token + `"`, 500 << 20},
	} {
		file := filepath.Join(dir, x.name)
		if err := write(file, x.unit, x.last, x.size); err != nil {
			return err
		}
		r, err := b.ours(file)
		_ = os.Remove(file)
		if err != nil {
			return err
		}
		b.target(fmt.Sprintf("%s of %d MB in less than 300 MB of memory", x.name, x.size>>20), r.rss < 300e6 && r.findings == 1,
			"%.0f MB, %.1f s CPU, %.0f MB a second, %d finding", float64(r.rss)/1e6, r.cpu.Seconds(), float64(x.size)/1e6/r.cpu.Seconds(), r.findings)
	}
	return nil
}

func write(file, unit, last string, size int64) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	many := strings.Repeat(unit, 1+(1<<16)/len(unit))
	for n := int64(0); n < size; n += int64(len(many)) {
		if _, err := w.WriteString(many); err != nil {
			return err
		}
	}
	_, _ = w.WriteString(last)
	return w.Flush()
}
