package matrix

import "slices"

// kind is what a scanner reads, in words.
type kind struct {
	name    string
	formats []string // as reports call them
	reads   string
}

// Known reports whether the scanner of an id has its line in the table of formats.
func Known(scanner string) bool { _, ok := kinds[scanner]; return ok }

// FormatNames lists the formats in the table, as reports call them.
func FormatNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.formats...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kinds are the lines of the table of formats, by scanner.
var kinds = map[string]kind{
	"archive":       {"zip, tar, 7z, gzip, bzip2, xz, lz4, zstd, zlib", []string{"zip", "tar", "7z", "gzip", "bzip2", "xz", "lz4", "zstd", "zlib", "rar"}, "both views of a zip, all members, archives in archives; a member is judged as the file it is"},
	"torchzip":      {"PyTorch weights", []string{"torch-zip", "torch-legacy"}, "the pickle, and each storage against what the pickle says of it; files before 1.6"},
	"torchscript":   {"TorchScript, torch.export, torch.package", []string{"torchscript", "torch-mobile", "torch-export", "torch-package"}, "source, bytecode, exported graphs: every operator, target and expression"},
	"joblib":        {"joblib before 0.10", []string{"joblib"}, "the compressed stream and the length it claims; newer joblib is a pickle in a compressed stream"},
	"numpy":         {"NumPy `.npy` and `.npz`", []string{"npy", "npz"}, "headers, shapes and lengths of all arrays in the file; pickles of object arrays"},
	"pickle":        {"pickle, protocols 0 to 5", []string{"pickle"}, "every opcode, on an abstract machine; every name, call and state"},
	"polyglot":      {"programs", []string{"executable", "llamafile"}, "whether a model is, holds or is held by a program"},
	"safetensors":   {"safetensors", []string{"safetensors", "safetensors-index"}, "the header, every tensor's place, and the bytes of none; the index of shards"},
	"gguf":          {"GGUF 1 to 3", []string{"gguf"}, "all metadata, every tensor's type, shape and place; the chat template"},
	"chat-template": {"chat templates (Jinja)", []string{"chat-template"}, "the syntax tree: what can be reached, what is said when, what is put out unseen"},
	"hf-repository": {"Hugging Face repositories", []string{"hf-repository", "hf-config"}, "configurations, code, shards, twins of weights, adapters, model cards"},
	"onnx":          {"ONNX", []string{"onnx", "onnx-text", "onnx-ort"}, "every operator in graphs, branches, functions and training; every tensor and where its data lie"},
	"keras":         {"Keras 3 and HDF5", []string{"keras", "hdf5"}, "every class, function and Lambda of the configuration; every dataset, link and external file of HDF5"},
	"tensorflow":    {"TensorFlow", []string{"tensorflow-savedmodel", "tensorflow-metagraph", "tensorflow-graph", "tensorflow-checkpoint"}, "every operation in graphs and functions, constants, assets, Keras metadata, checkpoints"},
	"tflite":        {"TensorFlow Lite", []string{"tflite"}, "every operator, tensor and buffer; what Flex operations run"},
	"coreml":        {"Core ML", []string{"coreml"}, "every layer and operation in networks, programs and pipelines; the package's parts"},
	"openvino":      {"OpenVINO", []string{"openvino"}, "every layer, and each piece of weights against the file beside; the XML before it is XML"},
	"mar":           {"TorchServe `.mar`", []string{"torchserve-mar"}, "manifest, handler, requirements, configuration, code that is not named"},
	"nemo":          {"NeMo", []string{"nemo"}, "every `_target_`, path and tag of every YAML file; the weights"},
	"skops":         {"skops", []string{"skops"}, "every node of the schema: types, functions, operators, methods"},
	"xgboost":       {"XGBoost (JSON, UBJSON, binary)", []string{"xgboost-json", "xgboost-ubj", "xgboost-binary"}, "every tree and its links; the objective"},
	"lightgbm":      {"LightGBM", []string{"lightgbm"}, "every tree and its links"},
	"msgpack":       {"Flax (MessagePack)", []string{"msgpack"}, "every value, array and extension"},
	"rdata":         {"R `.rds`, `.RData`", []string{"rds", "rdata"}, "every object: promises, functions, calls, pointers, packages"},
	"pmml":          {"PMML", []string{"pmml"}, "every element and function; the XML before it is XML"},
	"paddle":        {"PaddlePaddle", []string{"paddle-program", "paddle-pir", "paddle-parameters"}, "every operator in both forms of programs; every parameter"},
	"ociimage":      {"OCI layouts, KitOps ModelKits, ModelPack", []string{"kitops-modelkit", "modelpack", "oci-layout"}, "manifests, digests of all blobs, paths, layers that carry code"},
	"catboost":      {"CatBoost", []string{"catboost"}, "every tree; parts that are not read are named"},
	"tensorrt":      {"TensorRT", []string{"tensorrt"}, "nothing: the format is not published, so `unverified` is all there is to say"},
	"executorch":    {"ExecuTorch", []string{"executorch"}, "every operator, argument, tensor and delegate"},
	"mxnet":         {"MXNet", []string{"mxnet-symbol", "mxnet-params"}, "every operator in graphs, loops and branches, every reference between nodes; every array"},
	"opaque":        {"RKNN, CNTK, HEF, Ascend, Caffe, compiled Core ML", []string{"rknn", "cntk", "hailo-hef", "ascend-om", "caffe", "coreml-compiled"}, "nothing: there is no reader, so `unverified` is all there is to say"},
	"weights":       {"weights, with `--deep`", nil, "every number of safetensors, GGUF, ONNX, NumPy and PyTorch files: programs, text and data among them"},
}
