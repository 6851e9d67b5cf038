package archive

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"io"
)

// Stream is decoded content. Read fails with an [*Error] where decoding cannot go
// on; what it returned before is genuine. A Stream is not safe for concurrent use;
// several of one archive are.
type Stream struct {
	r         io.Reader
	src       *source
	br        *bufio.Reader
	member    *Member // nil for a compressed file
	n         int64
	crc       uint32
	err       error
	anomalies []Anomaly
}

// Anomalies returns what was noticed while decoding; complete when Read has
// returned an error or [io.EOF].
func (s *Stream) Anomalies() []Anomaly { return s.anomalies }

// Close releases the decoder. It does not close the archive.
func (s *Stream) Close() error {
	if c, ok := s.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (s *Stream) note(k Kind, off int64, format string, args ...any) {
	if len(s.anomalies) < maxPerMember {
		s.anomalies = append(s.anomalies, Anomaly{Kind: k, Detail: fmt.Sprintf(format, args...), Offset: off})
	}
}

// used is the offset in the archive up to which the decoder has taken bytes.
func (s *Stream) used() int64 { return s.src.off - int64(s.br.Buffered()) }

// Read implements [io.Reader].
func (s *Stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := guard{s.r}.Read(p)
	s.n += int64(n)
	if s.member != nil && s.member.HasCRC {
		s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	}
	if err != nil {
		s.err = s.finish(err)
	}
	return n, s.err
}

// finish compares what was decoded with what was declared.
func (s *Stream) finish(err error) error {
	m := s.member
	if err != io.EOF {
		err = asError(err)
		if m != nil && m.Encrypted {
			err = failf(Encrypted, "marked as encrypted, and cannot be read as if it were not: %w", err)
		}
		return err
	}
	if c, ok := s.r.(interface{ badChecks() int }); ok && c.badChecks() > 0 {
		s.note(KindChecksum, -1, "%d checksums of the compressed stream do not fit", c.badChecks())
	}
	if left := s.src.end - s.used(); left > 0 {
		kind := KindLeftover
		if m == nil {
			kind = KindTrailing
		}
		if m == nil || m.Size >= 0 {
			s.note(kind, s.used(), "%d bytes after the end of the compressed stream", left)
		}
	}
	if m == nil {
		return err
	}
	found := m.Check(s.n, s.crc)
	for _, a := range found {
		if a.Kind == KindCRC && m.Encrypted {
			return failf(Encrypted, "marked as encrypted, and does not have its checksum when read as if it were not")
		}
	}
	s.anomalies = append(s.anomalies, found...)
	return err
}

// Check compares the length and the CRC-32 of a member's content with what the
// archive declares.
func (m *Member) Check(n int64, crc uint32) []Anomaly {
	var out []Anomaly
	if m.Size >= 0 && n != m.Size {
		out = append(out, Anomaly{KindSize, fmt.Sprintf("%d bytes declared, %d found", m.Size, n), m.Offset})
	}
	if m.HasCRC && crc != m.CRC {
		out = append(out, Anomaly{KindCRC, fmt.Sprintf("declared %08x, content has %08x", m.CRC, crc), m.Offset})
	}
	return out
}

// source reads a range of an archive in order.
type source struct {
	r        io.ReaderAt
	off, end int64
}

func (s *source) Read(p []byte) (int, error) {
	left := s.end - s.off
	if left <= 0 {
		return 0, io.EOF
	}
	n, err := s.r.ReadAt(p[:min(int64(len(p)), left)], s.off)
	s.off += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// guard turns a panic of a decoder into an error: the bytes are hostile, the
// decoders are other people's.
type guard struct{ r io.Reader }

func (g guard) Read(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, failf(Corrupt, "decoder failed: %v", r)
		}
	}()
	return g.r.Read(p)
}

// buffered completes a stream that is read without a buffer.
func (s *Stream) buffered() *Stream {
	s.br = bufio.NewReaderSize(eofReader{}, 16)
	return s
}

type eofReader struct{}

func (eofReader) Read([]byte) (int, error) { return 0, io.EOF }
