package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math/rand/v2"
)

// The archive is laid out as torch.save writes it: data.pkl, a member for each
// storage, stored without compression, and the version; 1 GiB of weights.
const (
	tensors    = 16
	tensorSize = 64 << 20 // bytes
	dim        = 4096     // 4096 x 4096 float32
)

func writeTorchZip(w io.Writer) error {
	z := zip.NewWriter(w)
	if err := store(z, "large/data.pkl", bytesOf(stateDict())); err != nil {
		return err
	}
	for i := range tensors {
		if err := store(z, fmt.Sprintf("large/data/%d", i), weights(uint64(i))); err != nil {
			return err
		}
	}
	if err := store(z, "large/version", bytesOf([]byte("3\n"))); err != nil {
		return err
	}
	return z.Close()
}

// content can be read from the start any number of times.
type content func() io.Reader

func bytesOf(b []byte) content { return func() io.Reader { return bytes.NewReader(b) } }

// weights are bytes that do not compress, from a seed.
func weights(seed uint64) content {
	return func() io.Reader {
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:], seed)
		return io.LimitReader(rand.NewChaCha8(key), tensorSize)
	}
}

// store adds a member whose local header already has its size and CRC, as
// torch.save leaves it: the content is read twice and never held.
func store(z *zip.Writer, name string, c content) error {
	sum := hash.Hash32(crc32.NewIEEE())
	size, err := io.Copy(sum, c())
	if err != nil {
		return err
	}
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: sum.Sum32(),
		CompressedSize64: uint64(size), UncompressedSize64: uint64(size),
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, c())
	return err
}

// stateDict is the pickle of an OrderedDict of tensors, as torch.save writes it.
func stateDict() []byte {
	var b bytes.Buffer
	b.WriteString("\x80\x02ccollections\nOrderedDict\n)R(")
	for i := range tensors {
		str(&b, fmt.Sprintf("layers.%d.weight", i))
		b.WriteString("ctorch._utils\n_rebuild_tensor_v2\n((")
		str(&b, "storage")
		b.WriteString("ctorch\nFloatStorage\n")
		str(&b, fmt.Sprint(i))
		str(&b, "cpu")
		num(&b, dim*dim)
		b.WriteString("tQK\x00")
		num(&b, dim)
		num(&b, dim)
		b.WriteByte(0x86)
		num(&b, dim)
		b.WriteString("K\x01\x86\x89ccollections\nOrderedDict\n)RtR")
	}
	b.WriteString("u.")
	return b.Bytes()
}

func str(b *bytes.Buffer, s string) {
	b.Write(binary.LittleEndian.AppendUint32([]byte{'X'}, uint32(len(s))))
	b.WriteString(s)
}

func num(b *bytes.Buffer, n uint32) { b.Write(binary.LittleEndian.AppendUint32([]byte{'J'}, n)) }
