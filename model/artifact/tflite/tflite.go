// Package tflite scans TensorFlow Lite models (.tflite), which are FlatBuffers of
// tensorflow/lite/schema/schema.fbs, version 3: every operator of every subgraph,
// every tensor with its buffer.
//
// Verdicts: ok for built-in operators on tensors that are as large as declared;
// unverified for custom operators and delegates; malicious for operations of the Flex
// delegate that reach files, the network or Python.
package tflite

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/flatbuf"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

//go:embed operators.txt
var operatorList string

// operators are the names of the built-in operators by number.
var operators = sync.OnceValue(func() map[int32]string {
	m := make(map[int32]string, 256)
	for line := range strings.Lines(operatorList) {
		number, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(number); ok && err == nil {
			m[int32(n)] = name
		}
	}
	return m
})

// Numbers of built-in operators that need a look.
const (
	opCustom   = 32
	opDelegate = 51
	// StableHLO's custom_call names code by a string, like a custom operator.
	opStableHLOCustomCall = 173
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("tflite", "1", rules(), interest())
}

const identifier = "TFL3"

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".tflite"}, Magics: scan.At(4, identifier)}
}

// Wants takes files with the identifier of the format, whatever they are called.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(len(fi.Head) >= 8 && string(fi.Head[4:8]) == identifier || strings.HasSuffix(strings.ToLower(fi.Ref.Name()), ".tflite"))
}

// maxGraphs bounds the subgraphs of which calls are kept.
const maxGraphs = 100_000

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	ctx     context.Context
	file    scan.File
	b       *flatbuf.Buffer
	codes   flatbuf.Vector
	graphs  flatbuf.Vector
	buffers flatbuf.Vector
	calls   map[int32][]int32 // subgraphs by the subgraph that calls them
	seen    map[string]bool
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	j := &judge{File: verdict.Of(s, f, "tflite"), ctx: ctx, file: f, b: flatbuf.New(f, f.Size()), calls: map[int32][]int32{}, seen: map[string]bool{}}
	defer j.Close()
	m := j.b.Root(identifier)
	j.codes, j.graphs, j.buffers = m.Vector(1, 4), m.Vector(2, 4), m.Vector(4, 4)
	if j.b.Err() == nil && j.graphs.Len == 0 {
		return errors.New("TensorFlow Lite model: there is no graph in it")
	}
	if m.Fields() > 8 {
		j.report(asset.OK, ruleNewer, "model", m.At, "The model has a field that is not known, number %d.", m.Fields()-1)
	}
	for i := range j.graphs.Len {
		if err := j.graph(int32(i)); err != nil {
			return err
		}
		if j.b.Err() != nil {
			break
		}
	}
	for i := range j.buffers.Len {
		j.buffer(i)
		if j.b.Err() != nil {
			break
		}
	}
	j.metadata(m)
	j.recursion()
	if err := j.b.Err(); err != nil {
		return fmt.Errorf("TensorFlow Lite model: %w", err)
	}
	return nil
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...),
		Locations: []finding.Location{finding.AtOffset(j.file.Ref(), off)}})
}

// broken reports what an interpreter would trip over.
func (j *judge) broken(rule, key string, off int64, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	j.report(asset.Failed, rule, key, off, "%s.", text)
	j.Failf("TensorFlow Lite model: %s", text)
}

func (j *judge) graph(i int32) error {
	g := j.graphs.Table(int(i))
	tensors, ops := g.Vector(0, 4), g.Vector(3, 4)
	for k := range tensors.Len {
		if k&0xfff == 0 && j.ctx.Err() != nil {
			return j.ctx.Err()
		}
		j.tensor(tensors.Table(k), k, i)
		if j.b.Err() != nil {
			return nil
		}
	}
	for k := range ops.Len {
		if k&0xfff == 0 && j.ctx.Err() != nil {
			return j.ctx.Err()
		}
		j.operator(ops.Table(k), k, i, tensors.Len)
		if j.b.Err() != nil {
			return nil
		}
	}
	for _, field := range []int{1, 2} {
		j.indices(g.Vector(field, 4), tensors.Len, fmt.Sprintf("subgraph %d", i))
	}
	return nil
}

// indices checks a list of tensors; -1 stands for none.
func (j *judge) indices(v flatbuf.Vector, n int, who string) {
	for k := range v.Len {
		if x := v.I32(k); x < -1 || int(x) >= n {
			j.broken(ruleIndex, who, v.At+4*int64(k), "%s refers to tensor %d of %d", who, x, n)
			return
		}
		if j.b.Err() != nil {
			return
		}
	}
}

// buffer checks the place of data that lie behind the FlatBuffer.
func (j *judge) buffer(i int) {
	t := j.buffers.Table(i)
	t.Vector(0, 1) // within the file, or an error
	if off, n := t.U64(1), t.U64(2); off > 1 && (off > uint64(j.b.Size()) || n > uint64(j.b.Size())-off) {
		j.broken(ruleIndex, fmt.Sprintf("buffer %d", i), t.At, "buffer %d of %d bytes lies at %d, the file has %d", i, n, off, j.b.Size())
	}
}

func (j *judge) metadata(m flatbuf.Table) {
	list := m.Vector(6, 4)
	for i := range list.Len {
		t := list.Table(i)
		if n := t.U32(1); j.b.Err() == nil && int(n) >= j.buffers.Len {
			name := "metadata " + strconv.Quote(verdict.Show(t.String(0, 256)))
			j.broken(ruleIndex, name, t.At, "%s refers to buffer %d of %d", name, n, j.buffers.Len)
		}
		if j.b.Err() != nil {
			return
		}
	}
}

// recursion looks for a subgraph that reaches itself.
func (j *judge) recursion() {
	state := map[int32]int{}
	var visit func(int32, int) bool
	visit = func(g int32, depth int) bool {
		switch state[g] {
		case 1:
			return true
		case 2:
			return false
		}
		if depth > maxGraphs {
			return true
		}
		state[g] = 1
		for _, to := range j.calls[g] {
			if visit(to, depth+1) {
				return true
			}
		}
		state[g] = 2
		return false
	}
	for i := range min(j.graphs.Len, maxGraphs) {
		if visit(int32(i), 0) {
			j.report(asset.Unverified, ruleLoop, "recursion", -1, "Subgraph %d calls itself, directly or through others.", i)
			return
		}
	}
}
