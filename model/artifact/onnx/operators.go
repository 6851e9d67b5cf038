package onnx

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed operators.txt
var operatorList string

// operator names an operator; the default domain is "".
type operator struct{ domain, name string }

// known is every operator that ONNX and ONNX Runtime define themselves.
var known = sync.OnceValue(func() map[operator]bool {
	m := make(map[operator]bool, 512)
	for line := range strings.Lines(operatorList) {
		if line[0] == '#' {
			continue
		}
		domain, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		m[operator{normal(domain), name}] = true
	}
	return m
})

func normal(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// pythonOperators hand a module, class or function name to a Python interpreter: the
// language interop of ONNX Runtime (PyOp), its training package (PythonOp), and what
// older exporters of PyTorch left behind (PythonOp without a domain).
var pythonOperators = map[string]bool{"PyOp": true, "PythonOp": true, "PythonOpGrad": true, "PyFunc": true, "PyCustomOp": true}

// pythonAttrs are the attributes in which those name what is run.
var pythonAttrs = []string{"module", "class_name", "func_name", "name", "compute", "code"}

// opaqueOperators hold or name compiled programs: the attribute with the path of one,
// or "".
var opaqueOperators = map[operator]string{
	{"com.microsoft", "EPContext"}: "ep_cache_context",
	{"com.microsoft", "Snpe"}:      "",
}
