package archive

import (
	"bytes"
	"slices"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// tailReach is how far from the end any reader looks for the end record of a zip.
const tailReach = 22 + 1<<16

// tail reads as much of the end.
func tail(f scan.File) (b []byte, off int64) {
	off = max(0, f.Size()-tailReach)
	b = make([]byte, f.Size()-off)
	n, _ := f.ReadAt(b, off)
	return b[:n], off
}

// endsLikeZip looks for an end record as far from the end as any reader does.
func endsLikeZip(f scan.File) bool {
	b, _ := tail(f)
	return archive.HasZipEnd(b)
}

// ofMembers reports whether every end record at the end of a tar lies in the content
// of one of its members: NeMo packs weights of PyTorch like that. That zip is the
// member's, which is looked at as a file of its own; a directory that does not fit
// into the member is an anomaly there.
func (j *judge) ofMembers(f scan.File) bool {
	if j.tar == nil {
		return false
	}
	b, off := tail(f)
	all := j.tar.Members()
	for {
		i := bytes.Index(b, []byte("PK\x05\x06"))
		if i < 0 {
			return true
		}
		at := off + int64(i)
		k := slices.IndexFunc(all, func(m archive.Member) bool { return m.Offset >= 0 && m.Offset <= at && at+22 <= m.Offset+m.Packed })
		if k < 0 || j.tar.Section(k) == nil {
			return false
		}
		b, off = b[i+1:], at+1
	}
}
