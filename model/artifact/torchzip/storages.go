package torchzip

import (
	"context"
	"io"
	"math"
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/text"
)

// storages gathers the persistent ids of a pickle: ('storage', class, key,
// location, number of elements), and before PyTorch 1.6 a sixth item
// (torch/serialization.py, persistent_id).
type storages struct {
	pickle.Ignore
	m     pickle.Machine
	order []string
	sizes map[string]int64 // bytes by key; -1 where the class is not known
	class map[string]string
}

// maxStorages bounds what is remembered; the largest models have some ten thousand.
const maxStorages = 1 << 20

func newStorages() *storages { return &storages{sizes: map[string]int64{}, class: map[string]string{}} }

// run interprets the pickle in [start, end) of r.
func (s *storages) run(ctx context.Context, r io.ReaderAt, start, end int64) pickle.Result {
	return s.m.Run(ctx, r, pickle.Options{Start: start, End: end}, s)
}

// Persistent implements [pickle.Visitor].
func (s *storages) Persistent(m *pickle.Machine, _ pickle.Site, id pickle.Value) pickle.Value {
	items, more := m.Items(id)
	key, class, size, ok := "", "", int64(0), false
	if !more && (len(items) == 5 || len(items) == 6) {
		key, class, size, ok = storage(m, items)
	}
	if !ok || len(s.order) >= maxStorages {
		return 0 // for the scanner of pickles to say
	}
	if old, again := s.sizes[key]; again {
		if old != size {
			s.sizes[key] = max(old, size)
		}
		return 0
	}
	s.order = append(s.order, key)
	s.sizes[key], s.class[key] = size, class
	return 0
}

// storage reads the items of an id.
func storage(m *pickle.Machine, items []pickle.Value) (key, class string, size int64, ok bool) {
	const maxKey = 1 << 10
	if kind, ok := m.Text(items[0], 16); !ok || kind != "storage" {
		return "", "", 0, false
	}
	id, ok := items[1].Global()
	if !ok {
		return "", "", 0, false
	}
	global := m.GlobalName(id)
	if global.Module != "torch" && !strings.HasPrefix(global.Module, "torch.") {
		return "", "", 0, false
	}
	key, ok = m.Text(items[2], maxKey)
	if !ok {
		return "", "", 0, false
	}
	if _, ok := m.Text(items[3], maxKey); !ok {
		return "", "", 0, false
	}
	n, ok := items[4].Int()
	if !ok || n < 0 {
		return "", "", 0, false
	}
	width := elementSize(global.Name)
	if width == 0 || n > math.MaxInt64/width {
		return key, global.Name, -1, true
	}
	return key, global.Name, n * width, true
}

// elementSize is the size in bytes of an element of a storage class, 0 for an
// unknown one.
func elementSize(class string) int64 {
	switch class {
	case "ByteStorage", "CharStorage", "BoolStorage", "UntypedStorage", "QUInt8Storage", "QInt8Storage", "QUInt4x2Storage", "QUInt2x4Storage":
		return 1
	case "ShortStorage", "HalfStorage", "BFloat16Storage":
		return 2
	case "IntStorage", "FloatStorage", "QInt32Storage":
		return 4
	case "LongStorage", "DoubleStorage", "ComplexFloatStorage":
		return 8
	case "ComplexDoubleStorage":
		return 16
	}
	return 0
}

func show(s string) string { return text.Cut(text.Visible(s), 200) }

var _ pickle.Visitor = (*storages)(nil)
