//go:build linux

// Command speed measures merlon against the targets of its design, other programs
// beside it on the same files in the same run, and prints one table.
//
//	go run ./bench/speed -merlon bin/merlon -picklescan .cache/bench-venv/bin/picklescan
//
// It ends with 1 when a target is missed, with 2 when something could not be
// measured. CPU time is user and system time together; memory is the peak of the
// resident set as the kernel gives it.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// tools are the programs that are run.
type tools struct {
	merlon, picklescan, walk, empty, sha256, inputs string
}

// measurements are taken in this order.
var measurements = []struct {
	name string
	take func(tools) ([]row, error)
}{
	{"pickle", densePickle}, {"zip", largeZip}, {"sharded", shardedModel}, {"hashing", hashing}, {"tree", unwantedTree}, {"start", startUp},
}

func main() {
	var t tools
	only := flag.String("only", "", "names of measurements, with commas: pickle, zip, sharded, hashing, tree, start. Default all")
	flag.StringVar(&t.merlon, "merlon", "bin/merlon", "the program to measure")
	flag.StringVar(&t.picklescan, "picklescan", ".cache/bench-venv/bin/picklescan", "picklescan 1.0.5")
	flag.StringVar(&t.walk, "walk", ".cache/bench/bin/walk", "the program of bench/walk")
	flag.StringVar(&t.empty, "empty", ".cache/bench/bin/empty", "the program of bench/empty")
	flag.StringVar(&t.sha256, "sha256", ".cache/bench/bin/sha256", "the program of bench/sha256")
	flag.StringVar(&t.inputs, "inputs", ".cache/bench", "folder of the inputs that bench/gen wrote")
	flag.Parse()

	out := os.Stdout
	fmt.Fprintf(out, "%-52s %14s %14s\n", "", "target", "measured")
	missed, broken := 0, 0
	for _, m := range measurements {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		rows, err := m.take(t)
		for _, r := range rows {
			mark := "ok"
			if !r.met {
				mark, missed = "MISSED", missed+1
			}
			if r.target == "" {
				mark = ""
			}
			fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%-52s %14s %14s  %s", r.what, r.target, r.measured, mark), " "))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "speed:", err)
			broken++
		}
	}
	switch {
	case broken > 0:
		os.Exit(2)
	case missed > 0:
		os.Exit(1)
	}
}

// row is a line of the table.
type row struct {
	what, target, measured string
	met                    bool
}

func atMost(what string, got, limit float64, unit string) row {
	return row{what, "<= " + number(limit) + unit, number(got) + unit, got <= limit}
}

func atLeast(what string, got, limit float64, unit string) row {
	return row{what, ">= " + number(limit) + unit, number(got) + unit, got >= limit}
}

func note(what string, got float64, unit string) row {
	return row{what: what, measured: number(got) + unit, met: true}
}

func number(v float64) string {
	if v >= 20 {
		return fmt.Sprintf("%.0f", v)
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}
