package matrix_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/matrix"
)

// written are ordinary models that the libraries of each format wrote (the scripts are in bench/formats and
// model/artifact/testdata/real), below model/artifact. make test-peers does the same with many more, made afresh.
var written = []struct {
	format, path string
	verdict      asset.Verdict // not ok: the file carries what nobody can vouch for
	rule         string        // what is said about it
}{
	{"pickle", "testdata/real/current-sklearn-pipeline.p5.pkl", asset.OK, ""},
	{"joblib", "testdata/real/current-sklearn-gzip.joblib", asset.OK, ""},
	{"npy", "testdata/real/current-numpy-float.npy", asset.OK, ""},
	{"npz", "testdata/real/current-numpy-mixed.npz", asset.OK, "artifact/numpy-object-array"},
	{"torch-zip", "testdata/real/torch113-torch-checkpoint.pt", asset.OK, ""},
	{"torch-legacy", "testdata/real/torch113-torch-state-dict-legacy.pt", asset.OK, ""},
	{"torchscript", "torchscript/testdata/net.pt", asset.Unverified, "artifact/torchscript-code"},
	{"torch-mobile", "torchscript/testdata/mobile.ptl", asset.Unverified, "artifact/torchscript-code"},
	{"torch-export", "torchscript/testdata/net.pt2", asset.OK, ""},
	{"torch-package", "torchscript/testdata/package.pt", asset.Unverified, "artifact/torch-package-code"},
	{"safetensors", "safetensors/testdata/real.safetensors", asset.OK, ""},
	{"safetensors-index", "safetensors/testdata/sharded/model.safetensors.index.json", asset.OK, ""},
	{"gguf", "gguf/testdata/real.gguf", asset.OK, ""},
	{"chat-template", "template/testdata/benign/chatml.jinja", asset.OK, ""},
	{"onnx", "onnx/testdata/sklearn.onnx", asset.OK, ""},
	{"onnx-text", "onnx/testdata/linear.textproto", asset.OK, ""},
	{"onnx-ort", "onnx/testdata/linear.ort", asset.OK, ""},
	{"keras", "keras/testdata/functional.keras", asset.OK, ""},
	{"hdf5", "keras/testdata/functional.h5", asset.OK, ""},
	{"tensorflow-savedmodel", "tensorflow/testdata/module/saved_model.pb", asset.OK, ""},
	{"tensorflow-metagraph", "tensorflow/testdata/graph.meta", asset.OK, ""},
	{"tensorflow-graph", "tensorflow/testdata/graph.pb", asset.OK, ""},
	{"tensorflow-checkpoint", "tensorflow/testdata/checkpoint/model.index", asset.OK, ""},
	{"tflite", "tflite/testdata/dense.tflite", asset.OK, ""},
	{"coreml", "coreml/testdata/program.mlpackage/Data/com.apple.CoreML/model.mlmodel", asset.OK, ""},
	{"openvino", "openvino/testdata/dense.xml", asset.OK, ""},
	{"torchserve-mar", "mar/testdata/builtin.mar", asset.OK, ""},
	{"nemo", "nemo/testdata/layout.nemo", asset.OK, ""},
	{"skops", "skops/testdata/pipeline.skops", asset.OK, ""},
	{"xgboost-json", "xgboost/testdata/tree.json", asset.OK, ""},
	{"xgboost-ubj", "xgboost/testdata/tree.ubj", asset.OK, ""},
	{"xgboost-binary", "xgboost/testdata/tree.bin", asset.OK, ""},
	{"lightgbm", "lightgbm/testdata/binary.txt", asset.OK, ""},
	{"catboost", "catboost/testdata/plain.cbm", asset.OK, ""},
	{"msgpack", "msgpack/testdata/net.msgpack", asset.OK, ""},
	{"rds", "rdata/testdata/data.rds", asset.OK, ""},
	{"rdata", "rdata/testdata/workspace.RData", asset.OK, ""},
	{"pmml", "pmml/testdata/tree.pmml", asset.OK, ""},
	{"paddle-program", "paddle/testdata/old.pdmodel", asset.OK, ""},
	{"paddle-pir", "paddle/testdata/new.json", asset.OK, ""},
	{"paddle-parameters", "paddle/testdata/new.pdiparams", asset.OK, ""},
	{"executorch", "executorch/testdata/exported.pte", asset.OK, ""},
	{"mxnet-symbol", "mxnet/testdata/net-symbol.json", asset.OK, ""},
	{"mxnet-params", "mxnet/testdata/net-0001.params", asset.OK, ""},
}

// unwritten says why there is no file of a library for a format.
var unwritten = map[string]string{
	"zip tar 7z gzip bzip2 xz lz4 zstd zlib rar":          "containers: their members are the models",
	"executable llamafile":                                "programs",
	"hf-repository hf-config":                             "folders of other formats",
	"kitops-modelkit modelpack oci-layout":                "written by registries and their command-line tools, not by a library of Python",
	"tensorrt":                                            "an engine is built and read by NVIDIA's library, on the GPU that it is for; merlon does not read it",
	"rknn cntk hailo-hef ascend-om caffe coreml-compiled": "compilers of vendors, or abandoned: merlon does not read them",
}

func TestEveryFormatHasAFileOfItsLibrary(t *testing.T) {
	known := map[string]bool{}
	for formats := range unwritten {
		for _, f := range strings.Fields(formats) {
			known[f] = true
		}
	}
	var paths []string
	for _, w := range written {
		if known[w.format] {
			t.Errorf("%s: twice", w.format)
		}
		known[w.format] = true
		paths = append(paths, filepath.Join(root, "model", "artifact", filepath.FromSlash(w.path)))
	}
	for _, f := range matrix.FormatNames() {
		if !known[f] {
			t.Errorf("%s: no file that its library wrote; add one, or say why there is none", f)
		}
	}
	for i, w := range written {
		r, err := merlon.Scan(t.Context(), merlon.Options{Paths: paths[i : i+1]})
		if err != nil {
			t.Fatal(err)
		}
		verdict, rules, recognised := asset.Verdict(""), map[string]bool{}, false
		for _, a := range r.Assets {
			verdict = verdict.Worst(a.Verdict)
			recognised = recognised || a.Format == w.format
		}
		for _, f := range r.Findings {
			rules[f.Rule.ID] = true
		}
		if verdict != w.verdict || !recognised || w.rule != "" && !rules[w.rule] || w.rule == "" && len(rules) > 0 || len(r.Coverage.Errors) > 0 {
			t.Errorf("%s, %s: %q (want %q), recognised %v, rules %v, errors %v", w.format, path.Base(w.path), verdict, w.verdict, recognised, rules, r.Coverage.Errors)
		}
	}
}
