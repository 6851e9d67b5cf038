// Package tensorrt recognises TensorRT engines. Their layout is NVIDIA's secret:
// they hold kernels for one GPU, and may hold plugins and a runtime for the host.
// So nothing can be said about them but what they are.
package tensorrt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

const ruleOpaque = "artifact/tensorrt-engine"

func (scanner) Info() scan.Info {
	return verdict.Info("tensorrt", "1", []finding.Rule{{
		ID: ruleOpaque, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
		Title: "TensorRT engine, which nobody can look into",
		Why: "An engine is compiled code in a format that is not published: kernels for the GPU and, in engines that fit several " +
			"versions of TensorRT, a runtime for the host. Loading one runs it with the rights of the process; NVIDIA says to load " +
			"engines from trusted sources only.",
		Remedy: "Build the engine yourself from a model that can be checked: merlon scan model.onnx && trtexec --onnx=model.onnx " +
			"--saveEngine=model.engine. Sign what you built.",
		CWE: []string{"CWE-829", "CWE-1104"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"},
	}}, interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Suffixes: []string{".engine", ".trt", ".plan"},
		Magics:   append(scan.At(0, "ftrt", "ptrt"), scan.At(4, "{")...),
	}
}

// Wants knows engines by their first bytes, with or without the metadata that
// Ultralytics puts before them, and takes files of the name that are no text.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if engineAt(fi.Head, fi.Size) >= 0 {
		return scan.Yes
	}
	switch strings.ToLower(path.Ext(fi.Ref.Name())) {
	case ".engine", ".trt", ".plan":
		if bytes.IndexByte(fi.Head, 0) >= 0 {
			return scan.Yes
		}
	}
	return scan.No
}

// engineAt returns where the engine begins: at 0, or after a length and a JSON
// object; -1 when it is none.
func engineAt(head []byte, size int64) int64 {
	if isMagic(head) {
		return 0
	}
	if len(head) < 8 || head[4] != '{' {
		return -1
	}
	n := int64(binary.LittleEndian.Uint32(head))
	if n < 2 || 4+n > size-4 {
		return -1
	}
	if 4+n+4 <= int64(len(head)) {
		if !isMagic(head[4+n:]) {
			return -1
		}
		return 4 + n
	}
	return -1 // metadata of more than the head: by its name
}

func isMagic(b []byte) bool {
	return bytes.HasPrefix(b, []byte("ftrt")) || bytes.HasPrefix(b, []byte("ptrt"))
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	return verdict.Scan(ctx, f, s, "tensorrt", func(v *verdict.File) error {
		msg := "a TensorRT engine: compiled code in a format that is not published"
		if engineAt(f.Head(), f.Size()) < 0 {
			msg = "named like a TensorRT engine, without its first bytes: nothing is known about the content"
		}
		v.Report(asset.Unverified, finding.Finding{Rule: ruleOpaque, Key: "engine", Message: msg})
		return nil
	})
}

// Describe implements [scan.Describer].
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	head := f.Head()
	at := engineAt(head, f.Size())
	if at < 0 {
		return nil, errors.New("no TensorRT engine that can be recognised")
	}
	d := &asset.Description{Format: "tensorrt"}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	fact("library", "tensorrt", true)
	var b [12]byte
	if n, _ := f.ReadAt(b[:], at); n == len(b) {
		fact("metadata", asset.Pair{Name: "serialization version", Value: fmt.Sprint(b[8])}, true)
	}
	if at > 0 {
		p := strictjson.New(head[4:at], strictjson.Options{Python: true})
		if v, err := p.Value(1000); err == nil {
			for _, m := range v.Members {
				if m.Value.Text != "" {
					fact("metadata", asset.Pair{Name: m.Key, Value: m.Value.Text}, false)
				}
			}
		}
	}
	return d, nil
}

var _ scan.Describer = scanner{}
