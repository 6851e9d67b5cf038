// Package tabletest writes the index of TensorFlow checkpoints for tests: valid ones,
// and those that no library would write.
package tabletest

import (
	"encoding/binary"
	"hash/crc32"

	"google.golang.org/protobuf/encoding/protowire"
)

// KV is an entry of the table.
type KV struct{ Key, Value string }

// Header is the first entry.
func Header(shards uint64) KV {
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), shards)
	b = protowire.AppendString(protowire.AppendTag(b, 3, protowire.BytesType), "\x08\x01")
	return KV{"", string(b)}
}

// Tensor is an entry of a tensor in the data file shard.
func Tensor(name string, dtype uint64, shape []uint64, shard, off, size uint64) KV {
	var dims []byte
	for _, d := range shape {
		dims = protowire.AppendBytes(protowire.AppendTag(dims, 2, protowire.BytesType), protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), d))
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), dtype)
	b = protowire.AppendBytes(protowire.AppendTag(b, 2, protowire.BytesType), dims)
	for i, v := range []uint64{shard, off, size} {
		b = protowire.AppendVarint(protowire.AppendTag(b, protowire.Number(3+i), protowire.VarintType), v)
	}
	return KV{name, string(protowire.AppendFixed32(protowire.AppendTag(b, 6, protowire.Fixed32Type), 0))}
}

// Block is a block of the entries, without its trailer.
func Block(entries ...KV) []byte {
	var b []byte
	for _, e := range entries {
		b = append(b, 0)
		b = binary.AppendUvarint(b, uint64(len(e.Key)))
		b = binary.AppendUvarint(b, uint64(len(e.Value)))
		b = append(append(b, e.Key...), e.Value...)
	}
	b = binary.LittleEndian.AppendUint32(b, 0) // the only restart point
	return binary.LittleEndian.AppendUint32(b, 1)
}

// Sealed is a block with its compression and checksum.
func Sealed(b []byte, compression byte) []byte {
	b = append(b, compression)
	crc := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return binary.LittleEndian.AppendUint32(b, (crc>>15|crc<<17)+0xa282ead8)
}

// Table is a whole index of blocks, each given by its last key and its sealed bytes.
func Table(blocks ...KV) []byte {
	var b []byte
	var index []KV
	for _, x := range blocks {
		place := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(b))), uint64(len(x.Value)-5))
		index = append(index, KV{x.Key, string(place)})
		b = append(b, x.Value...)
	}
	var foot []byte
	for _, entries := range [][]KV{nil, index} {
		block := Block(entries...)
		foot = binary.AppendUvarint(binary.AppendUvarint(foot, uint64(len(b))), uint64(len(block)))
		b = append(b, Sealed(block, 0)...)
	}
	b = append(append(b, foot...), make([]byte, 40-len(foot))...)
	return binary.LittleEndian.AppendUint64(b, 0xdb4775248b80fb57)
}

// File is an index of the entries in one block.
func File(entries ...KV) []byte {
	last := ""
	if len(entries) > 0 {
		last = entries[len(entries)-1].Key
	}
	return Table(KV{last, string(Sealed(Block(entries...), 0))})
}
