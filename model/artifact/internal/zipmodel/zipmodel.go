// Package zipmodel reads the members of models that are zip archives, for the
// scanners that know what the members mean. The archive as such, and the members
// as files, belong to the scanners of archives.
package zipmodel

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// maxMembers bounds the members of one model.
const maxMembers = 200_000

// Zip is an open archive.
type Zip struct {
	*archive.Zip
}

// Magics are the first bytes of all that [Is] accepts.
func Magics() []scan.Magic { return scan.At(0, "PK\x03\x04") }

// Is reports whether the first bytes of a file are those of a zip.
func Is(head []byte) bool { return len(head) >= 4 && string(head[:4]) == "PK\x03\x04" }

// Open reads the directory of the archive.
func Open(ctx context.Context, f scan.File) (*Zip, error) {
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{Members: maxMembers})
	if err != nil {
		return nil, err
	}
	return &Zip{z}, nil
}

// Whole fails for an archive of which a part is missing: its directory, members
// that the directory names, or the ends of members.
func (z *Zip) Whole() error {
	for _, a := range z.Anomalies() {
		switch a.Kind {
		case archive.KindNoDirectory, archive.KindTooManyMembers, archive.KindMultiDisk, archive.KindSizingExhausted, archive.KindDirectorySize:
			return fmt.Errorf("the zip is not whole: %s (%s)", a.Kind, a.Detail)
		}
	}
	for i := range z.Members() {
		m := &z.Members()[i]
		for _, a := range m.Anomalies {
			switch a.Kind {
			case archive.KindTruncated, archive.KindCentralOnly, archive.KindLocalOnly:
				return fmt.Errorf("the zip is not whole: member %s: %s (%s)", verdict.Show(m.Name), a.Kind, a.Detail)
			}
		}
	}
	return nil
}

// ErrTooLong is returned for a member that is longer than what is read of it.
var ErrTooLong = errors.New("too long to be read")

// Read returns the content of member i, at most limit bytes. A wrong length or
// checksum is an error: readers that do not check would see other bytes than
// those that do.
func (z *Zip) Read(i int, limit int64) ([]byte, error) {
	m := &z.Members()[i]
	fail := func(err error) ([]byte, error) {
		return nil, fmt.Errorf("member %s: %w", verdict.Show(m.Name), err)
	}
	st, err := z.Zip.Open(i)
	if err != nil {
		return fail(err)
	}
	defer st.Close()
	b, err := io.ReadAll(io.LimitReader(st, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("more than %d bytes: %w", limit, ErrTooLong)
	}
	if err == nil {
		for _, a := range st.Anomalies() {
			if a.Kind == archive.KindCRC || a.Kind == archive.KindSize || a.Kind == archive.KindChecksum {
				err = fmt.Errorf("damaged: %s", a.Detail)
			}
		}
	}
	if err != nil {
		return fail(err)
	}
	return b, nil
}

// Find lists the members that some reader knows by one of the names.
func (z *Zip) Find(names ...string) []int {
	var found []int
	for i := range z.Members() {
		if Called(&z.Members()[i], names...) {
			found = append(found, i)
		}
	}
	return found
}

// Called reports whether some reader knows the member by one of the names.
func Called(m *archive.Member, names ...string) bool {
	for _, want := range names {
		if m.Name == want {
			return true
		}
		for _, a := range m.Aliases {
			if a == want {
				return true
			}
		}
	}
	return false
}
