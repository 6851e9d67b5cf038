// Command check runs everything that must hold before a change is taken: what
// `make test` does. It prints one line per step, the output of what failed, what
// it could not run, and a closing count.
//
// Under CI=true anything skipped is a failure: a check that silently stopped
// running is worse than one that fails.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "comma-separated steps to run; empty: all")
	list := flag.Bool("list", false, "print the steps and exit")
	fuzz := flag.Duration("fuzz", 3*time.Minute, "time for the fuzz step, over all its targets")
	flag.Parse()

	if *list {
		for _, s := range steps {
			fmt.Printf("%-12s %s\n", s.name, s.what)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := &run{env: environment(), ci: os.Getenv("CI") == "true", fuzz: *fuzz, started: time.Now()}
	if err := r.all(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
	if !r.close() {
		os.Exit(1)
	}
}

// run is one run of the steps and what came out of it.
type run struct {
	env     []string
	ci      bool
	fuzz    time.Duration
	started time.Time

	passed  int
	failed  []string
	skipped []string // "name: why"
}

func (r *run) all(ctx context.Context, only string) error {
	var names []string
	if only != "" {
		names = strings.Split(only, ",")
	}
	for _, n := range names {
		if !slices.ContainsFunc(steps, func(s step) bool { return s.name == n }) {
			return fmt.Errorf("there is no step %q; -list prints them", n)
		}
	}
	for _, s := range steps {
		if names != nil && !slices.Contains(names, s.name) {
			continue
		}
		if ctx.Err() != nil {
			r.failed = append(r.failed, s.name+": interrupted")
			continue
		}
		before, start := len(r.failed), time.Now()
		s.run(ctx, r)
		mark := "ok  "
		if len(r.failed) > before {
			mark = "FAIL"
		}
		fmt.Printf("%s  %-12s %6.1fs  %s\n", mark, s.name, time.Since(start).Seconds(), s.what)
	}
	return nil
}

// close prints the end of the report and says whether all is well.
func (r *run) close() bool {
	for _, f := range r.failed {
		fmt.Println("failed: ", f)
	}
	for _, s := range r.skipped {
		fmt.Println("not run:", s)
	}
	ok := len(r.failed) == 0 && (!r.ci || len(r.skipped) == 0)
	if r.ci && len(r.skipped) > 0 {
		fmt.Println("CI=true: what was not run counts as failed")
	}
	fmt.Printf("took %s\n", time.Since(r.started).Round(time.Second))
	fmt.Printf("%d passed, %d failed, %d skipped\n", r.passed, len(r.failed), len(r.skipped))
	return ok
}
