package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ErrLocked is returned where another process writes to the ledger.
var ErrLocked = errors.New("another process writes to this ledger; try again when it is done")

// Options say how to write to a ledger.
type Options struct {
	Signer   string        // secret checkpoint key in the text form of C2SP signed-note
	Wait     time.Duration // how long to wait for another writer; 0 is not at all
	Earlier  []Checkpoint  // checkpoints of this ledger seen before: it must extend them
	Interval time.Duration // at most one checkpoint per interval; at least 100 ms, which is the default
	Now      func() time.Time
}

// Receipt says where an acknowledged entry stands.
type Receipt struct {
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"` // SHA-256 of the entry's line in hex: what the next entry names as prev
}

// Ledger is a ledger that this process may write to. Its methods may be called from
// several goroutines.
type Ledger struct {
	dir    string
	meta   Meta
	opts   Options
	signer note.Signer
	lock   *os.File
	wal    *os.File
	seal   *sealer

	mu     sync.Mutex
	next   uint64
	prev   string
	batch  *batch        // what the next sync will make durable
	busy   bool          // a goroutine is syncing
	rest   chan struct{} // closed when it has ended
	failed error         // why nothing can be appended any more
	closed bool

	// Written by the one goroutine that syncs.
	good int64 // length of the file up to the last acknowledged entry
	tree tree
}

// batch is what one write and one sync make durable.
type batch struct {
	buf   []byte
	lines [][]byte
	done  chan struct{}
	err   error
}

// Create makes an empty ledger in dir, which must not exist or be empty. The signer
// comes from [GenerateKey].
func Create(ctx context.Context, dir, signer, verifier string) (err error) {
	if err := Supported(); err != nil {
		return err
	}
	s, err := note.NewSigner(signer)
	if err != nil {
		return fmt.Errorf("the ledger key cannot be read: %w", err)
	}
	if files, err := os.ReadDir(dir); err == nil && len(files) > 0 {
		return fmt.Errorf("%s is not empty: %w", dir, os.ErrExist)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, walFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	a, err := newSealer(ctx, filepath.Join(dir, logDir), s, 0)
	if err != nil {
		return err
	}
	if err := a.close(ctx, 0); err != nil {
		return err
	}
	// Last: a folder without it is not a ledger.
	return writeMeta(dir, Meta{Version: metaVersion, Origin: s.Name(), Verifier: verifier})
}

// Open takes the right to write to a ledger. Everything in it is checked first: a
// ledger that is not what its checkpoints commit to is a [TamperError]. Entries that
// a crash kept from the tiles are added to them. Opening reads the write-ahead log
// once, at the speed of two SHA-256.
func Open(ctx context.Context, dir string, opts Options) (_ *Ledger, err error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	m, err := ReadMeta(dir)
	if err != nil {
		return nil, err
	}
	l := &Ledger{dir: dir, meta: m, opts: opts, batch: &batch{done: make(chan struct{})}}
	if l.signer, err = note.NewSigner(opts.Signer); err != nil {
		return nil, fmt.Errorf("the ledger key cannot be read: %w", err)
	}
	verifier, err := note.NewVerifier(m.Verifier)
	if err != nil {
		return nil, err
	}
	if l.signer.Name() != verifier.Name() || l.signer.KeyHash() != verifier.KeyHash() {
		return nil, fmt.Errorf("the key belongs to %s, not to this ledger (%s)", l.signer.Name(), m.Origin)
	}
	if l.opts.Now == nil {
		l.opts.Now = time.Now
	}
	if l.lock, err = lockFile(ctx, filepath.Join(dir, lockName), opts.Wait); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.release()
		}
	}()
	if err := l.load(ctx, verifier); err != nil {
		return nil, err
	}
	return l, nil
}

// load replays the write-ahead log, cuts off what was never acknowledged, and hands
// Tessera what it does not have yet.
func (l *Ledger) load(ctx context.Context, verifier note.Verifier) (err error) {
	h := history{older: l.opts.Earlier, tree: newTree()}
	if h.cp, err = ReadCheckpoint(l.dir, l.meta); err != nil {
		return err
	}
	if h.state, err = readIntegrated(l.dir); err != nil {
		return err
	}
	if l.wal, err = os.OpenFile(filepath.Join(l.dir, walFile), os.O_RDWR, 0); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return &TamperError{File: walFile, Reason: "is missing"}
		}
		return err
	}
	var waiting [][]byte
	l.prev = noPrev
	if err := h.check(); err != nil {
		return err
	}
	torn, err := replay(l.wal, func(e Entry, line []byte, end int64) error {
		if e.Seq >= h.cp.Size {
			if err := e.verify(verifier); err != nil {
				return err
			}
		}
		if e.Seq >= h.state.Size {
			waiting = append(waiting, append([]byte(nil), line...))
		}
		h.tree.add(line, nil)
		l.next, l.prev, l.good = e.Seq+1, hashOf(line), end
		return h.check()
	})
	if err != nil {
		return err
	}
	if err := h.end(); err != nil {
		return err
	}
	if torn > 0 {
		if err := l.wal.Truncate(l.good); err != nil {
			return err
		}
	}
	// What a crash left unsynced was read back; from here on it counts.
	if err := l.wal.Sync(); err != nil {
		return err
	}
	l.tree = h.tree
	if l.seal, err = newSealer(ctx, filepath.Join(l.dir, logDir), l.signer, l.opts.Interval); err != nil {
		return err
	}
	for i, line := range waiting {
		if err := l.seal.add(ctx, h.state.Size+uint64(i), line); err != nil {
			return err
		}
	}
	return nil
}

// Append keeps entries, in their order and next to each other, and returns when they
// are on the disk. After an error nothing of the call was acknowledged, and the
// ledger has to be opened again.
func (l *Ledger) Append(ctx context.Context, entries ...Entry) ([]Receipt, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	if err := l.usable(); err != nil {
		l.mu.Unlock()
		return nil, err
	}
	b := l.batch
	receipts, err := l.encode(b, entries)
	if err != nil {
		l.mu.Unlock()
		return nil, err
	}
	if !l.busy {
		l.busy, l.rest = true, make(chan struct{})
		go l.sync()
	}
	l.mu.Unlock()
	select {
	case <-b.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("entry %d was not acknowledged: %w", receipts[0].Seq, ctx.Err())
	}
	if b.err != nil {
		return nil, b.err
	}
	return receipts, nil
}

func (l *Ledger) usable() error {
	switch {
	case l.closed:
		return errors.New("the ledger is closed")
	case l.failed != nil:
		return fmt.Errorf("nothing can be appended before the ledger is opened again: %w", l.failed)
	}
	return nil
}

// encode numbers, chains and signs entries and adds them to a batch: all or none.
func (l *Ledger) encode(b *batch, entries []Entry) ([]Receipt, error) {
	next, prev := l.next, l.prev
	receipts := make([]Receipt, len(entries))
	lines := make([][]byte, len(entries))
	for i, e := range entries {
		e.Seq, e.Prev, e.Time = next, prev, l.opts.Now().UTC().Round(0)
		if err := e.sign(l.signer); err != nil {
			return nil, err
		}
		line, err := e.encode()
		if err != nil {
			return nil, err
		}
		prev = hashOf(line)
		lines[i], receipts[i] = line, Receipt{Seq: next, Hash: prev}
		next++
	}
	for _, line := range lines {
		b.buf = append(append(b.buf, line...), '\n')
	}
	b.lines = append(b.lines, lines...)
	l.next, l.prev = next, prev
	return receipts, nil
}

// sync writes batch after batch until there is none.
func (l *Ledger) sync() {
	for {
		l.mu.Lock()
		b := l.batch
		if len(b.lines) == 0 || l.failed != nil {
			b.err = l.failed
			if len(b.lines) > 0 {
				close(b.done)
				l.batch = &batch{done: make(chan struct{})}
			}
			l.busy = false
			close(l.rest)
			l.mu.Unlock()
			return
		}
		l.batch = &batch{done: make(chan struct{})}
		l.mu.Unlock()

		if b.err = l.write(b); b.err != nil {
			l.fail(b.err)
		}
		close(b.done)
		if b.err == nil {
			l.hand(b)
		}
	}
}

// write makes a batch durable, or removes what it wrote of it.
func (l *Ledger) write(b *batch) error {
	_, err := l.wal.WriteAt(b.buf, l.good)
	if err == nil {
		err = l.wal.Sync()
	}
	if err != nil {
		// If this fails too, the next Open finds whole lines that nobody was told
		// about, or a torn one: neither is a lost entry.
		return errors.Join(err, l.wal.Truncate(l.good))
	}
	l.good += int64(len(b.buf))
	return nil
}

// hand passes what is durable on to the tiles.
func (l *Ledger) hand(b *batch) {
	for _, line := range b.lines {
		seq := l.tree.size()
		l.tree.add(line, nil)
		if err := l.seal.add(context.Background(), seq, line); err != nil {
			l.fail(err)
			return
		}
	}
}

func (l *Ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
}

// Close seals the ledger: it waits until a signed checkpoint covers every entry,
// checks it, and returns it. The right to write ends in any case.
func (l *Ledger) Close(ctx context.Context) (Checkpoint, error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return Checkpoint{}, errors.New("the ledger is closed")
	}
	l.closed = true
	busy, rest := l.busy, l.rest
	l.mu.Unlock()
	defer l.release()
	if busy {
		select { // nothing new comes in
		case <-ctx.Done():
			return Checkpoint{}, ctx.Err()
		case <-rest:
		}
	}
	sealErr := l.seal.close(ctx, l.tree.size())
	l.seal = nil
	l.mu.Lock()
	failed := l.failed
	l.mu.Unlock()
	if err := errors.Join(failed, sealErr); err != nil {
		return Checkpoint{}, fmt.Errorf("the entries are kept, but not sealed: %w", err)
	}
	cp, err := ReadCheckpoint(l.dir, l.meta)
	if err != nil {
		return cp, err
	}
	if cp.Size != l.tree.size() {
		return cp, fmt.Errorf("the checkpoint commits to %d entries, not to %d", cp.Size, l.tree.size())
	}
	if err := cp.follows(l.tree.root()); err != nil {
		return cp, err
	}
	return cp, tidy(l.dir, cp.Size)
}

func (l *Ledger) release() {
	if l.seal != nil {
		l.seal.abandon()
		l.seal = nil
	}
	if l.wal != nil {
		l.wal.Close()
	}
	if l.lock != nil {
		l.lock.Close()
	}
}
