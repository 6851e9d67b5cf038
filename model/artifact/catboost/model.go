package catboost

import (
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/engine/flatbuf"
)

// The fields of the tables of CatBoost's model (catboost/libs/model/flatbuffers/
// model.fbs and features.fbs), by number.
const (
	coreFormat = 0
	coreTrees  = 1
	coreInfo   = 2
	coreParts  = 3

	treesDimension = 0
	treesSplits    = 1
	treesSizes     = 2
	treesStarts    = 3
	treesCats      = 4
	treesFloats    = 5
	treesOneHot    = 6
	treesCtrs      = 7
	treesLeaves    = 8
	treesWeights   = 9
	treesSteps     = 10 // of trees that are not symmetric
	treesLeafIDs   = 11
	treesTexts     = 12
	treesEstimated = 13
	treesEmbedding = 17
)

// model is what a .cbm file says.
type model struct {
	format    string
	dimension int64
	trees     int64
	leaves    int64
	features  int64
	symmetric bool
	names     []string
	info      [][2]string
	parts     []string
	opaque    []string // parts that are not read
}

const (
	headLen  = 8
	maxTrees = 1 << 22
	maxInfo  = 1000
	maxValue = 64 << 10
	maxParts = 64
)

// readModel reads "CBM1", the length of the core, the core, and its parts.
func readModel(r io.ReaderAt, size int64) (*model, error) {
	m := &model{symmetric: true}
	var head [headLen]byte
	if n, err := r.ReadAt(head[:], 0); n < headLen {
		return m, fmt.Errorf("cut off: %w", err)
	}
	core := int64(head[4]) | int64(head[5])<<8 | int64(head[6])<<16 | int64(head[7])<<24
	if core > size-headLen {
		return m, fmt.Errorf("core of %d bytes, %d are left", core, size-headLen)
	}
	b := flatbuf.New(io.NewSectionReader(r, headLen, core), core)
	root := b.Root("")
	m.format = root.String(coreFormat, 64)
	m.readInfo(root.Vector(coreInfo, 4))
	parts := root.Vector(coreParts, 4)
	if parts.Len > maxParts {
		return m, fmt.Errorf("%d parts", parts.Len)
	}
	for i := range parts.Len {
		m.parts = append(m.parts, parts.String(i, 128))
	}
	trees := root.Table(coreTrees)
	if b.Err() == nil && (m.format != "FlabuffersModel_v1" || !trees.Has()) {
		return m, fmt.Errorf("format %q is not known, or there are no trees", m.format)
	}
	err := m.readTrees(trees)
	if b.Err() != nil {
		return m, b.Err()
	}
	if err != nil {
		return m, err
	}
	return m, m.readParts(r, headLen+core, size)
}

func (m *model) readInfo(v flatbuf.Vector) {
	for i := range min(v.Len, maxInfo) {
		kv := v.Table(i)
		m.info = append(m.info, [2]string{kv.String(0, 256), kv.String(1, maxValue)})
	}
}

// readTrees compares the lists of the trees: predictions follow them without
// looking.
func (m *model) readTrees(t flatbuf.Table) error {
	m.dimension = int64(t.I32(treesDimension))
	sizes, starts, splits := t.Vector(treesSizes, 4), t.Vector(treesStarts, 4), t.Vector(treesSplits, 4)
	steps, ids, leaves := t.Vector(treesSteps, 4), t.Vector(treesLeafIDs, 4), t.Vector(treesLeaves, 8)
	m.trees, m.symmetric = int64(sizes.Len), steps.Len == 0
	bins, known := m.readFeatures(t)
	switch {
	case m.dimension < 1 || m.dimension > 1<<20:
		return fmt.Errorf("%d values for each leaf", m.dimension)
	case starts.Len != sizes.Len:
		return fmt.Errorf("%d beginnings for %d trees", starts.Len, sizes.Len)
	case m.trees > maxTrees:
		return fmt.Errorf("%d trees", m.trees)
	case int64(leaves.Len)%m.dimension != 0:
		return fmt.Errorf("%d values for leaves of %d", leaves.Len, m.dimension)
	case !m.symmetric && (steps.Len != splits.Len || ids.Len != splits.Len):
		return fmt.Errorf("%d steps and %d leaves for %d nodes", steps.Len, ids.Len, splits.Len)
	}
	next, want := int64(0), int64(0)
	for i := range sizes.Len {
		size, start := int64(sizes.I32(i)), int64(starts.I32(i))
		switch {
		case size < 0 || start != next || start+size > int64(splits.Len):
			return fmt.Errorf("tree %d has %d splits from %d on, %d follow each other", i, size, start, splits.Len)
		case m.symmetric && size > 16:
			return fmt.Errorf("tree %d has a depth of %d", i, size)
		}
		next += size
		if m.symmetric {
			want += 1 << size
			continue
		}
		if err := steady(steps, ids, start, size, int64(leaves.Len)); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	if next != int64(splits.Len) {
		return fmt.Errorf("%d splits, the trees have %d", splits.Len, next)
	}
	m.leaves = int64(leaves.Len) / m.dimension
	if m.symmetric && want != m.leaves {
		return fmt.Errorf("%d leaves, the trees have %d", m.leaves, want)
	}
	for i := range splits.Len {
		if s := int64(splits.I32(i)); s < 0 || known && s >= max(bins, 1) {
			return fmt.Errorf("split %d is on border %d of %d", i, s, bins)
		}
	}
	return nil
}

// steady checks the nodes of a tree that is not symmetric: each leads further on in
// its tree, or is a leaf.
func steady(steps, ids flatbuf.Vector, start, size, leaves int64) error {
	for i := start; i < start+size; i++ {
		step := uint32(steps.I32(int(i)))
		for _, d := range []int64{int64(step & 0xffff), int64(step >> 16)} {
			if i+d >= start+size {
				return fmt.Errorf("node %d leads to %d, outside of the tree", i, i+d)
			}
		}
		if id := int64(uint32(ids.I32(int(i)))); id != 1<<32-1 && id >= max(leaves, 1) {
			return fmt.Errorf("node %d leads to leaf %d of %d", i, id, leaves)
		}
	}
	return nil
}

// readFeatures counts features and the borders that splits refer to; known is
// false when some are of kinds that are not counted.
func (m *model) readFeatures(t flatbuf.Table) (bins int64, known bool) {
	name := func(s string) {
		m.features++
		if len(m.names) < maxInfo {
			m.names = append(m.names, s)
		}
	}
	floats := t.Vector(treesFloats, 4)
	for i := range floats.Len {
		f := floats.Table(i)
		if !f.Has() {
			return 0, false
		}
		bins += int64(f.Vector(3, 4).Len)
		name(f.String(4, 256))
	}
	cats := t.Vector(treesCats, 4)
	for i := range cats.Len {
		f := cats.Table(i)
		if !f.Has() {
			return 0, false
		}
		name(f.String(2, 256))
	}
	for _, field := range []int{treesOneHot, treesCtrs} {
		list := t.Vector(field, 4)
		for i := range list.Len {
			f := list.Table(i)
			if !f.Has() {
				return 0, false
			}
			bins += int64(f.Vector(1, 4).Len)
		}
	}
	m.features += int64(t.Vector(treesTexts, 4).Len)
	return bins, t.Vector(treesEstimated, 4).Len == 0
}

// readParts reads what follows the core: tables of counters, each a FlatBuffer with
// its length before it.
func (m *model) readParts(r io.ReaderAt, at, size int64) error {
	for i, part := range m.parts {
		if part != "static_provider_v1" {
			m.opaque = append(m.opaque, m.parts[i:]...)
			if at == size {
				return fmt.Errorf("part %q is missing", part)
			}
			return nil
		}
		number := func() (int64, error) {
			var b [4]byte
			if n, _ := r.ReadAt(b[:], at); n < 4 {
				return 0, errors.New("cut off")
			}
			at += 4
			return int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 | int64(b[3])<<24, nil
		}
		n, err := number()
		if err != nil || n > (size-at)/4 {
			return fmt.Errorf("part %q: %d tables announced, %d bytes are left", part, n, size-at)
		}
		for range n {
			length, err := number()
			if err != nil || length > size-at {
				return fmt.Errorf("part %q: table of %d bytes, %d are left", part, length, size-at)
			}
			b := flatbuf.New(io.NewSectionReader(r, at, length), length)
			if t := b.Root(""); b.Err() != nil || !t.Has() {
				return fmt.Errorf("part %q: %w", part, b.Err())
			}
			at += length
		}
	}
	if at != size {
		return fmt.Errorf("%d bytes after the model", size-at)
	}
	return nil
}
