package tflite

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/merlon-security/merlon/engine/flatbuf"
)

// maxMetadata is how many bytes of the metadata of a model are read. Those of real
// models have a few kilobytes.
const maxMetadata = 1 << 20

// Metadata is the official description of a model
// (tensorflow/lite/schema/metadata_schema.fbs), which names the files that are packed
// behind it: labels and vocabularies, in a zip that is appended to the model.
type Metadata []byte

// ReadMetadata returns the description in a model, which is the first size bytes of r;
// nil if it has none or is no model.
func ReadMetadata(r io.ReaderAt, size int64) Metadata {
	b := flatbuf.New(r, size)
	m := b.Root(identifier)
	list, buffers := m.Vector(6, 4), m.Vector(4, 4)
	for i := range min(list.Len, 1000) {
		t := list.Table(i)
		if t.String(0, 64) != "TFLITE_METADATA" {
			continue
		}
		data := buffers.Table(int(t.U32(1))).Vector(0, 1)
		if data.Len > maxMetadata {
			return nil
		}
		if d := data.Bytes(maxMetadata); b.Err() == nil && len(d) >= 8 && string(d[4:8]) == "M001" {
			return d
		}
	}
	return nil
}

// Names reports whether the description names a file that is packed with the model.
func (m Metadata) Names(file string) bool {
	// A string of a FlatBuffer: its length, its bytes and a zero.
	s := binary.LittleEndian.AppendUint32(nil, uint32(len(file)))
	return file != "" && bytes.Contains(m, append(append(s, file...), 0))
}
