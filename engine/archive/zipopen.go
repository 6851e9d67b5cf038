package archive

import (
	"bufio"
	"io"
)

// Open implements [Container]. Members with the encryption bit are read as if they
// were not encrypted, since the bit may be a lie; when that fails, so does Read,
// with [Encrypted].
func (z *Zip) Open(i int) (*Stream, error) {
	m := &z.members[i]
	codec := codecFor(m.Method)
	if codec == nil {
		if m.Encrypted {
			return nil, failf(Encrypted, "%s", methodName(m.Method))
		}
		return nil, failf(Unsupported, "compression %s", methodName(m.Method))
	}
	s := &Stream{member: m, src: &source{r: z.r, off: m.Offset, end: m.Offset + m.Packed}}
	s.br = bufio.NewReaderSize(s.src, 64<<10)
	r, err := codec(s.br, &codecParams{size: m.Size, flags: m.Flags, window: z.lim.Window})
	if err != nil {
		if m.Encrypted {
			return nil, failf(Encrypted, "marked as encrypted: %w", err)
		}
		return nil, asError(err)
	}
	s.r = r
	return s, nil
}

// Section implements [Container].
func (z *Zip) Section(i int) *io.SectionReader {
	m := &z.members[i]
	if m.Method != methodStore {
		return nil
	}
	return io.NewSectionReader(z.r, m.Offset, m.Packed)
}

var _ Container = (*Zip)(nil)
