package tensorflow

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"path"
	"regexp"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/prototext"
	"github.com/merlon-security/merlon/engine/tfgraph"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/scan"
)

//go:embed text.txt
var textSchema string

var schema = sync.OnceValues(func() (*prototext.Schema, error) { return prototext.ParseSchema(textSchema) })

// source is a file in binary form, or what its text form means.
type source struct {
	io.ReaderAt
	size int64
	kind tfgraph.Kind
	text bool
	err  error // of the text form; what comes before it can be read
}

// roots are the messages of the schema.
var roots = map[tfgraph.Kind]string{tfgraph.SavedModel: "tensorflow.SavedModel", tfgraph.MetaGraph: "tensorflow.MetaGraphDef", tfgraph.Graph: "tensorflow.GraphDef"}

func open(ctx context.Context, f scan.File) source {
	kind := byName(f.Ref())
	if kind == "" {
		kind = tfgraph.Recognise(f.Head())
	}
	if kind != "" {
		return source{ReaderAt: f, size: f.Size(), kind: kind}
	}
	kind = textKind(f.Ref(), f.Head())
	s, err := schema()
	if err != nil {
		return source{ReaderAt: f, kind: kind, err: err}
	}
	b, err := prototext.Binary(ctx, io.NewSectionReader(f, 0, f.Size()), f.Size(), s, roots[kind], prototext.Limits{})
	return source{bytes.NewReader(b), int64(len(b)), kind, true, err}
}

var (
	firstWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:\s+|#[^\n]*\n)*([a-z_]+)\s*[:{<]`) })
	// MediaPipe's graphs have nodes, too. A text cannot have a line break in quotes, so
	// nobody can hide a graph of TensorFlow by this.
	calculator = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\s*calculator\s*:`) })
)

// fields are those with which a message in text form begins.
var fields = map[string]tfgraph.Kind{
	"saved_model_schema_version": tfgraph.SavedModel, "meta_graphs": tfgraph.SavedModel,
	"meta_info_def": tfgraph.MetaGraph, "graph_def": tfgraph.MetaGraph, "saver_def": tfgraph.MetaGraph, "collection_def": tfgraph.MetaGraph,
	"signature_def": tfgraph.MetaGraph, "asset_file_def": tfgraph.MetaGraph, "object_graph_def": tfgraph.MetaGraph,
	"node": tfgraph.Graph, "versions": tfgraph.Graph, "library": tfgraph.Graph,
}

// textKind tells what a file in text form holds; "" if nothing of TensorFlow. The text
// form has no signature: its name decides whether it is one, its first field which.
func textKind(r asset.Ref, head []byte) tfgraph.Kind {
	name := path.Base(beside.Name(r))
	if name == "saved_model.pbtxt" {
		return tfgraph.SavedModel
	}
	switch path.Ext(name) {
	case ".pbtxt", ".prototxt", ".textproto", ".txtpb":
	default:
		return ""
	}
	m := firstWord().FindSubmatch(head)
	if m == nil || calculator().Match(head) {
		return ""
	}
	return fields[string(m[1])]
}
