package lineage

import (
	"html/template"
	"io"
	"slices"
	"sync"
)

// The measures of the drawing, in pixels.
const (
	boxWidth, boxHeight = 230, 46
	gapX, gapY          = 70, 14
	maxName             = 30 // characters of a name in a box
)

type box struct {
	Node
	X, Y   int
	Short  string
	Middle int
}

type line struct {
	X1, Y1, X2, Y2, C1, C2 int
	Status                 Status
	Kind                   string
}

// WriteHTML draws a graph as a page of its own with a picture in SVG, without scripts
// and without anything from elsewhere. Time runs from left to right.
func (g *Graph) WriteHTML(out io.Writer) error {
	layer := g.layers()
	rows := map[int]int{}
	at := map[string]box{}
	var boxes []box
	width, height := 0, 0
	for _, n := range g.Nodes {
		l := layer[n.ID]
		b := box{Node: n, X: l*(boxWidth+gapX) + 10, Y: rows[l]*(boxHeight+gapY) + 10, Short: n.Name}
		if r := []rune(n.Name); len(r) > maxName {
			b.Short = string(r[:maxName-1]) + "…"
		}
		b.Middle = b.Y + boxHeight/2
		rows[l]++
		at[n.ID] = b
		boxes = append(boxes, b)
		width, height = max(width, b.X+boxWidth+10), max(height, b.Y+boxHeight+10)
	}
	var lines []line
	for _, e := range g.Edges {
		a, b := at[e.From], at[e.To]
		x1, x2 := a.X+boxWidth, b.X
		lines = append(lines, line{x1, a.Middle, x2, b.Middle, (x1 + x2) / 2, (x1 + x2) / 2, worst(e.Status, at[e.To].Status), e.Kind})
	}
	return page().Execute(out, map[string]any{
		"Title": g.Nodes[0].Name, "Digest": g.Nodes[0].Digest, "Boxes": boxes, "Lines": lines, "Width": width, "Height": height,
		"BoxWidth": boxWidth, "BoxHeight": boxHeight, "Notes": g.Notes, "Refused": g.Refused,
	})
}

// layers orders nodes so that every edge leads to the right, but for those that close
// a circle.
func (g *Graph) layers() map[string]int {
	edges := g.forward()
	layer := map[string]int{}
	for changed := true; changed; { // ends: there is no circle
		changed = false
		for _, e := range edges {
			if l := layer[e.From] + 1; l > layer[e.To] {
				layer[e.To], changed = l, true
			}
		}
	}
	// what leads nowhere else stands right before what it leads to
	for _, n := range slices.Backward(g.Nodes) {
		next := -1
		for _, e := range edges {
			if e.From == n.ID && (next < 0 || layer[e.To] < next) {
				next = layer[e.To]
			}
		}
		if next > 0 && layer[n.ID] < next-1 {
			layer[n.ID] = next - 1
		}
	}
	return layer
}

// forward returns the edges without those that close a circle.
func (g *Graph) forward() []Edge {
	out := map[string][]Edge{}
	for _, e := range g.Edges {
		out[e.From] = append(out[e.From], e)
	}
	var list []Edge
	const begun, done = 1, 2
	state := map[string]int{}
	var visit func(id string)
	visit = func(id string) {
		state[id] = begun
		for _, e := range out[id] {
			if state[e.To] == begun {
				continue
			}
			list = append(list, e)
			if state[e.To] == 0 {
				visit(e.To)
			}
		}
		state[id] = done
	}
	for _, n := range g.Nodes {
		if state[n.ID] == 0 {
			visit(n.ID)
		}
	}
	return list
}

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("lineage").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Lineage of {{.Title}}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff }
h1 { font-size: 1.4rem; margin: 0 } code { font-size: .85em }
figure { margin: 1rem 0; overflow-x: auto }
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td:nth-child(-n+2) { white-space: nowrap }
rect { fill: #fff; stroke-width: 2 } text { font: 13px system-ui, sans-serif; fill: #1b1f24 } text.detail { font-size: 11px; fill: #57606a }
path { fill: none; stroke-width: 2 }
.proved { stroke: #1a7f37 } .asserted { stroke: #9a6700; stroke-dasharray: 6 4 } .missing { stroke: #cf222e; stroke-dasharray: 2 4 }
b.proved { color: #1a7f37 } b.asserted { color: #9a6700 } b.missing { color: #cf222e }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } rect { fill: #161b22 } text { fill: #e6edf3 } text.detail { fill: #9198a1 } }
</style>
</head>
<body>
<h1>Lineage of {{.Title}}</h1>
<p><code>{{.Digest}}</code></p>
<p><b class="proved">proved</b>: a trusted key signed what a program observed. <b class="asserted">asserted</b> (dashed): somebody says so. <b class="missing">missing</b> (dotted): nobody does.</p>
<figure>
<svg width="{{.Width}}" height="{{.Height}}" viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-label="Lineage of {{.Title}}; the table below says the same">
{{- range .Lines}}
<path class="{{.Status}}" d="M{{.X1}} {{.Y1}} C{{.C1}} {{.Y1}} {{.C2}} {{.Y2}} {{.X2}} {{.Y2}}"><title>{{.Kind}}</title></path>
{{- end}}
{{- range .Boxes}}
<g><title>{{.Name}}{{with .Digest}} {{.}}{{end}}: {{.Status}}{{with .Detail}}, {{.}}{{end}}</title>
<rect class="{{.Status}}" x="{{.X}}" y="{{.Y}}" width="{{$.BoxWidth}}" height="{{$.BoxHeight}}" rx="6"/>
<text x="{{.X}}" y="{{.Y}}" dx="10" dy="19">{{.Short}}</text><text class="detail" x="{{.X}}" y="{{.Y}}" dx="10" dy="36">{{.Kind}}, {{.Status}}</text></g>
{{- end}}
</svg>
</figure>
<table>
<tr><th>Status</th><th>What</th><th>Name</th><th>Detail</th><th>Signed by</th></tr>
{{- range .Boxes}}
<tr><td><b class="{{.Status}}">{{.Status}}</b></td><td>{{.Kind}}</td><td>{{.Name}}{{with .Digest}}<br><code>{{.}}</code>{{end}}</td><td>{{.Detail}}</td><td>{{range $i, $b := .By}}{{if $i}}, {{end}}{{$b}}{{end}}</td></tr>
{{- end}}
</table>
{{- range .Notes}}
<p>Note: {{.}}</p>
{{- end}}
{{- range .Refused}}
<p><b class="missing">Refused</b>: <code>{{.File}}</code>: {{.Error}}</p>
{{- end}}
</body>
</html>
`))
})
