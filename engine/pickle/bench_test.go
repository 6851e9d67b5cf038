package pickle

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"
)

// dense makes a pickle like those of lists of records: about 5.5 bytes an opcode, ending in a call of posix.system.
func dense(size int) []byte {
	b := []byte("\x80\x04]\x94")
	for i := 0; len(b) < size; {
		b = append(b, '(')
		for range 1000 {
			b = append(b, 'J')
			b = binary.LittleEndian.AppendUint32(b, uint32(i))
			s := fmt.Sprintf("r%07d", i)
			b = append(append(b, 0x8c, byte(len(s))), s...)
			b = append(b, 0x94, 'K', byte(i), 0x88, 'N', 0x87, 0x94, 0x86, 0x94)
			i++
		}
		b = append(b, 'e')
	}
	return append(b, "\x8c\x05posix\x8c\x06system\x93\x8c\x10echo merlon-test\x85R0."...)
}

func BenchmarkDense(b *testing.B) {
	data := dense(100 << 20)
	m := new(Machine)
	b.SetBytes(int64(len(data)))
	b.ResetTimer()
	var ops int64
	for b.Loop() {
		res := m.Run(context.Background(), bytes.NewReader(data), Options{End: int64(len(data)), Nested: true}, Ignore{})
		if !res.Clean() {
			b.Fatal(res.Issues)
		}
		ops = res.Ops
	}
	b.ReportMetric(float64(ops), "opcodes")
	b.ReportAllocs()
}
