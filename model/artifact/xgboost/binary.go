package xgboost

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// The legacy binary format is the memory of XGBoost's structures (src/learner.cc,
// src/gbm/gbtree_model.h, src/tree/tree_model.cc up to version 3.0):
//
//	["binf"] LearnerModelParamLegacy[136] string(objective) string(booster)
//	gbtree: GBTreeModelParam[160] tree[num_trees] tree_info int32[num_trees]
//	tree:   TreeParam[148] node[20 * num_nodes] statistics[16 * num_nodes]
//	dart:   gbtree, then vector<float>
//	linear: GBLinearModelParam[136] vector<float>
//	then, as the flags say, pairs of strings and a list of strings.
const (
	learnerLen = 136
	treesLen   = 160
	treeLen    = 148
	linearLen  = 136
	nodeLen    = 20
	statLen    = 16
	maxString  = 1 << 20
)

// looksBinary recognises the format: there is an objective and a booster where the
// parameters end.
func looksBinary(head []byte) bool {
	if strings.HasPrefix(string(head[:min(4, len(head))]), "binf") {
		head = head[4:]
	}
	if len(head) < learnerLen+8 {
		return false
	}
	rest := head[learnerLen:]
	for i := range 2 {
		if len(rest) < 8 {
			return false
		}
		n := binary.LittleEndian.Uint64(rest)
		if n < 3 || n > 64 || uint64(len(rest)-8) < n {
			return false
		}
		name := string(rest[8 : 8+n])
		if i == 0 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789:@_") != "" {
			return false
		}
		if i == 1 {
			return name == "gbtree" || name == "dart" || name == "gblinear"
		}
		rest = rest[8+n:]
	}
	return false
}

type binaryReader struct {
	r    *bufio.Reader
	left int64
}

func (b *binaryReader) take(n int64) ([]byte, error) {
	if n < 0 || n > b.left {
		return nil, fmt.Errorf("%d bytes announced, %d are left", n, b.left)
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(b.r, buf); err != nil {
		return nil, err
	}
	b.left -= n
	return buf, nil
}

func (b *binaryReader) skip(n int64) error {
	if n < 0 || n > b.left {
		return fmt.Errorf("%d bytes announced, %d are left", n, b.left)
	}
	b.left -= n
	_, err := io.CopyN(io.Discard, b.r, n)
	return err
}

func (b *binaryReader) text() (string, error) {
	n, err := b.take(8)
	if err != nil {
		return "", err
	}
	size := binary.LittleEndian.Uint64(n)
	if size > maxString {
		return "", fmt.Errorf("string of %d bytes", size)
	}
	s, err := b.take(int64(size))
	return string(s), err
}

// floats passes over a vector and returns its length.
func (b *binaryReader) floats() (int64, error) {
	h, err := b.take(8)
	if err != nil {
		return 0, err
	}
	n := binary.LittleEndian.Uint64(h)
	if n > uint64(b.left)/4 {
		return 0, fmt.Errorf("vector of %d numbers, %d bytes are left", n, b.left)
	}
	return int64(n), b.skip(4 * int64(n))
}

func i32(b []byte, field int) int64 { return int64(int32(binary.LittleEndian.Uint32(b[4*field:]))) }

func (m *model) readBinary(r io.ReaderAt, size int64) error {
	b := &binaryReader{bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), size}
	if magic, _ := b.r.Peek(4); string(magic) == "binf" {
		if err := b.skip(4); err != nil {
			return err
		}
	}
	p, err := b.take(learnerLen)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	m.features, m.classes = i32(p, 1), i32(p, 2)
	if i32(p, 5) > 0 {
		m.version = fmt.Sprintf("%d.%d", i32(p, 5), i32(p, 6))
	}
	if m.object, err = b.text(); err == nil {
		m.booster, err = b.text()
	}
	if err != nil {
		return fmt.Errorf("objective and booster: %w", err)
	}
	switch m.booster {
	case "gbtree", "dart":
		err = m.binaryTrees(b)
		if err == nil && m.booster == "dart" && m.trees > 0 {
			m.weights, err = b.floats()
		}
	case "gblinear":
		if err = b.skip(linearLen); err == nil {
			m.weights, err = b.floats()
		}
	}
	if err != nil {
		return err
	}
	return m.binaryTail(b, i32(p, 3) != 0, i32(p, 4) != 0)
}

func (m *model) binaryTrees(b *binaryReader) error {
	p, err := b.take(treesLen)
	if err != nil {
		return fmt.Errorf("parameters of the trees: %w", err)
	}
	if m.trees = i32(p, 0); m.trees < 0 || m.trees > b.left/treeLen {
		return fmt.Errorf("%d trees announced, %d bytes are left", m.trees, b.left)
	}
	for range m.trees {
		if err := m.binaryTree(b); err != nil {
			return err
		}
	}
	return b.skip(4 * m.trees) // to which output each belongs
}

func (m *model) binaryTree(b *binaryReader) error {
	p, err := b.take(treeLen)
	if err != nil {
		return fmt.Errorf("tree %d: %w", m.read, err)
	}
	t := tree{nodes: i32(p, 1), features: i32(p, 4), maxSplit: -1}
	if t.nodes < 1 || t.nodes > b.left/(nodeLen+statLen) || t.nodes > maxNodes {
		return fmt.Errorf("tree %d: %d nodes announced, %d bytes are left", m.read, t.nodes, b.left)
	}
	for range t.nodes {
		n, err := b.take(nodeLen)
		if err != nil {
			return fmt.Errorf("tree %d: %w", m.read, err)
		}
		// The highest bit of the parent says which child a node is, that of the
		// split where missing values go.
		t.parent = append(t.parent, int32(i32(n, 0)))
		t.left, t.right = append(t.left, int32(i32(n, 1))), append(t.right, int32(i32(n, 2)))
		if i32(n, 1) != -1 {
			t.maxSplit = max(t.maxSplit, i32(n, 3)&0x7fffffff)
		}
	}
	if err := b.skip(statLen * t.nodes); err != nil {
		return err
	}
	return t.check(m)
}

// binaryTail reads attributes and the names of metrics.
func (m *model) binaryTail(b *binaryReader, attrs, metrics bool) error {
	number := func() (uint64, error) {
		h, err := b.take(8)
		if err != nil {
			return 0, err
		}
		return binary.LittleEndian.Uint64(h), nil
	}
	if attrs {
		n, err := number()
		if err != nil || n > uint64(b.left)/16 {
			return fmt.Errorf("%d attributes announced, %d bytes are left", n, b.left)
		}
		for range n {
			k, err := b.text()
			if err != nil {
				return fmt.Errorf("attributes: %w", err)
			}
			v, err := b.text()
			if err != nil {
				return fmt.Errorf("attributes: %w", err)
			}
			m.keep(&m.attrs, k, v)
		}
	}
	if m.object == "count:poisson" && b.left > 0 { // its parameter, before 1.0
		if _, err := b.text(); err != nil {
			return fmt.Errorf("parameter of the objective: %w", err)
		}
	}
	if metrics {
		n, err := number()
		if err != nil || n > uint64(b.left)/8 {
			return fmt.Errorf("%d metrics announced, %d bytes are left", n, b.left)
		}
		for range n {
			if _, err := b.text(); err != nil {
				return fmt.Errorf("metrics: %w", err)
			}
		}
	}
	if b.left > 0 {
		return fmt.Errorf("%d bytes after the model", b.left)
	}
	return nil
}
