package safetensors

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

type scanner struct{}

// New returns the scanner of safetensors files and of the indexes of sharded
// models.
func New() scan.Scanner { return scanner{} }

func (scanner) Info() scan.Info {
	return verdict.Info("safetensors", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Suffixes: []string{".safetensors", ".safetensors.index.json", ".bin.index.json"},
		Magics:   scan.At(8, "{"),
	}
}

// Wants takes a file by its name, and any other that begins like one: a file is
// what a loader reads, whatever it is called.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if name := nameOf(fi.Ref); strings.HasSuffix(name, ".safetensors") || isIndex(name) {
		return scan.Yes
	}
	return scan.YesIf(looksLike(fi.Head, fi.Size))
}

// nameOf returns the lower-case name of a file, "" for a part of one that has no
// name of its own.
func nameOf(r asset.Ref) string {
	if n := len(r.Inner); n > 0 && r.Inner[n-1].Kind != asset.Member {
		return ""
	}
	return strings.ToLower(r.Name())
}

// looksLike reports whether a file of some other name begins with a plausible
// length and a JSON object.
func looksLike(head []byte, size int64) bool {
	if len(head) < 10 || head[8] != '{' {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	rest := strings.TrimLeft(string(head[9:min(len(head), 64)]), " \t\r\n")
	return n >= 2 && n <= uint64(size-8) && rest != "" && (rest[0] == '"' || rest[0] == '}')
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	if isIndex(nameOf(f.Ref())) {
		return scanIndex(f, s)
	}
	c := &check{ctx: ctx, file: f, sink: s, File: verdict.Of(s, f, "safetensors")}
	defer c.Close()
	return c.run()
}

// check is the scan of one file.
type check struct {
	*verdict.File
	ctx    context.Context
	file   scan.File
	sink   *scan.Sink
	header header
	spans  []span

	tensors    int
	parameters uint64
	lies       bool // sizes already reported: the layout would only repeat it
}

// kept is how many gaps and overlaps are reported one by one.
const kept = 20

func (c *check) run() error {
	h, err := readHeader(c.file)
	if errors.Is(err, errHeaderTooLarge) {
		c.Report(asset.Failed, finding.Finding{Rule: ruleHeader, Message: "The first eight bytes announce a " + err.Error() + ".", Key: "header"})
	}
	if err != nil {
		return err
	}
	c.header = h
	c.spans = make([]span, 0, h.expect())
	meta, dups, err := h.parse(c.entry)
	for _, d := range dups {
		c.duplicate(d)
	}
	if err != nil {
		return fmt.Errorf("safetensors header: %w", err)
	}
	if c.Verdict() != asset.Failed {
		c.layout()
	}
	c.Fact("tensors", map[string]any{"count": c.tensors, "parameters": c.parameters, "bytes": h.size}, true)
	if len(meta) > 0 {
		c.Fact("metadata", meta[:min(len(meta), 32)], false)
	}
	return nil
}

func (c *check) duplicate(d strictjson.Duplicate) {
	c.Report(asset.Unverified, finding.Finding{Rule: ruleDuplicate, Key: verdict.Show(d.Key),
		Message:   fmt.Sprintf("The key %q is in the header more than once.", verdict.Show(d.Key)),
		Locations: c.at(8 + int64(d.Offset))})
}

func (c *check) at(off int64) []finding.Location {
	return []finding.Location{finding.AtOffset(c.file.Ref(), off)}
}

// entry checks one tensor by itself.
func (c *check) entry(e *entry) error {
	if c.tensors%4096 == 0 && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	c.tensors++
	want, err := e.bytes()
	if err == nil && len(e.name) > 0 && bytes.IndexFunc(e.name, text.Hidden) < 0 && e.unknown == "" && e.start <= e.end && e.end-e.start == want && e.end <= uint64(c.header.size) {
		n, _ := e.elements() // as almost all are: nothing is made of it
		c.parameters += n
		c.spans = append(c.spans, span{e.start, e.end, e.at})
		return nil
	}
	return c.odd(e, want, err)
}

// odd reports what is wrong with a tensor.
func (c *check) odd(e *entry, want uint64, err error) error {
	name := verdict.Show(string(e.name))
	at := c.at(8 + int64(e.at))
	if i := bytes.IndexFunc(e.name, text.Hidden); i >= 0 || len(e.name) == 0 {
		c.Report(asset.OK, finding.Finding{Rule: ruleName, Key: name, Locations: at,
			Message: fmt.Sprintf("The tensor %q has a name that cannot be seen as it is.", name)})
	}
	if e.unknown != "" {
		c.Report(asset.Unverified, finding.Finding{Rule: ruleHidden, Key: name + "." + e.unknown, Locations: at,
			Message: fmt.Sprintf("The entry of tensor %q has the key %q, which no reader looks at.", name, e.unknown)})
	}
	switch {
	case errors.Is(err, errOverflow):
		c.Report(asset.Unverified, finding.Finding{Rule: ruleOverflow, Key: name, Locations: at,
			Message: fmt.Sprintf("The tensor %q has a shape whose size in bytes exceeds 64 bits.", name)})
		c.lies = true
		return nil
	case err != nil:
		return fmt.Errorf("tensor %q: %w", name, err)
	case e.start > e.end:
		c.lie(name, at, fmt.Sprintf("The tensor %q ends at byte %d, before it begins at %d.", name, e.end, e.start))
		return nil
	case e.end-e.start != want:
		c.lie(name, at, fmt.Sprintf("The tensor %q needs %d bytes by shape and type and has %d.", name, want, e.end-e.start))
	case e.end > uint64(c.header.size):
		return fmt.Errorf("tensor %q ends at byte %d of %d bytes of data: truncated, get the file again", name, e.end, c.header.size)
	}
	if e.end > uint64(c.header.size) {
		return nil // a lie, already told
	}
	n, _ := e.elements()
	c.parameters += n
	c.spans = append(c.spans, span{e.start, e.end, e.at})
	return nil
}

func (c *check) lie(name string, at []finding.Location, msg string) {
	c.lies = true
	c.Report(asset.Unverified, finding.Finding{Rule: ruleSize, Key: name, Message: msg, Locations: at})
}

// layout checks the tensors together, and shows what no tensor owns to all other
// scanners.
func (c *check) layout() {
	gaps, overlaps, nGaps, nOverlaps := layout(c.spans, uint64(c.header.size), kept)
	if c.lies {
		gaps, nGaps = nil, 0 // a tensor of the wrong size leaves gaps that mean nothing
	}
	for _, o := range overlaps {
		a, b := c.name(o.a), c.name(o.b)
		c.Report(asset.Unverified, finding.Finding{Rule: ruleOverlap, Key: a + "\x00" + b, Locations: c.at(c.header.data + int64(o.start)),
			Message: fmt.Sprintf("Tensors %q and %q share %d bytes (%d pairs in the file).", a, b, o.end-o.start, nOverlaps)})
	}
	for _, g := range gaps {
		start, length := c.header.data+int64(g.start), int64(g.end-g.start)
		where := "between tensors"
		if g.last {
			where = "behind the last tensor"
		}
		c.Report(asset.Unverified, finding.Finding{Rule: ruleHidden, Key: where, Locations: c.at(start),
			Message: fmt.Sprintf("%d bytes %s belong to no tensor (%d places in the file).", length, where, nGaps)})
		ref := c.file.Ref().Join(asset.Step{Kind: asset.Nested, N: int(start)})
		if err := c.sink.Derive(scan.Derived{Ref: ref, Body: io.NewSectionReader(c.file, start, length)}); err != nil {
			c.Fail(fmt.Errorf("bytes of no tensor at %d: %w", start, err))
			return
		}
	}
}

// name reads the name of a tensor from the header again.
func (c *check) name(s span) string {
	name, err := strictjson.New(c.header.json[s.at:], strictjson.Options{}).Text()
	if err != nil {
		return fmt.Sprintf("at byte %d", s.at)
	}
	return verdict.Show(name)
}

var (
	_ scan.Scanner   = scanner{}
	_ scan.Describer = scanner{}
)
