// Package gguf scans GGUF files, the format of llama.cpp and its kin: the
// structure for what makes loaders in C overflow, the metadata for chat templates,
// which are handed on to the check of templates.
package gguf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
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
	return scan.Info{ID: "gguf", Version: "1", Rules: rules(), Vendored: true, Verdicts: true}
}

// Wants takes files by their first bytes, and those that are called .gguf whatever
// they are.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if strings.HasSuffix(nameOf(fi.Ref), ".gguf") {
		return scan.Yes
	}
	if fi.Head == nil {
		return scan.Head
	}
	if bytes.HasPrefix(fi.Head, []byte("GGUF")) && fi.Size >= 24 && plausibleVersion(fi.Head[4:8]) {
		return scan.Yes
	}
	return scan.No
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
	keys   seen
	names  seen
	spans  []span
	lies   bool
}

func (c *check) run(ctx context.Context) error {
	l, err := gguf.Read(ctx, c.file, gguf.Handler{Pair: c.pair, Tensor: c.tensor})
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
	c.header = l.Header
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

func (c *check) pair(p *gguf.Pair) error {
	c.name("key", p.Key, p.At)
	if c.keys.again(p.Key) {
		c.Report(asset.Unverified, finding.Finding{Rule: ruleDuplicate, Key: verdict.Show(p.Key), Locations: c.at(p.At),
			Message: fmt.Sprintf("The key %q is in the metadata more than once.", verdict.Show(p.Key))})
	}
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

// seen remembers names by their hashes: eight bytes for a name of any length. Two
// names of one hash, which nobody can make without the seed, count as equal.
type seen struct {
	seed maphash.Seed
	set  map[uint64]struct{}
}

func (s *seen) again(name string) bool {
	if s.set == nil {
		s.seed, s.set = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	h := maphash.String(s.seed, name)
	_, twice := s.set[h]
	s.set[h] = struct{}{}
	return twice
}

var (
	_ scan.Scanner   = scanner{}
	_ scan.Describer = scanner{}
)
