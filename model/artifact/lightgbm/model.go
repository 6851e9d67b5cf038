package lightgbm

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// model is what a text model says (GBDT::SaveModelToString and Tree::ToString in
// LightGBM).
type model struct {
	version   string
	objective string
	classes   int64
	perRound  int64
	maxFeat   int64
	names     int64
	sizes     []int64
	trees     int64
	leaves    int64
	linear    bool
	params    [][2]string
	ended     bool
}

const (
	maxLine  = 32 << 20 // of one line: a list of a tree, or the names of features
	maxTrees = 1 << 20
	maxPairs = 1000
)

// reader hands out lines with their offsets.
type reader struct {
	r   *bufio.Reader
	off int64 // of the next line
	no  int   // of the last line, from 1
}

func (r *reader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := r.r.ReadSlice('\n')
		line = append(line, part...)
		if err == nil || errors.Is(err, io.EOF) && len(line) > 0 {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if len(line) > maxLine {
			return nil, fmt.Errorf("line %d is longer than %d bytes", r.no+1, maxLine)
		}
	}
	r.off += int64(len(line))
	r.no++
	return bytes.TrimRight(line, "\r\n"), nil
}

// read reads a whole model.
func (m *model) read(src io.Reader) error {
	r := &reader{r: bufio.NewReaderSize(src, 64<<10)}
	err := m.header(r)
	if err == nil {
		err = m.readTrees(r)
	}
	if err == nil {
		err = m.tail(r)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("near line %d: %w", r.no, err)
	}
	if err != nil {
		return errors.New("cut off: the end of the model is missing")
	}
	return nil
}

func (m *model) header(r *reader) error {
	if l, err := r.line(); err != nil || string(l) != "tree" {
		return errors.New("does not begin with the line \"tree\"")
	}
	seen := map[string]bool{}
	m.maxFeat = -1
	for {
		l, err := r.line()
		if err != nil {
			return err
		}
		k, v, ok := strings.Cut(string(l), "=")
		switch {
		case len(l) == 0:
			if !seen["max_feature_idx"] || !seen["num_class"] || !seen["version"] {
				return errors.New("the header lacks version, num_class or max_feature_idx")
			}
			return nil
		case !ok && k != "average_output" && k != "linear_tree":
			return fmt.Errorf("header line %q", cut(l))
		case seen[k]:
			return fmt.Errorf("%s is given twice", k)
		}
		seen[k] = true
		switch k {
		case "version":
			m.version = v
		case "objective":
			m.objective = v
		case "num_class":
			m.classes = number(v)
		case "num_tree_per_iteration":
			m.perRound = number(v)
		case "max_feature_idx":
			m.maxFeat = number(v)
		case "feature_names":
			m.names = int64(len(strings.Fields(v)))
		case "tree_sizes":
			fields := strings.Fields(v)
			if len(fields) > maxTrees {
				return fmt.Errorf("%d trees", len(fields))
			}
			for _, f := range fields {
				m.sizes = append(m.sizes, number(f))
			}
		}
	}
}

func cut(b []byte) string { return string(b[:min(len(b), 80)]) }

// number reads a whole number; -1 for what is none or negative.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// readTrees reads up to "end of trees".
func (m *model) readTrees(r *reader) error {
	if m.maxFeat < 0 || m.names != m.maxFeat+1 || m.classes < 1 {
		return fmt.Errorf("%d names for %d features, %d classes", m.names, m.maxFeat+1, m.classes)
	}
	next := r.off
	for {
		start := r.off
		l, err := r.line()
		if err != nil {
			return err
		}
		switch {
		case len(l) == 0:
		case string(l) == "end of trees":
			if len(m.sizes) > 0 && int64(len(m.sizes)) != m.trees {
				return fmt.Errorf("tree_sizes lists %d trees, %d are there", len(m.sizes), m.trees)
			}
			if m.perRound > 0 && m.trees%m.perRound != 0 {
				return fmt.Errorf("%d trees are no multiple of %d per iteration", m.trees, m.perRound)
			}
			return nil
		case string(l) == fmt.Sprintf("Tree=%d", m.trees):
			// LightGBM jumps by these sizes without looking.
			if len(m.sizes) > 0 {
				if m.trees >= int64(len(m.sizes)) || start != next {
					return fmt.Errorf("tree %d begins at byte %d, by tree_sizes at %d", m.trees, start, next)
				}
				next += m.sizes[m.trees]
			}
			if err := m.readTree(r); err != nil {
				return fmt.Errorf("tree %d: %w", m.trees, err)
			}
			m.trees++
		default:
			return fmt.Errorf("expected Tree=%d, found %q", m.trees, cut(l))
		}
	}
}

// tail reads the parameters, which end the model.
func (m *model) tail(r *reader) error {
	params := false
	for {
		l, err := r.line()
		if errors.Is(err, io.EOF) && m.ended {
			return nil
		}
		if err != nil {
			return err
		}
		switch s := string(l); {
		case s == "parameters:":
			params = true
		case s == "end of parameters":
			params, m.ended = false, true
		case params && strings.HasPrefix(s, "["):
			k, v, _ := strings.Cut(strings.Trim(s, "[]"), ": ")
			if len(m.params) < maxPairs {
				m.params = append(m.params, [2]string{k, v})
			}
		case strings.HasPrefix(s, "pandas_categorical:"):
			m.ended = true
		}
	}
}
