package scan

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"

	"github.com/merlon-security/merlon/asset"
)

// worker decides about files on disk, one after the other. What it needs for that is
// used again for the next: most files are wanted by nobody.
type worker struct {
	*engine
	head, tail []byte
	file       file
}

func newWorker(e *engine) *worker {
	return &worker{engine: e, head: make([]byte, HeadSize), tail: make([]byte, TailSize)}
}

// entry opens a file if anybody might want it, and shows it to those who do.
func (w *worker) entry(ctx context.Context, it entry) {
	c := w.byName(FileInfo{Ref: it.ref, Size: -1}, it.vendored)
	if c.none(w.engine, it.vendored) {
		return
	}
	var key [sha256.Size]byte
	var before fs.FileInfo // nil: nothing is remembered
	if w.opts.Cache != nil {
		key = it.memoryKey()
		if info, err := lookAt(it); err == nil && info.Mode().IsRegular() {
			if w.recall(ctx, it, key, info) {
				return
			}
			before = info
		}
	}
	d, head, err := open(it.disk, it.explicit, w.head)
	if err != nil {
		w.fail(it.ref.Path, "walk", fmt.Errorf("file cannot be read: %w", err))
		return
	}
	defer d.Close()
	it.size = d.size
	if fetch := pointer(head, it.ref.Path, d.size); fetch != nil {
		w.fail(it.ref.Path, "walk", fetch)
		return
	}
	w.file = file{Content: d, ref: it.ref, head: head, tailBuf: w.tail}
	w.byContent(&w.file, it.vendored, &c)
	if c.yes.empty() {
		if before != nil {
			w.unwanted(key, before)
		}
		return
	}
	t := &task{engine: w.engine, entry: it, spool: w.limits.spoolFor(d.size), members: w.limits.Members}
	ctx, cancel := context.WithTimeout(ctx, w.limits.Time)
	defer cancel()
	f := &file{Content: d, ref: it.ref, head: head}
	t.show(ctx, f, c.yes, nil, 0)
	_, _, _ = t.digestWith(ctx, nil) // a failure is recorded
	t.finish()
	if before != nil {
		w.remember(ctx, t, f, c.yes, key, before)
	}
}

// choice is which scanners get to see a file.
type choice struct {
	yes set // want it
	ask set // have to be asked with the head
}

// none reports that nobody can want the file whatever its content is.
func (c *choice) none(e *engine, vendored bool) bool {
	if !c.yes.empty() || !c.ask.empty() {
		return false
	}
	heads := e.table.heads
	if vendored {
		heads.without(&e.ours)
	}
	return heads.empty()
}

// byName starts a choice, before the content is known.
func (e *engine) byName(fi FileInfo, vendored bool) (c choice) {
	silent := e.table.silent
	if vendored {
		silent.without(&e.ours)
	}
	silent.each(func(i int) {
		switch e.need(i, fi) {
		case Head:
			c.ask.add(i)
		case Yes:
			c.yes.add(i)
		}
	})
	e.table.byName(fi, &c.ask)
	if vendored {
		c.ask.without(&e.ours)
	}
	return c
}

// byContent completes a choice.
func (e *engine) byContent(f *file, vendored bool, c *choice) {
	fi := f.info()
	e.table.byContent(fi, &c.ask)
	if vendored {
		c.ask.without(&e.ours)
	}
	c.ask.each(func(i int) {
		if e.need(i, fi) != No {
			c.yes.add(i)
		}
	})
}

// need asks a scanner. One that panics does not get to see the file.
func (e *engine) need(i int, fi FileInfo) (n Need) {
	r := &e.scanners[i]
	defer func() {
		if p := recover(); p != nil {
			e.fail(fi.Ref.String(), r.info.ID, e.panicError(p))
			n = No
		}
	}()
	return r.Wants(fi)
}

// show runs the scanners that want a file, in the order of the list.
func (t *task) show(ctx context.Context, f *file, who set, lines LineMap, depth int) {
	if len(f.ref.Inner) == 0 {
		who.each(func(i int) {
			if t.engine.scanners[i].info.Verdicts {
				t.wantDigest(f.Content, f.head)
			}
		})
	}
	who.each(func(i int) {
		r := &t.engine.scanners[i]
		s := &Sink{task: t, scanner: r.info.ID, rules: r.rules, file: f, lines: lines, depth: depth, ctx: ctx}
		err := t.engine.scan(ctx, r, f, s)
		switch {
		case err == nil:
			return
		case errors.Is(err, context.Canceled):
			err = errors.New("interrupted")
		case errors.Is(err, context.DeadlineExceeded):
			err = fmt.Errorf("gave up after %s: %w", t.engine.limits.Time, err)
		}
		s.Fail(err)
		if r.info.Verdicts {
			s.Asset(asset.Asset{Kind: asset.Model, Ref: f.ref, Verdict: asset.Failed})
		}
	})
}

func (e *engine) scan(ctx context.Context, r *registered, f *file, s *Sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = e.panicError(p)
		}
	}()
	return r.Scan(ctx, f, s)
}

func (e *engine) panicError(p any) error {
	if e.opts.Debug {
		return fmt.Errorf("internal error (please report it): %v\n%s", p, debug.Stack())
	}
	return fmt.Errorf("internal error (please report it): %v", p)
}
