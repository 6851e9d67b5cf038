package mxnet

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/scan"
)

// Bounds of a graph: the largest of the model zoo has 2 MB and 60,000 values.
const (
	maxSymbol = 64 << 20
	maxValues = 4_000_000
)

// node is one operator of a graph or of a graph inside it.
type node struct {
	op    string
	attrs map[string]string
	at    int64
}

// broken is a reference to nothing.
type broken struct {
	what string
	at   int
}

// graph is what a symbol holds.
type graph struct {
	nodes   []node
	bad     []broken
	twice   []strictjson.Duplicate
	version string // of MXNet, as claimed
}

// readGraph reads a graph. is tells whether the document is one: an object with
// nodes, arguments and heads.
func readGraph(f scan.File) (g *graph, is bool, err error) {
	g = &graph{}
	if f.Size() > maxSymbol {
		return g, true, fmt.Errorf("MXNet graph of %d bytes, at most %d are read", f.Size(), maxSymbol)
	}
	doc, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return g, true, err
	}
	v, twice, err := strictjson.Parse(doc, strictjson.Options{Depth: 64}, maxValues)
	g.twice = twice
	is = v.Get("nodes") != nil && (err != nil || v.Get("arg_nodes") != nil && v.Get("heads") != nil)
	if is && err != nil { // cut off: only if it began as a graph does
		first := v.Get("nodes")
		is = len(first.Items) > 0 && first.Items[0].Get("op") != nil && first.Items[0].Get("name") != nil
	}
	g.graph(&v)
	if n := v.Get("attrs").Get("mxnet_version"); n != nil && len(n.Items) == 2 {
		if x, e := strconv.Atoi(n.Items[1].Text); e == nil {
			g.version = fmt.Sprintf("%d.%d.%d", x/10000, x/100%100, x%100)
		}
	}
	switch {
	case err != nil:
		g.bad = nil // what is missing is behind the break
		err = fmt.Errorf("MXNet graph: %w", err)
	case !is:
		err = errors.New("MXNet graph: nodes, arg_nodes or heads are missing")
	}
	return g, is, err
}

// graph walks the nodes of a graph and of the graphs in them: bodies of loops and
// branches. How deep they nest is bounded by the parser.
func (g *graph) graph(v *strictjson.Value) {
	nodes := v.Get("nodes")
	if nodes == nil {
		return
	}
	for i := range nodes.Items {
		n := &nodes.Items[i]
		x := node{op: n.Get("op").String(), attrs: map[string]string{}, at: int64(n.Offset)}
		for _, key := range []string{"attrs", "attr", "param"} { // 1.0, before, and long before
			if a := n.Get(key); a != nil {
				for _, m := range a.Members {
					x.attrs[m.Key] = m.Value.Text
				}
			}
		}
		if x.op == "" {
			g.wrong(n, "Node %d has no operator.", i)
		}
		g.nodes = append(g.nodes, x)
		g.references(n.Get("inputs"), i, i)
		g.references(n.Get("control_deps"), i, i)
		if subs := n.Get("subgraphs"); subs != nil {
			for k := range subs.Items {
				g.graph(&subs.Items[k])
			}
		}
	}
	g.references(v.Get("arg_nodes"), len(nodes.Items), -1)
	g.references(v.Get("heads"), len(nodes.Items), -1)
}

// references checks that every entry, a number or a list that begins with one, is
// below the limit: a node depends on earlier nodes only.
func (g *graph) references(list *strictjson.Value, limit, of int) {
	if list == nil {
		return
	}
	for i := range list.Items {
		e := &list.Items[i]
		if len(e.Items) > 0 {
			e = &e.Items[0]
		}
		if n, err := strconv.ParseInt(e.Text, 10, 64); e.Kind != strictjson.Number || err != nil || n < 0 || n >= int64(limit) {
			if of >= 0 {
				g.wrong(e, "Node %d takes its input from node %.20s, which does not come before it.", of, e.Text)
			} else {
				g.wrong(e, "The graph refers to node %.20s of %d.", e.Text, limit)
			}
		}
	}
}

func (g *graph) wrong(v *strictjson.Value, format string, args ...any) {
	if len(g.bad) < 1000 {
		g.bad = append(g.bad, broken{fmt.Sprintf(format, args...), v.Offset})
	}
}
