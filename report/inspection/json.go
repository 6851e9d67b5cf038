package inspection

import (
	_ "embed"
	"encoding/json"
	"io"

	"github.com/merlon-security/merlon/asset"
)

// Schema is the JSON Schema of the documents that [Write] makes.
//
//go:embed schema.json
var Schema string

type document struct {
	SchemaVersion string   `json:"schema_version"`
	Tool          tool     `json:"tool"`
	Name          string   `json:"name"`
	Path          string   `json:"path"`
	Kind          string   `json:"kind"`
	Format        string   `json:"format"`
	Bytes         int64    `json:"bytes"`
	Root          string   `json:"root,omitempty"`
	Facts         []fact   `json:"facts"`
	Files         []member `json:"files"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type fact struct {
	Kind   string `json:"kind"`
	Value  any    `json:"value"`
	Proved bool   `json:"proved"`
	Path   string `json:"path"`
}

type member struct {
	Path        string         `json:"path"`
	Bytes       int64          `json:"bytes"`
	SHA256      string         `json:"sha256,omitempty"`
	Format      string         `json:"format,omitempty"`
	Version     string         `json:"version,omitempty"`
	Index       bool           `json:"index,omitempty"`
	TensorCount int            `json:"tensor_count"`
	Tensors     []asset.Tensor `json:"tensors,omitempty"`
	Facts       []fact         `json:"facts,omitempty"`
	Error       string         `json:"error,omitempty"`
}

func facts(list []asset.Fact) []fact {
	out := make([]fact, 0, len(list))
	for _, f := range list {
		out = append(out, fact{f.Kind, f.Value, f.Proved, f.At.String()})
	}
	return out
}

func writeJSON(w io.Writer, x *asset.Inspection, o Options) error {
	d := document{SchemaVersion: "1", Tool: tool{"merlon", o.Version}, Name: x.Name, Path: x.Path, Kind: x.Kind, Format: x.Format,
		Bytes: total(x), Facts: facts(x.Facts), Files: []member{}}
	if x.Root != "" {
		d.Root = "sha256:" + x.Root
	}
	for _, f := range x.Files {
		m := member{Path: f.Path, Bytes: f.Size, SHA256: f.SHA256, Format: f.Format, Version: f.Version, Index: f.Index,
			TensorCount: len(f.Tensors) + f.Omitted, Facts: facts(f.Facts), Error: f.Err}
		if o.Tensors {
			for _, t := range f.Tensors {
				if t.Shape == nil {
					t.Shape = []int64{}
				}
				m.Tensors = append(m.Tensors, t)
			}
		}
		d.Files = append(d.Files, m)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(d)
}
