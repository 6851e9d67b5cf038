package keras

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// isArchive reports whether a file is the zip of a Keras 3 model by name and first
// bytes. Its members come to this scanner one by one from that of archives, whatever
// the zip is called; this one says what the whole is.
func isArchive(name string, head []byte) bool {
	return strings.EqualFold(path.Ext(name), ".keras") && len(head) >= 4 && string(head[:2]) == "PK"
}

// maxMembers of a .keras archive: a few, and a folder of assets per layer.
const maxMembers = 100_000

func scanArchive(ctx context.Context, f scan.File, s *scan.Sink) error {
	v := verdict.Of(s, f, "keras")
	defer v.Close()
	z, err := archive.ReadZip(ctx, f, f.Size(), archive.Limits{Members: maxMembers})
	if err != nil {
		return fmt.Errorf("Keras archive: %w", err)
	}
	for _, m := range z.Members() {
		if m.Name == "config.json" {
			return nil
		}
	}
	return errors.New("Keras archive: there is no config.json in it")
}

// member returns the content of a member that is stored as it is, as Keras writes its
// weights, or reads a small one.
func member(z *archive.Zip, name string, most int64) (io.ReaderAt, int64, error) {
	for i, m := range z.Members() {
		if m.Name != name {
			continue
		}
		if sec := z.Section(i); sec != nil {
			return sec, sec.Size(), nil
		}
		s, err := z.Open(i)
		if err != nil {
			return nil, 0, err
		}
		b, err := io.ReadAll(io.LimitReader(s, most+1))
		if err == nil && int64(len(b)) > most {
			err = fmt.Errorf("%s is compressed and longer than %d bytes", name, most)
		}
		return strings.NewReader(string(b)), int64(len(b)), err
	}
	return nil, 0, fmt.Errorf("there is no %s", name)
}
