package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// The pickle holds what CPython writes for a list of 2,275,000 tuples
// (str, int, float, int): 18.2 million opcodes in 100 MB, framed and memoized as
// protocol 4 does it. After the list comes the call that it is all about.
const (
	rows      = 2_275_000
	batch     = 1000 // rows per APPENDS, as the pickler does
	frameSize = 64 << 10
)

// payload pops the list, and calls. It never runs: nobody loads this file.
const payload = "0cos\nsystem\n\x8c\x11echo merlon-bench\x85R."

func writePickle(w io.Writer) error {
	if _, err := io.WriteString(w, "\x80\x04"); err != nil {
		return err
	}
	var frame bytes.Buffer
	flush := func() error {
		if frame.Len() == 0 {
			return nil
		}
		head := binary.LittleEndian.AppendUint64([]byte{0x95}, uint64(frame.Len()))
		if _, err := w.Write(head); err != nil {
			return err
		}
		_, err := frame.WriteTo(w)
		return err
	}
	frame.WriteString("]\x94")
	for i := range rows {
		if i%batch == 0 {
			frame.WriteByte('(')
		}
		writeRow(&frame, i)
		if i%batch == batch-1 || i == rows-1 {
			frame.WriteByte('e')
		}
		if frame.Len() >= frameSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	frame.WriteString(payload)
	return flush()
}

// writeRow writes eight opcodes in 44 bytes.
func writeRow(b *bytes.Buffer, i int) {
	b.WriteByte('(')
	fmt.Fprintf(b, "\x8c\x16customer-%013d\x94", i)
	b.Write(binary.LittleEndian.AppendUint32([]byte{'J'}, uint32(i)|1<<20))
	b.Write(binary.BigEndian.AppendUint64([]byte{'G'}, math.Float64bits(float64(i)/7)))
	b.Write([]byte{'K', byte(i), 't', 0x94})
}
