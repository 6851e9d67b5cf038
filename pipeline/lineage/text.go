package lineage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteText draws a graph as a tree for a terminal: first what was said about the asset
// and where it went, then where it comes from, step by step. quote makes text of others
// fit to print.
func (g *Graph) WriteText(out io.Writer, quote func(string) string) error {
	w := bufio.NewWriter(out)
	t := &tree{g, w, quote, map[string]bool{g.Nodes[0].ID: true}}
	root := g.Nodes[0]
	fmt.Fprintf(w, "%s  %s\n", quote(root.Name), root.Digest)
	t.children(root.ID, "")
	for _, n := range g.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", n)
	}
	for _, r := range g.Refused {
		fmt.Fprintf(w, "\nREFUSED  %s\n         %s\n", r.File, quote(r.Error))
	}
	return w.Flush()
}

type tree struct {
	g     *Graph
	w     *bufio.Writer
	quote func(string) string
	shown map[string]bool
}

type branch struct {
	label string
	node  Node
	edge  Edge
}

// labels say how a part belongs to what it hangs on.
var labels = map[string]string{"output": "made by", "input": "from", "code": "code", "source": "source", "base": "based on", "dataset": "trained on, says the card", "check": "", "deployed": "deployed"}

func (t *tree) children(id, indent string) {
	var list []branch
	for _, e := range t.g.Edges {
		switch id {
		case e.From: // checks and deployments
			if n := t.node(e.To); n.Kind != "asset" && n.Kind != "run" {
				list = append(list, branch{"", n, e})
			}
		case e.To:
			list = append(list, branch{labels[e.Kind], t.node(e.From), e})
		}
	}
	for i, b := range list {
		mark, next := "├─ ", "│  "
		if i == len(list)-1 {
			mark, next = "└─ ", "   "
		}
		n := b.node
		parts := []string{b.label, t.quote(n.Name)}
		if n.Kind == "deployment" || n.Kind == "missing" {
			parts[0] = ""
		}
		if n.Kind == "asset" && n.Digest != "" {
			parts = append(parts, shortDigest(n.Digest))
		}
		if n.Detail != "" {
			parts = append(parts, "("+t.quote(n.Detail)+")")
		}
		if len(n.By) > 0 {
			parts = append(parts, "signed by "+t.quote(strings.Join(n.By, ", ")))
		}
		again := t.shown[n.ID] && n.Kind != "missing"
		if again {
			parts = append(parts, "as above")
		}
		fmt.Fprintf(t.w, "%s%s%-8s  %s\n", indent, mark, worst(n.Status, b.edge.Status), strings.TrimSpace(strings.Join(parts, " ")))
		if !again && (n.Kind == "asset" || n.Kind == "run") {
			t.shown[n.ID] = true
			t.children(n.ID, indent+next)
		}
	}
}

// worst is how well two things are known together.
func worst(a, b Status) Status {
	for _, s := range []Status{Missing, Asserted} {
		if a == s || b == s {
			return s
		}
	}
	return Proved
}

func (t *tree) node(id string) Node {
	for _, n := range t.g.Nodes {
		if n.ID == id {
			return n
		}
	}
	return Node{}
}
