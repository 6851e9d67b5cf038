package matrix

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"strings"

	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
)

type msg = prototest.Msg

// echo is the argument of every command.
const echo = "echo merlon-test"

// The opcodes of pickle as text that is put together.

func global(module, name string) string { return "c" + module + "\n" + name + "\n" }

func text(s string) string { return "X" + le32(len(s)) + s }

func stackGlobal(module, name string) string { return text(module) + text(name) + "\x93" }

func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

func call(f string, args ...string) string { return f + tuple(args...) + "R" }

func pickle2(body string) string { return "\x80\x02" + body + "." }
func pickle4(body string) string { return "\x80\x04" + body + "." }

func le32(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
func le64(n uint64) string {
	return string(binary.LittleEndian.AppendUint64(nil, n))
}

// system calls os.system; decimal makes a number in the same way.
var (
	system   = call(global("os", "system"), text(echo))
	decimal  = call(global("decimal", "Decimal"), text("1"))
	evil     = pickle2(system)
	harmless = pickle2(decimal)
)

// must is for writers into memory, which do not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// zipOf is a zip of members: name, content, name, content.
func zipOf(members ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.CreateRaw(rawHeader(members[i], members[i+1]))
		must(err)
		_, err = m.Write([]byte(members[i+1]))
		must(err)
	}
	must(w.Close())
	return b.String()
}

// zipLink is a zip with a symbolic link.
func zipLink(name, target string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := rawHeader(name, target)
	h.SetMode(fs.ModeSymlink | 0o777)
	m, err := w.CreateRaw(h)
	must(err)
	_, err = m.Write([]byte(target))
	must(err)
	must(w.Close())
	return b.String()
}

// unzip lists the members of a zip of a library: name, content, name, content.
func (t *table) unzip(content string) []string {
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.err = err
		return nil
	}
	var out []string
	for _, m := range z.File {
		b, err := fs.ReadFile(z, m.Name)
		if err != nil {
			t.err = err
			return nil
		}
		out = append(out, m.Name, string(b))
	}
	return out
}

// rezip replaces text in the members of a zip.
func (t *table) rezip(content, old, new string) string {
	members := t.unzip(content)
	all := strings.Join(members, "")
	t.swap(all, old, new)
	for i := 1; i < len(members); i += 2 {
		members[i] = strings.Replace(members[i], old, new, 1)
	}
	return zipOf(members...)
}

// member is a member of a tar.
type member struct {
	name, body string
	link       string
	kind       byte
}

func tarOf(members ...member) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		must(w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.body)), Mode: 0o600, Linkname: m.link, Typeflag: m.kind, Format: tar.FormatUSTAR}))
		_, err := w.Write([]byte(m.body))
		must(err)
	}
	must(w.Close())
	return b.String()
}

func gz(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(content))
	must(err)
	must(w.Close())
	return b.String()
}

// npy is a file of numpy.save.
func npy(descr, shape, data string) string {
	h := "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }"
	h += strings.Repeat(" ", 63-(10+len(h))%64) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(h)))) + h + data
}

// rawHeader describes a stored member, its sizes before its data.
func rawHeader(name, content string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(content)),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content))}
}
