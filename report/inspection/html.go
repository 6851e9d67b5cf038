package inspection

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/text"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

func itoa(n int) string { return strconv.Itoa(n) }

// node is a part of the tree as the page shows it.
type node struct {
	Name, Info string
	Share      float64 // percent of its parent's bytes
	Children   []node
	More       int
}

const (
	maxChildren = 400
	maxNodes    = 20_000
)

// nodes copies the tree, within bounds that a browser bears.
func nodes(b *branch, parent int64, left *int) node {
	n := node{Name: text.Visible(b.name), Info: Size(b.bytes)}
	if parent > 0 {
		n.Share = 100 * float64(b.bytes) / float64(parent)
	}
	if b.leaf != nil {
		n.Info += ", " + text.Visible(b.leaf.DType) + " " + shape(b.leaf.Shape)
	} else {
		n.Info += ", " + itoa(b.tensors) + " tensors"
	}
	for i, c := range b.children {
		if *left--; *left < 0 || i >= maxChildren {
			n.More = len(b.children) - i
			break
		}
		n.Children = append(n.Children, nodes(c, b.bytes, left))
	}
	return n
}

type row struct{ Label, Value, From string }

type page struct {
	Name, Head       string
	Proved, Claimed  []row
	Files            []row
	Boxes            []box
	Rows             int
	Tree             *node
	Root, Tool, Path string
}

func writeHTML(w io.Writer, x *asset.Inspection, o Options) error {
	p := page{Name: text.Visible(x.Name), Head: text.Visible(x.Format), Root: x.Root, Tool: "merlon " + o.Version, Path: text.Visible(x.Path), Rows: rows}
	if p.Head == "" {
		p.Head = "no format that merlon knows"
	}
	p.Head += ", " + itoa(len(x.Files)) + " files, " + Size(total(x))
	short, lists := groups(x.Facts)
	for _, g := range append(short, lists...) {
		for i, f := range g.facts {
			if long(g.kind) && i == 40 {
				p.Claimed = append(p.Claimed, row{label(g.kind), "and " + itoa(len(g.facts)-i) + " more", ""})
				break
			}
			r := row{label(g.kind), text.Visible(value(f)), text.Visible(f.At.String())}
			if f.Proved {
				p.Proved = append(p.Proved, r)
			} else {
				p.Claimed = append(p.Claimed, r)
			}
		}
	}
	for _, f := range x.Files {
		what := f.Format
		if n := len(f.Tensors) + f.Omitted; n > 0 {
			what += ", " + itoa(n) + " tensors"
		}
		if f.Err != "" {
			what += " (not readable to its end: " + f.Err + ")"
		}
		p.Files = append(p.Files, row{text.Visible(f.Path), Size(f.Size), text.Visible(what)})
		if len(p.Files) == 2000 {
			break
		}
	}
	if b := grow(x); b.tensors > 0 {
		for _, c := range boxes(b) {
			c.Label, c.Title = text.Visible(c.Label), text.Visible(c.Title)
			p.Boxes = append(p.Boxes, c)
		}
		left := maxNodes
		n := nodes(b, 0, &left)
		p.Tree = &n
	}
	out := bufio.NewWriter(w)
	if err := pageTemplate().Execute(out, p); err != nil {
		return err
	}
	return out.Flush()
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	sum := sha256.Sum256([]byte(pageStyle))
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(pageStyle) },
		"policy": func() string {
			return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
		},
		"times": func(a, b int) int { return a * b },
		"plus":  func(a float64, b float64) float64 { return a + b },
	}).Parse(pageText))
})
