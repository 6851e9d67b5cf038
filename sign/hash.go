package sign

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/merlon-security/merlon/safeio"
)

// content is an open file for hashing.
type content struct {
	*os.File
	size int64
}

func (c content) Size() int64 { return c.size }

// mapped is a content that is shown instead of copied.
type mapped struct{ content }

// Map implements [safeio.Mapper].
func (c mapped) Map(off int64, n int) ([]byte, func(), error) { return safeio.MapFile(c.File, off, n) }

// maxMapped is how many files are mapped at once. Mapping costs a little less than
// copying, and what is mapped counts as resident memory, tens of megabytes a file.
const maxMapped = 2

// job is one file to hash, and its digests: of the whole, or of ranges.
type job struct {
	file   file
	ranges []safeio.Range // nil: the whole file
	digest []string       // lower-case hex
	err    error
}

// hash computes the digests of all jobs, the largest files first so that no core waits
// for a last one. A file that could not be read has its error in the job; the error
// returned is the context's.
func (t *tree) hash(ctx context.Context, jobs []*job, workers int, progress func(int64)) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	order := largestFirst(jobs)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range min(workers, len(jobs)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(order) {
					return
				}
				j := order[i]
				if j.err = t.hashFile(ctx, j, w < maxMapped); j.err == nil && progress != nil {
					progress(j.file.size)
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func (t *tree) hashFile(ctx context.Context, j *job, shown bool) error {
	h, err := t.open(j.file)
	if err != nil {
		return err
	}
	defer h.Close()
	before, err := h.Stat()
	if err != nil {
		return err
	}
	var c safeio.Content = content{h, j.file.size}
	if shown {
		c = mapped{content{h, j.file.size}}
	}
	if j.ranges == nil {
		sum, err := safeio.SHA256(ctx, c)
		if err != nil {
			return moving(err)
		}
		j.digest = []string{sum}
	} else {
		_, parts, err := safeio.DigestRanges(ctx, c, false, j.ranges)
		if err != nil {
			return moving(err)
		}
		for _, p := range parts {
			j.digest = append(j.digest, p.SHA256)
		}
	}
	after, err := h.Stat()
	if err == nil && (after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime())) {
		err = errMoving
	}
	return err
}

// moving turns a file that shrank into one that changed.
func moving(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errMoving
	}
	return err
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
