// Command compare compares our syntax trees with those of CPython.
//
// It reads what bench/python/oracle.py printed, a hash or an error and a path for
// each file, and prints how many files and lines have the same tree. With -v it
// names the files that have not. With -dump it prints the tree of one file.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/engine/python/astdump"
)

func main() {
	verbose := flag.Bool("v", false, "name the files that differ")
	dump := flag.String("dump", "", "print the tree of this file and nothing else")
	flag.Parse()
	if *dump != "" {
		src, err := os.ReadFile(*dump)
		if err != nil {
			fatal(err)
		}
		t := python.Parse(src)
		os.Stdout.Write(astdump.Dump(t))
		for _, e := range t.Errors() {
			fmt.Fprintf(os.Stderr, "%s:%d:%d: %s\n", *dump, e.Line, e.Column, e.Message)
		}
		return
	}
	c, err := compare(bufio.NewScanner(os.Stdin), *verbose)
	if err != nil {
		fatal(err)
	}
	fmt.Printf("files %d, lines %d, bytes %d\n", c.files, c.lines, c.bytes)
	fmt.Printf("same tree %d, different tree %d\n", c.same, c.different)
	fmt.Printf("rejected by both %d, by CPython alone %d, by us alone %d, not comparable %d\n", c.bothReject, c.onlyThey, c.onlyWe, c.skipped)
	if c.different+c.onlyThey+c.onlyWe > 0 {
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "compare:", err)
	os.Exit(2)
}

type counts struct {
	files, lines, bytes                   int
	same, different                       int
	bothReject, onlyThey, onlyWe, skipped int
}

func compare(in *bufio.Scanner, verbose bool) (c counts, err error) {
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		theirs, path, ok := strings.Cut(in.Text(), "\t")
		if !ok {
			return c, fmt.Errorf("line %q of the oracle has no tab", in.Text())
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return c, err
		}
		c.files++
		c.lines += bytes.Count(src, []byte("\n"))
		c.bytes += len(src)
		t := python.Parse(src)
		what := ""
		switch {
		case strings.HasPrefix(theirs, "skip "):
			c.skipped++
			what = theirs
		case strings.Contains(theirs, "unknown Unicode character name") && t.ErrorCount() == 0:
			// \N{...} of another version of Unicode is text to us.
			c.skipped++
		case strings.HasPrefix(theirs, "error "):
			if t.ErrorCount() > 0 {
				c.bothReject++
			} else {
				c.onlyThey++
				what = "only CPython rejects it: " + theirs
			}
		case t.ErrorCount() > 0:
			c.onlyWe++
			e := t.Errors()[0]
			what = fmt.Sprintf("only we reject it: line %d: %s", e.Line, e.Message)
		default:
			sum := sha256.Sum256(astdump.Dump(t))
			if hex.EncodeToString(sum[:]) == theirs {
				c.same++
			} else {
				c.different++
				what = "different tree"
			}
		}
		if what != "" && verbose {
			fmt.Printf("%s: %s\n", path, what)
		}
	}
	return c, in.Err()
}
