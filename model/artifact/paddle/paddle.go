// Package paddle scans PaddlePaddle models: programs as protocol buffers (.pdmodel,
// __model__; paddle/fluid/framework/framework.proto), programs in the newer JSON form,
// and combined parameters (.pdiparams). Parameters that are pickles (.pdparams) are
// judged by the scanner of pickles.
//
// Verdicts: ok for operators of PaddlePaddle that only compute; unverified for custom
// operators, engines and leftovers of distributed training; malicious for py_func and
// for operators that read or write files.
package paddle

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

//go:embed schema.txt
var schemaText string

//go:embed operators.txt
var operatorList string

const prefix = "paddle.framework.proto."

var schema = sync.OnceValue(func() protowalk.Schema {
	s, err := protowalk.ParseSchema(schemaText)
	if err != nil {
		panic(err) // embedded, and tested
	}
	return s
})

var operators = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(operatorList) {
		m[strings.TrimSpace(line)] = true
	}
	return m
})

// effect is what an operator does besides computing.
type effect struct {
	rule    string
	verdict asset.Verdict
	does    string
}

var (
	reads   = effect{ruleFile, asset.Malicious, "reads a file"}
	writes  = effect{ruleFile, asset.Malicious, "writes a file"}
	talks   = effect{ruleNet, asset.Unverified, "talks to other processes"}
	engine  = effect{ruleOpaque, asset.Unverified, "runs a compiled engine"}
	effects = map[string]effect{
		"py_func": {rulePython, asset.Malicious, "calls a Python function"}, "py_layer": {rulePython, asset.Malicious, "calls a Python function"},
		"load": reads, "load_combine": reads, "load_combine_extended": reads, "load_combine_vocab": reads, "load_sr": reads, "read_file": reads,
		"save": writes, "save_combine": writes, "save_combine_vocab": writes, "save_sr": writes,
		"listen_and_serv": talks, "heter_listen_and_serv": talks, "send": talks, "recv": talks, "send_and_recv": talks, "gen_nccl_id": talks,
		"c_gen_nccl_id": talks, "c_gen_bkcl_id": talks, "c_gen_xccl_id": talks, "gen_bkcl_id": talks, "c_comm_init": talks, "comm_init_all": talks,
		"fetch_barrier": talks, "send_barrier": talks, "distributed_lookup_table": talks, "distributed_push_sparse": talks,
		"tensorrt_engine": engine, "lite_engine": engine, "openvino_engine": engine, "cinn_launch": engine,
		"run_program": {ruleCustom, asset.Unverified, "runs a program of the process that loads it"}, "_run_custom_op": {ruleCustom, asset.Unverified, "runs a custom operator"},
	}
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("paddle", "1", rules(), interest())
}

// kind is what a file holds.
type kind int

const (
	none kind = iota
	program
	pir
	parameters
)

func interest() *scan.Interest {
	return &scan.Interest{
		Names: []string{"__model__"}, Suffixes: []string{".pdmodel", ".pdiparams"},
		Magics: slices.Concat(
			scan.AnyByte(0, "\n\x8a"),               // a program: the field of the blocks
			scan.AnyByte(0, " \t\r\n{\xef"),         // JSON
			scan.At(0, strings.Repeat("\x00", 16))), // parameters
	}
}

// Wants takes programs and parameters by name, and by their first bytes.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(kindOf(fi.Ref, fi.Head) != none)
}

func kindOf(r asset.Ref, head []byte) kind {
	name := path.Base(beside.Name(r))
	ext := strings.ToLower(path.Ext(name))
	switch {
	case len(head) > 0 && head[0] == 0x80 && ext == ".pdiparams":
		return none // a pickle
	case ext == ".pdmodel" || name == "__model__":
		return program
	case ext == ".pdiparams":
		return parameters
	case bytes.Contains(head[:min(len(head), 256)], []byte(`"base_code"`)) && bytes.Contains(head[:min(len(head), 256)], []byte(`"pir"`)):
		return pir
	case isProgram(head):
		return program
	case isParameters(head):
		return parameters
	}
	return none
}

// isProgram reports whether the first bytes are those of a ProgramDesc: a block with
// the index 0 and the parent -1, then variables.
func isProgram(head []byte) bool {
	fields, ok := protowalk.Prefix(head, schema()[prefix+"ProgramDesc"].Shape())
	if !ok || fields[0].Num != 1 || fields[0].Body.Start >= int64(len(head)) {
		return false
	}
	block, ok := protowalk.Prefix(head[fields[0].Body.Start:min(fields[0].Body.End, int64(len(head)))], schema()[prefix+"BlockDesc"].Shape())
	return ok && len(block) >= 3 && block[0].Num == 1 && block[0].Value == 0 && block[1].Num == 2 && int64(int32(block[1].Value)) == -1 && block[2].Num >= 3
}

// judge holds what is known while a model is read.
type judge struct {
	*verdict.File
	file scan.File
	seen map[string]bool
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	k := kindOf(f.Ref(), f.Head())
	if k == none {
		return nil
	}
	format := map[kind]string{program: "paddle-program", pir: "paddle-pir", parameters: "paddle-parameters"}[k]
	j := &judge{File: verdict.Of(s, f, format), file: f, seen: map[string]bool{}}
	defer j.Close()
	switch k {
	case parameters:
		return j.parameters(ctx)
	case pir:
		return j.pir()
	}
	p := &programReader{w: protowalk.New(ctx, f, f.Size(), protowalk.Limits{}), operator: j.operator, odd: j.odd}
	if err := p.read(); err != nil {
		return fmt.Errorf("PaddlePaddle program: %w", err)
	}
	if p.blocks == 0 || !p.version {
		return errors.New("PaddlePaddle program: it lacks a block or its version; it may be cut off")
	}
	return nil
}

func (j *judge) report(v asset.Verdict, rule, key string, off int64, format string, args ...any) {
	if j.seen[rule+key] {
		return
	}
	if len(j.seen) < 100_000 {
		j.seen[rule+key] = true
	}
	j.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...),
		Locations: []finding.Location{finding.AtOffset(j.file.Ref(), off)}})
}

func (j *judge) odd(off int64, message string, what protowalk.Oddity, field int32, n int64) {
	j.report(asset.Unverified, ruleHidden, fmt.Sprintf("%s/%d/%s", message, field, what), off,
		"%s has a %s, number %d, of %d bytes.", strings.TrimPrefix(message, prefix), what, field, n)
}

// operator judges one operator; text is a path or address in its attributes.
func (j *judge) operator(name, text string, off int64) {
	e, acts := effects[strings.TrimSuffix(name, "_")]
	switch {
	case acts:
		on := ""
		if text != "" {
			on = fmt.Sprintf(": %q", verdict.Show(text))
		}
		j.report(e.verdict, e.rule, name+on, off, "Operator %q %s%s.", verdict.Show(name), e.does, on)
	case !operators()[name] && !operators()[strings.TrimSuffix(name, "_")]:
		j.report(asset.Unverified, ruleCustom, "operator "+name, off, "Operator %q is not defined by PaddlePaddle.", verdict.Show(name))
	}
}
