// Package cve knows which published vulnerabilities of model loaders a model file
// can trigger, as data: cve.tsv. A scanner that finds a trigger in a file asks for
// the sentence to put into its finding.
package cve

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed cve.tsv
var table string

// Entry is one vulnerability of a loader.
type Entry struct {
	Trigger string // what in a file triggers it: "keras/lambda"
	ID      string // "CVE-2025-1550"
	Library string // name on PyPI
	From    string // first affected version; empty: every version before Fixed
	Fixed   string // first version that is not affected; empty: no such version; equal to From: only that version is known to be
	Title   string
}

var parsed = sync.OnceValue(func() []Entry {
	var list []Entry
	for line := range strings.Lines(table) {
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		for len(f) < 6 {
			f = append(f, "")
		}
		list = append(list, Entry{Trigger: f[0], ID: f[1], Library: f[2], From: f[3], Fixed: f[4], Title: f[5]})
	}
	return list
})

// All returns the whole table, ordered as the file.
func All() []Entry { return append([]Entry(nil), parsed()...) }

// For returns the vulnerabilities that a trigger exploits; none for an unknown one.
func For(trigger string) []Entry {
	var out []Entry
	for _, e := range parsed() {
		if e.Trigger == trigger {
			out = append(out, e)
		}
	}
	return out
}

// Versions says which versions are affected: "keras < 3.9.0".
func (e Entry) Versions() string {
	switch {
	case e.Fixed == e.From && e.From != "":
		return e.Library + " " + e.From
	case e.Fixed == "" && e.From == "":
		return "every version of " + e.Library
	case e.Fixed == "":
		return e.Library + " >= " + e.From
	case e.From == "":
		return e.Library + " < " + e.Fixed
	}
	return fmt.Sprintf("%s >= %s, < %s", e.Library, e.From, e.Fixed)
}

// Sentence is what a finding adds about its triggers: " It exploits CVE-2025-1550 in
// keras < 3.9.0." It is empty when no trigger is known, and begins with a space.
func Sentence(triggers ...string) string {
	var parts []string
	for _, t := range triggers {
		for _, e := range For(t) {
			parts = append(parts, e.ID+" in "+e.Versions())
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " It exploits " + strings.Join(parts, " and ") + "."
}

// IDs returns the ids of the vulnerabilities of the triggers, for a finding's
// details.
func IDs(triggers ...string) []string {
	var ids []string
	for _, t := range triggers {
		for _, e := range For(t) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
