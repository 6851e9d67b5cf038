// Command gen writes the inputs of `make bench-scan`: the same bytes every time.
//
//	go run ./bench/gen -dir .cache/bench pickle torchzip tree safetensors sharded
//
// An input that is already there, complete, is left alone.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// inputs are made in the file or folder of their name.
var inputs = map[string]func(path string) error{
	"pickle":   func(p string) error { return file(p, writePickle) },
	"torchzip": func(p string) error { return file(p, writeTorchZip) },
	"tree":     makeTree,

	"safetensors": func(p string) error { return file(p, writeSafetensors) },
	"sharded":     makeSharded,
}

// Names of the inputs in the folder.
var names = map[string]string{
	"pickle":   "dense.pkl",
	"torchzip": "large.pt",
	"tree":     "unwanted",

	"safetensors": "large.safetensors",
	"sharded":     "sharded",
}

func main() {
	dir := flag.String("dir", ".cache/bench", "where to write")
	flag.Parse()
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		fail(err)
	}
	for _, what := range flag.Args() {
		build, ok := inputs[what]
		if !ok {
			fail(fmt.Errorf("no input %q: pickle, torchzip, tree, safetensors, sharded", what))
		}
		path := filepath.Join(*dir, names[what])
		if _, err := os.Stat(path); err == nil {
			continue
		}
		part := path + ".part"
		if err := os.RemoveAll(part); err != nil {
			fail(err)
		}
		if err := build(part); err != nil {
			fail(fmt.Errorf("%s: %w", path, err))
		}
		if err := os.Rename(part, path); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gen:", err)
	os.Exit(1)
}

func file(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
