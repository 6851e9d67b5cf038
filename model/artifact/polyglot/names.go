package polyglot

import (
	"path"
	"strings"
)

// modelNames are extensions that nothing but a model has: true. False: other
// things are called so too (firmware is .bin, measurements are .dat).
func modelNames(ext string) (certain, known bool) {
	switch ext {
	case ".pt", ".pth", ".ptl", ".pt2", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".npy", ".npz",
		".safetensors", ".gguf", ".ggml", ".onnx", ".ort", ".h5", ".hdf5", ".keras", ".tflite", ".mlmodel",
		".mlpackage", ".msgpack", ".ubj", ".cbm", ".rds", ".rdata", ".rda", ".nemo", ".mar", ".skops", ".pte",
		".pdmodel", ".pdiparams", ".caffemodel", ".t7", ".pmml", ".engine", ".trt", ".tensors", ".xgb", ".lgb":
		return true, true
	case ".bin", ".model", ".dat", ".data", ".params", ".weights", ".plan", ".pb", ".index", ".mlmodelc":
		return false, true
	}
	return false, false
}

// extension is what a loader would judge the name by, in lower case.
func extension(name string) string {
	return strings.ToLower(path.Ext(strings.TrimRight(name, " .")))
}

// isProgramName reports whether a program of that name surprises nobody.
func isProgramName(ext string) bool {
	switch ext {
	case "", ".exe", ".com", ".bat", ".cmd", ".sh", ".py", ".pl", ".rb", ".js", ".so", ".dll", ".dylib", ".pyd",
		".o", ".a", ".class", ".dex", ".wasm", ".lnk", ".elf", ".llamafile", ".bash", ".zsh", ".awk", ".r", ".jl",
		".ko", ".sys", ".node", ".lua", ".php", ".tcl", ".in", ".template", ".j2":
		return true
	}
	// libfoo.so.1.2 and the like
	return len(ext) > 1 && strings.Trim(ext[1:], "0123456789") == ""
}
