package xgboost

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/engine/ubjson"
)

// document is a JSON or UBJSON parser; the model is the same in both
// (doc/model.schema in XGBoost).
type document interface {
	isObject() bool
	isArray() bool
	isText() bool
	isNumber() bool
	Object(func(key []byte, at int) error) error
	Array(func(i int) error) error
	Text() (string, error)
	number() (float64, error)
	Skip() error
}

// parser is a [strictjson.Parser] or a [strictjson.Stream].
type parser interface {
	Kind() strictjson.Kind
	Object(func(key []byte, at int) error) error
	Array(func(i int) error) error
	Text() (string, error)
	Number() (string, error)
	Skip() error
}

type jsonDocument struct{ parser }

func (d jsonDocument) isObject() bool { return d.Kind() == strictjson.Object }
func (d jsonDocument) isArray() bool  { return d.Kind() == strictjson.Array }
func (d jsonDocument) isText() bool   { return d.Kind() == strictjson.String }
func (d jsonDocument) isNumber() bool { return d.Kind() == strictjson.Number }
func (d jsonDocument) number() (float64, error) {
	s, err := d.Number()
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(s, 64)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // as readers of floats do: infinity
	}
	return f, err
}

type ubjDocument struct{ *ubjson.Parser }

func (d ubjDocument) isObject() bool           { return d.Kind() == ubjson.Object }
func (d ubjDocument) isArray() bool            { return d.Kind() == ubjson.Array }
func (d ubjDocument) isText() bool             { return d.Kind() == ubjson.String }
func (d ubjDocument) isNumber() bool           { return d.Kind() == ubjson.Number }
func (d ubjDocument) number() (float64, error) { return d.Number() }

var errShape = errors.New("not the layout of an XGBoost model")

// readDocument reads a whole model.
func (m *model) readDocument(d document) error {
	if !d.isObject() {
		return fmt.Errorf("does not begin with an object: %w", errShape)
	}
	learner := false
	err := d.Object(func(k []byte, _ int) error {
		switch string(k) {
		case "version":
			return m.readVersion(d)
		case "learner":
			learner = true
			return m.readLearner(d)
		}
		return nil
	})
	if err == nil && !learner {
		err = fmt.Errorf("has no learner: %w", errShape)
	}
	return err
}

func (m *model) readVersion(d document) error {
	if !d.isArray() {
		return fmt.Errorf("version: %w", errShape)
	}
	var parts []string
	err := d.Array(func(i int) error {
		if i >= 3 {
			return fmt.Errorf("version: %w", errShape)
		}
		n, err := d.number()
		parts = append(parts, strconv.FormatFloat(n, 'f', -1, 64))
		return err
	})
	m.version = strings.Join(parts, ".")
	return err
}

func (m *model) readLearner(d document) error {
	// Trees are compared with the number of features, which comes after them.
	return d.Object(func(k []byte, _ int) error {
		switch string(k) {
		case "attributes":
			return m.pairs(d, &m.attrs, "")
		case "feature_names":
			return d.Array(func(i int) error {
				s, err := d.Text()
				if i < maxPairs {
					m.names = append(m.names, s)
				}
				return err
			})
		case "gradient_booster":
			return m.readBooster(d)
		case "learner_model_param":
			return d.Object(func(k []byte, _ int) error {
				if !d.isText() {
					return nil
				}
				s, err := d.Text()
				m.keep(&m.params, "learner."+string(k), s)
				switch string(k) {
				case "num_feature":
					m.features = count(s)
				case "num_class":
					m.classes = max(count(s), m.classes)
				case "num_target":
					if n := count(s); n > 1 {
						m.classes = max(n, m.classes)
					}
				}
				return err
			})
		case "objective":
			return d.Object(func(k []byte, _ int) error {
				if string(k) == "name" && d.isText() {
					s, err := d.Text()
					m.object = s
					return err
				}
				return nil
			})
		}
		return nil
	})
}

func (m *model) keep(list *[][2]string, k, v string) {
	if len(*list) < maxPairs {
		*list = append(*list, [2]string{k, v})
	}
}

func (m *model) pairs(d document, list *[][2]string, prefix string) error {
	return d.Object(func(k []byte, _ int) error {
		if !d.isText() {
			return nil
		}
		s, err := d.Text()
		m.keep(list, prefix+string(k), s)
		return err
	})
}

func (m *model) readBooster(d document) error {
	return d.Object(func(k []byte, _ int) error {
		switch {
		case string(k) == "name" && d.isText():
			s, err := d.Text()
			m.booster = s
			return err
		case string(k) == "model" && d.isObject():
			return m.readModel(d)
		case string(k) == "gbtree" && d.isObject(): // dart keeps a gbtree inside
			err := m.readBooster(d)
			m.booster = "dart"
			return err
		}
		return nil
	})
}

func (m *model) readModel(d document) error {
	return d.Object(func(k []byte, _ int) error {
		switch {
		case string(k) == "gbtree_model_param" && d.isObject():
			return d.Object(func(k []byte, _ int) error {
				if string(k) != "num_trees" || !d.isText() {
					return nil
				}
				s, err := d.Text()
				m.trees = count(s)
				return err
			})
		case string(k) == "trees" && d.isArray():
			return d.Array(func(int) error { return m.readTree(d) })
		case string(k) == "weights" && d.isArray():
			return d.Array(func(int) error {
				m.weights++
				_, err := d.number()
				return err
			})
		}
		return nil
	})
}

func (m *model) readTree(d document) error {
	if !d.isObject() {
		return fmt.Errorf("a tree is no object: %w", errShape)
	}
	t := tree{maxSplit: -1}
	err := d.Object(func(k []byte, _ int) error {
		switch string(k) {
		case "left_children":
			return ints(d, &t.left)
		case "right_children":
			return ints(d, &t.right)
		case "parents":
			return ints(d, &t.parent)
		case "base_weights", "loss_changes", "sum_hessian", "split_conditions", "split_indices", "default_left", "split_type":
			if !d.isArray() {
				return fmt.Errorf("%s is no list: %w", k, errShape)
			}
			n := int64(0)
			err := d.Array(func(int) error {
				n++
				if string(k) != "split_indices" {
					return nil
				}
				f, err := d.number()
				if f != f || f < 0 {
					f = math.MaxInt32
				}
				t.maxSplit = max(t.maxSplit, int64(f))
				return err
			})
			t.split, t.kinds = append(t.split, n), append(t.kinds, string(k))
			return err
		case "tree_param":
			return d.Object(func(k []byte, _ int) error {
				if !d.isText() {
					return nil
				}
				s, err := d.Text()
				switch string(k) {
				case "num_nodes":
					t.nodes = count(s)
				case "num_feature":
					t.features = count(s)
				case "size_leaf_vector":
					t.leaf = count(s)
				}
				return err
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.check(m)
}

func ints(d document, into *[]int32) error {
	if !d.isArray() {
		return fmt.Errorf("children are no list: %w", errShape)
	}
	return d.Array(func(int) error {
		f, err := d.number()
		if err != nil {
			return err
		}
		if f != math.Trunc(f) || f < -1 || f > math.MaxInt32 {
			return fmt.Errorf("child or parent %v: %w", f, errShape)
		}
		if len(*into) >= maxNodes {
			return fmt.Errorf("tree of more than %d nodes: %w", maxNodes, errShape)
		}
		*into = append(*into, int32(f))
		return nil
	})
}
