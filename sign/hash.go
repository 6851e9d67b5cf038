package sign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/merlon-security/merlon/safeio"
)

// job is one file to hash, and its digests: of the whole, or of ranges.
type job struct {
	file   file
	ranges []safeio.Range // nil: the whole file
	digest []string       // lower-case hex, one per range
	err    error
}

// piece is what is hashed in one go: a file, or one range of it.
type piece struct {
	job *job
	i   int // of job.digest
	safeio.Range
}

// hash computes the digests of all jobs. A file that could not be read has its error
// in the job; the error returned is the context's.
//
// Every worker hashes two pieces at a time, which costs a processor with instructions
// for SHA-256 little more than one. The largest pieces come first, so that no core
// waits for a last one.
func (t *tree) hash(ctx context.Context, jobs []*job, workers int, progress func(int64)) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var pieces []piece
	for _, j := range jobs {
		ranges := j.ranges
		if ranges == nil {
			ranges = []safeio.Range{{Len: j.file.size}}
		}
		j.digest = make([]string, len(ranges))
		for i, r := range ranges {
			pieces = append(pieces, piece{j, i, r})
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.Len, a.Len) })
	q := &queue{pieces: pieces, errs: map[*job]error{}}
	lanes := 1
	if safeio.CanPair() && len(pieces) > workers {
		lanes = 2
	}
	var wg sync.WaitGroup
	for range min(workers, len(pieces)) {
		wg.Go(func() {
			w := worker{tree: t, queue: q, progress: progress}
			w.run(ctx, w.lanes[:lanes])
		})
	}
	wg.Wait()
	for _, j := range jobs {
		j.err = q.errs[j]
	}
	return ctx.Err()
}

// queue hands out pieces.
type queue struct {
	pieces []piece
	next   atomic.Int64
	mu     sync.Mutex
	errs   map[*job]error // the first of each file
}

func (q *queue) take() (piece, bool) {
	i := int(q.next.Add(1)) - 1
	if i >= len(q.pieces) {
		return piece{}, false
	}
	return q.pieces[i], true
}

func (q *queue) fail(j *job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.errs[j] == nil {
		q.errs[j] = err
	}
}

// laneBlock is how much of a piece is read at once: two of them stay in the
// second-level cache.
const laneBlock = 128 << 10

// worker hashes the pieces of its lanes side by side.
type worker struct {
	tree     *tree
	queue    *queue
	progress func(int64)
	lanes    [2]lane
	pair     safeio.Pair
}

// lane is a piece on its way.
type lane struct {
	busy bool
	piece
	at    int64 // bytes of the piece done
	f     *os.File
	h     hash.Hash
	buf   []byte
	ready []byte // read, not hashed
}

func (w *worker) run(ctx context.Context, lanes []lane) {
	for i := range lanes {
		lanes[i].h, lanes[i].buf = sha256.New(), make([]byte, laneBlock)
	}
	defer func() {
		for i := range lanes {
			if lanes[i].f != nil {
				_ = lanes[i].f.Close()
			}
		}
	}()
	for ctx.Err() == nil {
		any := false
		for i := range lanes {
			w.load(&lanes[i])
			any = any || lanes[i].busy
		}
		if !any {
			return
		}
		if len(lanes) == 2 {
			w.pair.Write(lanes[0].h, lanes[1].h, lanes[0].ready, lanes[1].ready)
		} else {
			lanes[0].h.Write(lanes[0].ready)
		}
		for i := range lanes {
			w.finish(&lanes[i])
		}
	}
}

// load gives a lane its next block, and its next piece when it has none.
func (w *worker) load(l *lane) {
	for {
		l.ready = nil
		if !l.busy {
			p, ok := w.queue.take()
			if !ok {
				return
			}
			f, err := w.tree.open(p.job.file)
			if err != nil {
				w.queue.fail(p.job, err)
				continue
			}
			l.busy, l.piece, l.at, l.f = true, p, 0, f
			l.h.Reset()
		}
		n := min(laneBlock, l.Len-l.at)
		k, err := l.f.ReadAt(l.buf[:n], l.Off+l.at)
		if int64(k) == n {
			l.ready = l.buf[:n]
			l.at += n
			return
		}
		if err == io.EOF {
			err = errMoving
		}
		w.end(l, err)
	}
}

// finish takes the digest of a piece that is read to its end.
func (w *worker) finish(l *lane) {
	if !l.busy {
		return
	}
	if w.progress != nil && len(l.ready) > 0 {
		w.progress(int64(len(l.ready)))
	}
	if l.at < l.Len {
		return
	}
	// Somebody who writes to the file now would have us sign a state that never was.
	info, err := l.f.Stat()
	if err == nil && (info.Size() != l.job.file.size || !info.ModTime().Equal(l.job.file.info.ModTime())) {
		err = errMoving
	}
	l.job.digest[l.i] = hex.EncodeToString(l.h.Sum(nil))
	w.end(l, err)
}

func (w *worker) end(l *lane, err error) {
	_ = l.f.Close()
	l.f, l.busy = nil, false
	if err != nil {
		w.queue.fail(l.job, err)
	}
}

// resources hashes files for signing.
func (t *tree) resources(ctx context.Context, files []file, o Options) ([]resource, []Problem, error) {
	jobs := make([]*job, len(files))
	for i, f := range files {
		jobs[i] = &job{file: f}
		if o.ShardSize > 0 {
			jobs[i].ranges = shards(f.size, o.ShardSize)
		}
	}
	if err := t.hash(ctx, jobs, o.Workers, o.Progress); err != nil {
		return nil, nil, err
	}
	var out []resource
	var problems []Problem
	for _, j := range jobs {
		if j.err != nil {
			problems = append(problems, Problem{Kind: Unreadable, Path: j.file.name, Detail: reason(j.err)})
			continue
		}
		if o.ShardSize <= 0 {
			out = append(out, resource{j.file.name, sha256Name, j.digest[0]})
			continue
		}
		for i, r := range j.ranges {
			out = append(out, resource{shardName(j.file.name, r), shardAlgorithm(o.ShardSize), j.digest[i]})
		}
	}
	return out, problems, nil
}
