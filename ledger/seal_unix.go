//go:build unix

package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sys/unix"
	"k8s.io/klog/v2"
)

// minInterval is the shortest time between two checkpoints that Tessera allows.
const minInterval = 100 * time.Millisecond

// maxQueued bounds the entries that are durable and not yet in tiles: above it,
// appending waits for Tessera.
const maxQueued = 8192

// Supported reports why a ledger cannot be kept on this system.
func Supported() error { return nil }

// quiet keeps Tessera's log lines off the terminal: what matters comes back as an
// error.
var quiet = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })

// sealer turns durable entries into tiles and checkpoints.
type sealer struct {
	stop     context.CancelFunc
	appender *tessera.Appender
	shutdown func(context.Context) error
	queue    chan indexed
	ended    chan struct{}

	mu  sync.Mutex
	err error
}

// indexed is an entry on its way, and where it has to end up.
type indexed struct {
	seq    uint64
	future tessera.IndexFuture
}

func newSealer(ctx context.Context, dir string, signer note.Signer, interval time.Duration) (*sealer, error) {
	quiet()
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return nil, err
	}
	// Its goroutines end with this context, not with that of the caller: entries that
	// are durable get sealed even if the caller has been interrupted.
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(max(interval, minInterval)).
		WithBatching(1024, 10*time.Millisecond).
		WithPushback(2 * maxQueued).
		WithGarbageCollectionInterval(0)
	a, shutdown, _, err := tessera.NewAppender(own, driver, opts)
	if err != nil {
		stop()
		return nil, err
	}
	s := &sealer{stop: stop, appender: a, shutdown: shutdown, queue: make(chan indexed, maxQueued), ended: make(chan struct{})}
	go s.watch()
	return s, nil
}

// watch sees where entries end up.
func (s *sealer) watch() {
	defer close(s.ended)
	for e := range s.queue {
		i, err := e.future()
		if err == nil && i.Index != e.seq {
			err = fmt.Errorf("entry %d became number %d of the tiles", e.seq, i.Index)
		}
		if err != nil {
			s.mu.Lock()
			s.err = errors.Join(s.err, err)
			s.mu.Unlock()
		}
	}
}

// add hands over the next entry. Calls must be in order and not concurrent.
func (s *sealer) add(ctx context.Context, seq uint64, line []byte) error {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.queue <- indexed{seq, s.appender.Add(ctx, tessera.NewEntry(line))}
	return nil
}

// close waits until everything handed over is covered by a checkpoint of size
// entries.
func (s *sealer) close(ctx context.Context, size uint64) error {
	close(s.queue)
	select {
	case <-s.ended:
	case <-ctx.Done():
		s.stop()
		return ctx.Err()
	}
	err := s.err
	if err == nil {
		err = s.shutdown(ctx)
	}
	s.stop()
	return err
}

// abandon ends without waiting: what is not sealed will be when the ledger is opened
// the next time.
func (s *sealer) abandon() { s.stop() }

// lockFile takes the lock of the one writer. It ends with the process.
func lockFile(ctx context.Context, path string, wait time.Duration) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR {
			f.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ErrLocked
		case <-t.C:
		}
	}
}
