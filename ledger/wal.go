package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// replay reads a write-ahead log from its beginning and shows every whole line, with
// the offset behind it. It checks that the entries are numbered without gaps and
// that each names the one before. torn is the number of bytes behind the last whole
// line: what a crash leaves of an append that was never acknowledged.
func replay(r io.Reader, show func(e Entry, line []byte, end int64) error) (torn int64, err error) {
	br := bufio.NewReaderSize(r, 1<<18)
	var (
		seq  uint64
		off  int64
		prev = noPrev
		long []byte // a line longer than the buffer
	)
	for {
		part, err := br.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return 0, &TamperError{Seq: &seq, File: walFile, Reason: fmt.Sprintf("the line is longer than %d bytes", MaxEntry)}
		case err == io.EOF:
			return int64(len(part)), nil
		case err != nil:
			return 0, fmt.Errorf("%s: %w", walFile, err)
		}
		long = append(long[:0], part...)
		line := bytes.TrimSuffix(long, []byte("\n"))
		off += int64(len(part))
		e, err := decode(line)
		if err != nil {
			return 0, &TamperError{Seq: &seq, File: walFile, Reason: err.Error()}
		}
		if e.Seq != seq {
			return 0, &TamperError{Seq: &seq, File: walFile, Reason: fmt.Sprintf("entry %d stands here: entries were removed or reordered", e.Seq)}
		}
		if e.Prev != prev {
			bad := seq
			if bad > 0 {
				bad-- // what the later entry says about the earlier one is the evidence
			}
			return 0, &TamperError{Seq: &bad, File: walFile, Reason: fmt.Sprintf("is not what entry %d says came before it", seq)}
		}
		prev = hashOf(line)
		if err := show(e, line, off); err != nil {
			return 0, err
		}
		seq++
	}
}

// Entries shows the entries of a ledger in order, sealed or not, until show returns
// an error. It checks their chain and nothing else; see [Verify].
func Entries(dir string, show func(e Entry) error) error {
	f, err := openWAL(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = replay(f, func(e Entry, _ []byte, _ int64) error { return show(e) })
	return err
}

// openWAL opens the write-ahead log for reading. A ledger without one has lost it.
func openWAL(dir string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(walFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &TamperError{File: walFile, Reason: "is missing"}
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &TamperError{File: walFile, Reason: "is not a regular file"}
	}
	return f, nil
}
