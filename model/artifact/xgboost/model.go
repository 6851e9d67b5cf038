package xgboost

import (
	"errors"
	"fmt"
	"strconv"
)

// model is what all three formats say.
type model struct {
	format   string // "xgboost-json", "xgboost-ubj", "xgboost-binary"
	version  string
	booster  string // "gbtree", "dart", "gblinear"
	object   string // "binary:logistic"
	features int64
	classes  int64
	trees    int64 // as announced
	read     int64 // trees that were read
	nodes    int64
	weights  int64 // of a linear model, or of dropped trees
	names    []string
	attrs    [][2]string
	params   [][2]string // "objective.name" and so on, the first maxPairs
	dups     int
}

const (
	maxPairs = 1000
	maxNodes = 1 << 22 // of one tree
)

// tree is one tree while it is read.
type tree struct {
	left, right, parent []int32
	split               []int64 // lengths of the arrays that go with the nodes
	kinds               []string
	maxSplit            int64
	nodes, features     int64
	leaf                int64 // size_leaf_vector
}

// check compares the parts of a tree: predictions follow the children without
// looking whether they exist.
func (t *tree) check(m *model) error {
	n := int64(len(t.left))
	switch {
	case t.nodes < 1 || t.nodes != n:
		return fmt.Errorf("tree %d says it has %d nodes, its list has %d", m.read, t.nodes, n)
	case int64(len(t.right)) != n || int64(len(t.parent)) != n:
		return fmt.Errorf("tree %d: lists of %d, %d and %d children and parents", m.read, n, len(t.right), len(t.parent))
	case t.features > m.features && m.features > 0 || t.maxSplit >= max(t.features, m.features, 1):
		return fmt.Errorf("tree %d: splits on feature %d of %d", m.read, t.maxSplit, max(t.features, m.features))
	}
	for i, k := range t.split {
		if k != n && !(t.kinds[i] == "base_weights" && t.leaf > 1 && k == n*t.leaf) {
			return fmt.Errorf("tree %d: %s has %d entries for %d nodes", m.read, t.kinds[i], k, n)
		}
	}
	// Every node but the root is the child of exactly one other: no circles, and
	// nothing that is not there.
	seen := make([]bool, n)
	seen[0] = true
	for i := range t.left {
		l, r := t.left[i], t.right[i]
		if l == -1 && r == -1 {
			continue
		}
		for _, c := range []int32{l, r} {
			if c < 0 || int64(c) >= n || seen[c] {
				return fmt.Errorf("tree %d: node %d has %d as a child, which is %s", m.read, i, c, missing(c, n))
			}
			seen[c] = true
		}
	}
	m.read++
	m.nodes += n
	return nil
}

func missing(c int32, n int64) string {
	if c < 0 || int64(c) >= n {
		return "not in the tree"
	}
	return "the child of another node, too"
}

// check compares the parts of the model.
func (m *model) check() error {
	switch m.booster {
	case "gbtree", "dart":
		if m.read != m.trees {
			return fmt.Errorf("says it has %d trees, %d are there", m.trees, m.read)
		}
	case "gblinear":
		if want := (m.features + 1) * max(m.classes, 1); m.features > 0 && m.weights != want {
			return fmt.Errorf("%d weights for %d features and %d outputs, want %d", m.weights, m.features, max(m.classes, 1), want)
		}
	case "":
		return errors.New("names no booster")
	default:
		return fmt.Errorf("booster %q is not known to XGBoost", m.booster)
	}
	switch {
	case m.object == "":
		return errors.New("names no objective")
	case m.dups > 0:
		return errors.New("keys are given twice: readers differ in which one counts")
	case len(m.names) > 0 && m.features > 0 && int64(len(m.names)) != min(m.features, maxPairs):
		return fmt.Errorf("%d names for %d features", len(m.names), m.features)
	}
	return nil
}

// count reads a number that XGBoost writes as text.
func count(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
