package tensorflow

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/tfgraph"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
)

func (j *judge) node(n *tfgraph.Node) {
	_, acts := effects[n.Op]
	_, reads := readers[n.Op]
	_, saves := checkpoints[n.Op]
	switch {
	case n.Op == "Const":
		if n.Tensor != nil && len(n.Texts) > 0 && len(j.consts) < maxConsts {
			j.consts[n.Name] = n.Texts[0]
		}
		j.constant(n)
	case (n.Op == "Identity" || n.Op == "StringJoin" || n.Op == "PlaceholderWithDefault") && len(n.Inputs) > 0:
		if len(j.same) < maxConsts {
			j.same[n.Name] = n.Inputs[0]
		}
	case acts || reads || saves:
		// The constants that such a node uses may come after it.
		if len(j.pending) < maxConsts {
			j.pending = append(j.pending, *n)
		} else {
			j.full = fmt.Errorf("TensorFlow %s: more than %d operations on files in one function", j.kind, maxConsts)
		}
	case talker(n.Op):
		for _, s := range n.Texts {
			if address(s) {
				j.report(asset.Malicious, ruleSystem, n.Op+" "+s, n.Offset, "%s sends what it sees to %q.", label(n), verdict.Show(s))
			}
		}
	}
	if known()[n.Op] {
		return
	}
	if u := j.ops[n.Op]; u != nil {
		u.count++
		return
	}
	if len(j.ops) == maxOperations {
		j.full = fmt.Errorf("TensorFlow %s: more than %d different operations", j.kind, maxOperations)
		return
	}
	j.ops[n.Op] = &use{node: *n, count: 1}
	j.order = append(j.order, n.Op)
}

// label names a node in a message.
func label(n *tfgraph.Node) string {
	s := fmt.Sprintf("Operation %s %q", verdict.Show(n.Op), verdict.Show(n.Name))
	if n.Function != "" {
		s += fmt.Sprintf(" of function %q", verdict.Show(n.Function))
	}
	return s
}

// scope ends a graph or function: what its nodes name is known now.
func (j *judge) scope() {
	for i := range j.pending {
		n := &j.pending[i]
		if e, ok := effects[n.Op]; ok {
			name, found := j.input(n, e.path)
			on := ""
			if found {
				on = ": " + strconv.Quote(verdict.Show(name))
			}
			v, x := asset.Malicious, finding.Finding{Rule: e.rule, Key: n.Op + on, Message: fmt.Sprintf("%s %s%s.", label(n), e.does, on),
				Locations: j.at(n.Offset)}
			if found {
				x.Attrs = map[string]any{"path": verdict.Show(name)}
			}
			j.Report(v, x)
		}
		if in, ok := readers[n.Op]; ok {
			name, _ := j.input(n, in)
			if (n.Op == "CacheDataset" || n.Op == "CacheDatasetV2") && name == "" {
				continue // in memory
			}
			j.report(asset.Unverified, ruleReader, n.Op, n.Offset, "%s reads files %s.", label(n), orCaller(name))
		}
		if in, ok := checkpoints[n.Op]; ok {
			if name, found := j.input(n, in); found && beside.Shape(name).Leaves() {
				j.report(asset.Malicious, rulePath, n.Op+" "+name, n.Offset, "%s uses the checkpoint %q.", label(n), verdict.Show(name))
			}
		}
	}
	j.consts, j.same, j.pending = map[string]string{}, map[string]string{}, nil
}

func orCaller(name string) string {
	if name == "" {
		return "that its caller names"
	}
	return strconv.Quote(verdict.Show(name))
}

// input returns the text constant that an input of a node is, if it is one.
func (j *judge) input(n *tfgraph.Node, i int) (string, bool) {
	if i < 0 || i >= len(n.Inputs) {
		return "", false
	}
	name := n.Inputs[i]
	for range 8 { // through operations that pass it on
		name, _, _ = strings.Cut(strings.TrimPrefix(name, "^"), ":")
		if s, ok := j.consts[name]; ok {
			return s, true
		}
		next, ok := j.same[name]
		if !ok {
			break
		}
		name = next
	}
	return "", false
}

// constant checks the data of a constant against its shape.
func (j *judge) constant(n *tfgraph.Node) {
	if n.Tensor == nil {
		return
	}
	name := "constant " + strconv.Quote(verdict.Show(n.Name))
	if err := n.Tensor.Check(); err != nil {
		j.report(asset.Failed, ruleSize, name, n.Offset, "%s: %v.", name, err)
		j.Failf("TensorFlow %s: %s: %w", j.kind, name, err)
		return
	}
	if need, _ := tfgraph.Bytes(n.Tensor.DType, n.Tensor.Shape); need > 1<<32 && need/1000 > n.Tensor.Stored {
		j.report(asset.Unverified, ruleExpand, name, n.Offset, "%s of shape %v takes %d bytes of memory, %d are stored.", name, n.Tensor.Shape, need, n.Tensor.Stored)
	}
}
