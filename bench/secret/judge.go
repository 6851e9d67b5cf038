//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// finding is what a tool said about a place.
type finding struct {
	tool     string
	place    string // below the folder that holds the packages, with their versions
	line     int
	rule     string
	severity string // of merlon; gitleaks has none, each is high
}

// judgement is what a person found there.
type judgement string

// The judgements.
const (
	right judgement = "true"  // a credential, whoever may use it
	wrong judgement = "false" // none
)

// readJudged reads the table: tool, place, line, rule, severity, judgement, reason.
func readJudged(file string) (map[finding]judgement, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[finding]judgement{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		c := strings.Split(s.Text(), "\t")
		if len(c) != 7 || judgement(c[5]) != right && judgement(c[5]) != wrong {
			return nil, fmt.Errorf("%s: line %q has not seven cells with true or false in the sixth", file, s.Text())
		}
		x := finding{tool: c[0], place: c[1], rule: c[3], severity: c[4]}
		if _, err := fmt.Sscan(c[2], &x.line); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, s.Text(), err)
		}
		all[x] = judgement(c[5])
	}
	return all, nil
}

// judge counts the false findings of a scan of a folder.
func (b *bench) judge(r *run, dir string) {
	above := filepath.Dir(strings.TrimSuffix(dir, "/"))
	if i := strings.LastIndex(above, "/pkg/mod/"); i >= 0 {
		above = above[:i+len("/pkg/mod")]
	}
	for _, f := range r.list {
		if rel, err := filepath.Rel(above, f.place); err == nil && filepath.IsLocal(rel) {
			f.place = rel
		}
		serious := f.severity == "high" || f.severity == "critical"
		if serious {
			r.serious++
		}
		switch b.judged[f] {
		case right:
		case wrong:
			if serious {
				r.wrong++
			}
		default:
			b.unknown = append(b.unknown, f)
		}
	}
}
