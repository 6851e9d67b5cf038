// Command speed measures the front end of Python on folders of .py files: bytes read
// per second of processor time, and bytes of memory kept for each byte of source.
//
//	speed FOLDER...
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/python"
)

// wantSpeed is the target in MB (10^6 bytes) a second and core.
const wantSpeed = 25

func main() {
	runtime.GOMAXPROCS(1)
	good := true
	fmt.Printf("%-44s %7s %10s %8s %14s %16s\n", "processor time, best of 5", "files", "lines", "MB", "parse MB/s", "and names MB/s")
	for _, root := range os.Args[1:] {
		files, err := read(root)
		if err != nil {
			fmt.Fprintln(os.Stderr, "speed:", err)
			os.Exit(2)
		}
		c := measure(files)
		fmt.Printf("%-44s %7d %10d %8.1f %14.1f %16.1f\n", tail(root, 44), len(files), c.lines, float64(c.bytes)/1e6, c.parse, c.resolve)
		fmt.Printf("%-44s tree and source %.2f bytes/byte, %.2f nodes a line; twice the input takes %.2f times as long\n", "", c.kept, c.nodes, c.twice)
		good = good && c.parse >= wantSpeed
	}
	if !good {
		fmt.Printf("FAIL: less than %d MB/s\n", wantSpeed)
		os.Exit(1)
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func read(root string) (files [][]byte, err error) {
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(name, ".py") {
			return err
		}
		src, err := os.ReadFile(name)
		files = append(files, src)
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no .py file below %s", root)
	}
	return files, err
}

type figures struct {
	bytes, lines                       int
	parse, resolve, kept, nodes, twice float64
}

func measure(files [][]byte) (c figures) {
	var memory, nodes int64
	var joined []byte
	for _, src := range files {
		c.bytes += len(src)
		t := python.Parse(src)
		c.lines += t.Lines()
		nodes += int64(t.Len())
		memory += t.Memory()
		if t.ErrorCount() == 0 && len(joined) < 8<<20 {
			joined = append(append(joined, src...), '\n')
		}
	}
	c.kept = float64(memory) / float64(c.bytes)
	c.nodes = float64(nodes) / float64(c.lines)
	parse := best(func() {
		for _, src := range files {
			python.Parse(src)
		}
	})
	resolve := best(func() {
		for _, src := range files {
			python.Resolve(python.Parse(src), python.ModuleInfo{Name: "m"})
		}
	})
	c.parse = float64(c.bytes) / 1e6 / parse.Seconds()
	c.resolve = float64(c.bytes) / 1e6 / resolve.Seconds()
	once := best(func() { python.Parse(joined) })
	joined = append(joined, joined...)
	c.twice = best(func() { python.Parse(joined) }).Seconds() / once.Seconds()
	return c
}

// best returns the least processor time of five runs: other work on the machine
// does not count.
func best(f func()) time.Duration {
	least := time.Duration(1<<63 - 1)
	for range 5 {
		runtime.GC()
		start := processorTime()
		f()
		least = min(least, processorTime()-start)
	}
	return least
}
