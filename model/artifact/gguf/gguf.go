// Package gguf scans GGUF files, the format of llama.cpp and its kin: the
// structure for what makes loaders in C overflow, the metadata for chat templates,
// which are handed on to the check of templates.
package gguf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/gguf"
	"github.com/merlon-security/merlon/engine/jinja"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

type scanner struct{}

// New returns the scanner of GGUF files.
func New() scan.Scanner { return scanner{} }

func (scanner) Info() scan.Info {
	return verdict.Info("gguf", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".gguf"}, Magics: scan.At(0, "GGUF")}
}

// Wants takes files by their first bytes, and those that are called .gguf whatever
// they are.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if strings.HasSuffix(nameOf(fi.Ref), ".gguf") {
		return scan.Yes
	}
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte("GGUF")) && fi.Size >= 24 && plausibleVersion(fi.Head[4:8]))
}

// nameOf returns the lower-case name of a file, "" for a part of one that has no
// name of its own.
func nameOf(r asset.Ref) string {
	if n := len(r.Inner); n > 0 && r.Inner[n-1].Kind != asset.Member {
		return ""
	}
	return strings.ToLower(r.Name())
}

// plausibleVersion tells a version number, in either byte order, from text.
func plausibleVersion(b []byte) bool {
	return b[0] > 0 && b[0] < 32 && b[1] == 0 && b[2] == 0 && b[3] == 0 ||
		b[3] > 0 && b[3] < 32 && b[0] == 0 && b[1] == 0 && b[2] == 0
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	c := &check{file: f, sink: s, File: verdict.Of(s, f, "gguf"), facts: newFacts(f.Ref())}
	defer c.Close()
	return c.run(ctx)
}

// check is the scan of one file.
type check struct {
	*verdict.File
	file  scan.File
	sink  *scan.Sink
	facts *facts

	header gguf.Header
	keys   names
	names  names
	spans  []span
	lies   bool
}

func (c *check) run(ctx context.Context) error {
	l, err := gguf.Read(ctx, c.file, gguf.Handler{
		Header: func(h gguf.Header) error {
			c.header = h
			c.keys, c.names = newNames(h.Pairs), newNames(h.Tensors)
			c.spans = make([]span, 0, min(h.Tensors, gguf.MaxTensors))
			return nil
		},
		Pair: c.pair, Tensor: c.tensor})
	c.keys.twice(func(at int64) { c.duplicate("key", "metadata", at) })
	c.names.twice(func(at int64) { c.duplicate("tensor", "table", at) })
	for _, f := range c.facts.list {
		c.sink.Fact(f)
	}
	switch {
	case errors.Is(err, gguf.ErrOverflow):
		c.overflow("", err.Error())
		return err
	case errors.Is(err, gguf.ErrAlignment):
		c.Report(asset.Failed, finding.Finding{Rule: ruleAlignment, Key: "general.alignment", Message: "The file cannot be laid out: " + err.Error() + "."})
		return err
	case err != nil:
		return fmt.Errorf("GGUF: %w", err)
	}
	c.layout(l)
	c.Fact("tensors", map[string]any{"count": l.Tensors, "parameters": c.facts.parameters, "bytes": l.Size}, true)
	return nil
}

func (c *check) overflow(key, msg string) {
	c.lies = true
	c.Report(asset.Malicious, finding.Finding{Rule: ruleOverflow, Key: key,
		Message: "Sizes in the file wrap around: " + msg + "." + cve.Sentence("gguf/size-overflow"),
		Attrs:   map[string]any{"cve": cve.IDs("gguf/size-overflow")}})
}

func (c *check) at(off int64) []finding.Location {
	return []finding.Location{finding.AtOffset(c.file.Ref(), off)}
}

// duplicate reports a key or tensor that is there twice.
func (c *check) duplicate(what, where string, at int64) {
	name := c.nameAt(at)
	c.Report(asset.Unverified, finding.Finding{Rule: ruleDuplicate, Key: name, Locations: c.at(at),
		Message: fmt.Sprintf("The %s %q is in the %s more than once.", what, name, where)})
}

func (c *check) pair(p *gguf.Pair) error {
	c.name("key", p.Key, p.At)
	c.keys.add(p.Key, p.At)
	c.facts.pair(p)
	if !isTemplate(p.Key) {
		return nil
	}
	if p.Type != gguf.String {
		c.Failf("%s is %s, not a string: the chat template cannot be read", verdict.Show(p.Key), p.Type)
		return nil
	}
	ref := c.file.Ref().Join(asset.Step{Kind: asset.Key, Name: verdict.Show(p.Key)})
	err := c.sink.Derive(scan.Derived{Ref: ref, Hint: jinja.HintChatTemplate, Body: io.NewSectionReader(c.file, p.Offset, int64(p.Length))})
	if err != nil {
		c.Fail(fmt.Errorf("chat template: %w", err))
	}
	return nil
}

// isTemplate tells the keys whose values loaders render: "tokenizer.chat_template"
// and the named "tokenizer.chat_template.NAME". "tokenizer.chat_templates" is the
// list of those names.
func isTemplate(key string) bool {
	return key == "tokenizer.chat_template" || strings.HasPrefix(key, "tokenizer.chat_template.")
}

// name reports a key or tensor name with hidden characters.
func (c *check) name(what, name string, at int64) {
	if name != "" && strings.IndexFunc(name, text.Hidden) < 0 {
		return
	}
	c.Report(asset.OK, finding.Finding{Rule: ruleName, Key: verdict.Show(name), Locations: c.at(at),
		Message: fmt.Sprintf("The %s %q has a name that cannot be seen as it is.", what, verdict.Show(name))})
}

// names remembers names by their hashes and places: sixteen bytes for a name of any
// length.
type names struct {
	seed maphash.Seed
	list []nameAt
}

type nameAt struct {
	hash uint64
	at   int64
}

func newNames(n uint64) names {
	return names{maphash.MakeSeed(), make([]nameAt, 0, min(n, gguf.MaxTensors))}
}

func (n *names) add(name string, at int64) {
	n.list = append(n.list, nameAt{maphash.String(n.seed, name), at})
}

// twice calls found with the place of every name that was there before. Two names of
// one hash, which nobody can make without the seed, count as equal.
func (n *names) twice(found func(at int64)) {
	slices.SortFunc(n.list, func(a, b nameAt) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.at, b.at)) })
	for i := 1; i < len(n.list); i++ {
		if n.list[i].hash == n.list[i-1].hash {
			found(n.list[i].at)
		}
	}
}

var (
	_ scan.Scanner   = scanner{}
	_ scan.Describer = scanner{}
)
