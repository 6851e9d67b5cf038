package lightgbm

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// tree is one tree while it is read.
type tree struct {
	leaves, cats  int64
	left, right   []int64
	feature, kind []int64
	threshold     []float64 // of categorical splits: which set
	boundaries    []int64
	lengths       map[string]int64
	linear        bool
	perLeaf       []int64
}

// readTree reads the lines of one tree up to the empty line that ends it.
func (m *model) readTree(r *reader) error {
	t := &tree{leaves: -1, lengths: map[string]int64{}}
	for {
		l, err := r.line()
		if err != nil {
			return err
		}
		if len(l) == 0 {
			if err := t.check(m.maxFeat); err != nil {
				return err
			}
			m.leaves += t.leaves
			m.linear = m.linear || t.linear
			return nil
		}
		k, v, ok := bytes.Cut(l, []byte("="))
		if !ok {
			return fmt.Errorf("line %q", cut(l))
		}
		if _, twice := t.lengths[string(k)]; twice {
			return fmt.Errorf("%s is given twice", k)
		}
		if err := t.field(string(k), v); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
}

func (t *tree) field(key string, v []byte) error {
	var err error
	n := int64(0)
	switch key {
	case "num_leaves", "num_cat", "is_linear", "shrinkage":
		x := number(string(v))
		switch key {
		case "num_leaves":
			t.leaves = x
		case "num_cat":
			t.cats = x
		case "is_linear":
			t.linear = x == 1
		}
		n = 1
	case "left_child":
		n, err = each(v, func(x float64) error { t.left = append(t.left, int64(x)); return nil })
	case "right_child":
		n, err = each(v, func(x float64) error { t.right = append(t.right, int64(x)); return nil })
	case "split_feature":
		n, err = each(v, func(x float64) error { t.feature = append(t.feature, int64(x)); return nil })
	case "decision_type":
		n, err = each(v, func(x float64) error { t.kind = append(t.kind, int64(x)); return nil })
	case "threshold":
		n, err = each(v, func(x float64) error { t.threshold = append(t.threshold, x); return nil })
	case "cat_boundaries":
		n, err = each(v, func(x float64) error { t.boundaries = append(t.boundaries, int64(x)); return nil })
	case "num_features":
		n, err = each(v, func(x float64) error { t.perLeaf = append(t.perLeaf, int64(x)); return nil })
	default:
		n, err = each(v, func(float64) error { return nil })
	}
	t.lengths[key] = n
	return err
}

// each calls f for the numbers of a list.
func each(v []byte, f func(float64) error) (n int64, err error) {
	for len(v) > 0 {
		var word []byte
		word, v, _ = bytes.Cut(v, []byte(" "))
		if len(word) == 0 {
			continue
		}
		x, err := strconv.ParseFloat(string(word), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return n, fmt.Errorf("%q is no number", cut(word))
		}
		if err := f(x); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// check compares the lists: predictions follow them without looking.
func (t *tree) check(maxFeature int64) error {
	splits := t.leaves - 1
	if t.leaves < 1 || t.leaves > math.MaxInt32 {
		return errors.New("says not how many leaves it has")
	}
	if t.lengths["leaf_value"] != t.leaves {
		return fmt.Errorf("%d values for %d leaves", t.lengths["leaf_value"], t.leaves)
	}
	if splits == 0 {
		return nil // one leaf: a constant
	}
	for _, k := range []string{"split_feature", "threshold", "left_child", "right_child"} {
		if t.lengths[k] != splits {
			return fmt.Errorf("%s has %d entries for %d splits", k, t.lengths[k], splits)
		}
	}
	for _, k := range []string{"decision_type", "split_gain", "internal_value", "internal_weight", "internal_count"} {
		if n := t.lengths[k]; n != splits && n != 0 {
			return fmt.Errorf("%s has %d entries for %d splits", k, n, splits)
		}
	}
	for i, f := range t.feature {
		if f < 0 || f > maxFeature {
			return fmt.Errorf("split %d is on feature %d, the last is %d", i, f, maxFeature)
		}
	}
	if err := t.children(splits); err != nil {
		return err
	}
	if err := t.categories(); err != nil {
		return err
	}
	return t.linearParts()
}

// children: every split but the first and every leaf is the child of exactly one
// split. Leaves count down from -1.
func (t *tree) children(splits int64) error {
	inner, leaf := make([]bool, splits), make([]bool, t.leaves)
	inner[0] = true
	for i := range splits {
		for _, c := range []int64{t.left[i], t.right[i]} {
			seen, at := inner, c
			if c < 0 {
				seen, at = leaf, -c-1
			}
			if at < 0 || at >= int64(len(seen)) {
				return fmt.Errorf("split %d has %d as a child, which is not in the tree", i, c)
			}
			if seen[at] {
				return fmt.Errorf("split %d has %d as a child, which is the child of another split, too", i, c)
			}
			seen[at] = true
		}
	}
	return nil
}

// categories: a categorical split's threshold is the number of its set of bits.
func (t *tree) categories() error {
	if t.cats < 0 || t.cats > 0 && t.lengths["cat_boundaries"] != t.cats+1 {
		return fmt.Errorf("%d boundaries for %d sets of categories", t.lengths["cat_boundaries"], t.cats)
	}
	last := int64(0)
	for i, b := range t.boundaries {
		if b < last || i == 0 && b != 0 {
			return fmt.Errorf("boundary %d of categories is %d", i, b)
		}
		last = b
	}
	if last != t.lengths["cat_threshold"] {
		return fmt.Errorf("categories of %d words, the last boundary is %d", t.lengths["cat_threshold"], last)
	}
	for i, k := range t.kind {
		if k&1 == 1 && (t.threshold[i] < 0 || t.threshold[i] >= float64(t.cats)) {
			return fmt.Errorf("split %d uses set %v of %d", i, t.threshold[i], t.cats)
		}
	}
	return nil
}

// linearParts: each leaf of a linear tree has its own features and coefficients.
func (t *tree) linearParts() error {
	if !t.linear {
		return nil
	}
	sum := int64(0)
	for _, n := range t.perLeaf {
		if n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("a leaf with %d features", n)
		}
		sum += n
	}
	if int64(len(t.perLeaf)) != t.leaves || t.lengths["leaf_const"] != t.leaves || t.lengths["leaf_features"] != sum || t.lengths["leaf_coeff"] != sum {
		return fmt.Errorf("%d leaves with %d constants, %d features and %d coefficients", t.leaves, t.lengths["leaf_const"], t.lengths["leaf_features"], t.lengths["leaf_coeff"])
	}
	return nil
}
