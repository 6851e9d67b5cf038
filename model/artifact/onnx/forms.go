package onnx

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/engine/prototext"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/scan"
)

// form is how a model is written down.
type form string

const (
	binaryForm form = "onnx"
	ortForm    form = "onnx-ort"  // the FlatBuffer of ONNX Runtime
	textForm   form = "onnx-text" // protocol buffers as text
	otherForm  form = ""          // the syntax of onnx.parser, or JSON
)

//go:embed text.txt
var textSchema string

var schema = sync.OnceValues(func() (*prototext.Schema, error) { return prototext.ParseSchema(textSchema) })

var (
	firstWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:\s+|#[^\n]*\n)*([a-z_]+)\s*[:{<]`) })
	operation = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(op_type|opset_import|ir_version)\b`)
	})
)

// textFields are those with which a model in text form may begin, and whether that is
// enough to know it: other messages have fields of the same names.
var textFields = map[string]bool{"ir_version": true, "opset_import": true, "producer_name": true, "producer_version": true, "model_version": true,
	"metadata_props": true, "training_info": true, "graph": false, "functions": false, "domain": false, "doc_string": false}

// textNames and otherNames are the endings by which the onnx package knows the forms
// (onnx/serialization.py).
var (
	textNames  = []string{".textproto", ".prototxt", ".pbtxt", ".txtpb"}
	otherNames = []string{".onnxtxt", ".onnxtext", ".onnxjson"}
)

// formOf tells by name and first bytes in which form a model is; false for what is no
// model.
func formOf(r asset.Ref, head []byte) (form, bool) {
	ext := strings.ToLower(path.Ext(beside.Name(r)))
	if len(head) >= 8 && string(head[4:8]) == onnx.ORT || ext == ".ort" {
		return ortForm, true
	}
	for _, name := range otherNames {
		if ext == name {
			return otherForm, true
		}
	}
	for _, name := range textNames {
		if ext != name {
			continue
		}
		if m := firstWord().FindSubmatch(head); m != nil {
			if sure, known := textFields[string(m[1])]; known && (sure || operation().Match(head)) {
				return textForm, true
			}
		}
	}
	return binaryForm, ext == ".onnx" || Recognise(head)
}

// source is a model in one of its forms.
type source struct {
	form form
	r    io.ReaderAt
	size int64
	err  error // of the text form; what comes before it can be read
}

func open(ctx context.Context, f scan.File) source {
	kind, _ := formOf(f.Ref(), f.Head())
	src := source{form: kind, r: f, size: f.Size()}
	if kind != textForm {
		return src
	}
	s, err := schema()
	if err != nil {
		src.err = err
		return src
	}
	b, err := prototext.Binary(ctx, io.NewSectionReader(f, 0, f.Size()), f.Size(), s, "onnx.ModelProto", prototext.Limits{})
	return source{kind, bytes.NewReader(b), int64(len(b)), err}
}

// read walks the model.
func (s source) read(ctx context.Context, v onnx.Visitor) (*onnx.Model, error) {
	walk := onnx.Read
	if s.form == ortForm {
		walk = onnx.ReadORT
	}
	m, err := walk(ctx, s.r, s.size, onnx.Limits{}, v)
	if s.err != nil {
		err = s.err
	}
	return m, err
}
