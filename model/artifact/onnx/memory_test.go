package onnx

import (
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

// A million tensors whose names are control characters are read one by one.
func TestAMillionTensors(t *testing.T) {
	const n = 1_000_000
	g := make(msg, 0, 50*n).Sub(1, relu)
	for i := range n {
		g = g.Sub(5, msg{}.Int(1, 1).Int(2, 3).Str(8, fmt.Sprintf("\x1b[2J\r%07d", i)).Str(9, "x"))
	}
	b := build(g)
	var r *artifacttest.Result
	if peak := artifacttest.Peak(t, func() { r = artifacttest.Scan(t, New(), "m.onnx", b) }); peak > 64<<20 {
		t.Errorf("%d MB of memory", peak>>20)
	}
	if r.Verdict != asset.OK {
		t.Errorf("%q %v %v", r.Verdict, r.Messages(), r.Errors)
	}
	lying := build(graph(relu, msg{}.Int(1, 9).Int(2, 3).Str(8, "\x1b[2J\r").Str(9, "x")))
	r = artifacttest.Scan(t, New(), "m.onnx", lying)
	if s := strings.Join(r.Messages(), ""); len(r.Findings) == 0 || strings.ContainsAny(s, "\x1b\r") {
		t.Errorf("%q", s)
	}
}
