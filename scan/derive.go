package scan

import (
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/safeio"
)

// ErrBudget is returned by [Sink.Derive] when the derived files of one file on
// disk are too many, too deep or too large. Nothing of this file was scanned, or
// only its beginning; the scanner reports the bomb and stops deriving.
var ErrBudget = errors.New("derived content exceeds its budget")

// Derive shows a file found inside the current one to all scanners, before it
// returns. An error wrapping [ErrBudget] is about the bounds; any other is that of
// reading the body, whose readable beginning was scanned nevertheless.
func (s *Sink) Derive(d Derived) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	t := s.task
	if s.depth+1 > t.engine.limits.Depth {
		return fmt.Errorf("%s: nested deeper than %d: %w", d.Ref, t.engine.limits.Depth, ErrBudget)
	}
	t.mu.Lock()
	t.members--
	left, spool := t.members, t.spool
	t.mu.Unlock()
	if left < 0 {
		return fmt.Errorf("%s: more than %d files inside one: %w", d.Ref, t.engine.limits.Members, ErrBudget)
	}
	c := t.engine.byName(FileInfo{Ref: d.Ref, Hint: d.Hint, Size: -1}, t.entry.vendored)
	if c.none(t.engine, t.entry.vendored) {
		return nil
	}
	var bodyErr error
	content, inPlace := d.Body.(safeio.Content)
	if !inPlace {
		// The spool holds what was read even when reading fails.
		sp, err := safeio.NewSpool(d.Body, t.engine.limits.Memory, spool)
		defer func() { _ = sp.Close() }()
		content = sp
		t.mu.Lock()
		t.spool -= sp.Size()
		t.mu.Unlock()
		if errors.Is(err, safeio.ErrTooLarge) {
			err = fmt.Errorf("%s: %w (%w)", d.Ref, ErrBudget, err)
		}
		bodyErr = err
	}
	head := make([]byte, min(HeadSize, content.Size()))
	n, err := content.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(bodyErr, fmt.Errorf("read %s: %w", d.Ref, reason(err)))
	}
	f := &file{Content: content, ref: d.Ref, hint: d.Hint, head: head[:n]}
	t.engine.byContent(f, t.entry.vendored, &c)
	if !c.yes.empty() {
		c.yes.each(func(i int) {
			if _, ok := t.engine.scanners[i].Scanner.(ProjectScanner); ok {
				t.mu.Lock()
				t.shared = true
				t.mu.Unlock()
			}
		})
		t.show(s.ctx, f, c.yes, d.Lines, s.depth+1)
		t.mu.Lock()
		t.derived++
		t.mu.Unlock()
	}
	return bodyErr
}
