package torchscript

import (
	"path"
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
)

// layout is what the names of an archive's members say about it.
type layout struct {
	kind     string // "torchscript", "torch-mobile", "torch-export", "torch-package"
	sources  []int  // code/*.py of TorchScript
	bytecode []int  // bytecode.pkl of the mobile interpreter
	graphs   []int  // JSON of an exported program
	configs  []int  // JSON beside it: where its weights lie
	python   []int  // Python sources that torch.package imports
	native   []int  // machine code: shared libraries, GPU kernels
	version  int    // member "version", -1: none
	data     int    // data.pkl, -1: none
}

// lay sorts the members. An archive that is none of ours has no kind.
//
// The layouts are those of torch/csrc/jit/serialization/export.cpp (TorchScript,
// mobile), torch/_export/serde and torch/export/pt2_archive (exported programs) and
// torch/package (packages). All but the older exported programs put everything
// below one folder.
func lay(members []archive.Member) layout {
	l := layout{version: -1, data: -1}
	var constants, packaged, exported bool
	for i := range members {
		m := &members[i]
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			if m.Dir {
				continue
			}
			flat := strings.TrimPrefix(name, "./")
			_, in, ok := strings.Cut(flat, "/")
			switch {
			case flat == "serialized_exported_program.json":
				exported = true
				l.graphs = append(l.graphs, i)
			case ok && strings.HasPrefix(in, "models/") && strings.HasSuffix(in, ".json"):
				l.graphs = append(l.graphs, i)
			case ok && in == "archive_format":
				exported = true
			case ok && strings.HasPrefix(in, "data/") && strings.HasSuffix(in, "_config.json"):
				l.configs = append(l.configs, i)
			case ok && in == "constants.pkl":
				constants = true
			case ok && in == "data.pkl":
				l.data = i
			case ok && in == "bytecode.pkl":
				l.bytecode = append(l.bytecode, i)
			case ok && in == ".data/extern_modules":
				packaged = true
			case ok && strings.HasPrefix(in, "code/") && strings.HasSuffix(in, ".py"):
				l.sources = append(l.sources, i)
			case flat == "version", ok && in == "version":
				l.version = i
			case strings.HasSuffix(flat, ".py"):
				l.python = append(l.python, i)
			}
			if nativeName(flat) {
				l.native = append(l.native, i)
			}
		}
	}
	switch {
	case exported:
		l.kind = "torch-export"
	case len(l.bytecode) > 0:
		l.kind = "torch-mobile"
	case constants && len(l.sources) > 0:
		l.kind = "torchscript"
	case packaged:
		l.kind = "torch-package"
	}
	return l
}

// nativeName reports whether a loader of exported programs hands a file of that
// name to the system or the GPU as machine code.
func nativeName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".so", ".dll", ".dylib", ".pyd", ".cubin", ".hsaco", ".ptx", ".fatbin", ".spv", ".metallib":
		return true
	}
	return false
}

// moduleOf turns the name of a source member into the module that it defines.
func moduleOf(name string) string {
	_, in, _ := strings.Cut(name, "code/")
	return strings.ReplaceAll(strings.TrimSuffix(in, ".py"), "/", ".")
}
