package merlon

import (
	"github.com/merlon-security/merlon/code/agentconf"
	"github.com/merlon-security/merlon/code/dependency"
	"github.com/merlon-security/merlon/code/notebook"
	"github.com/merlon-security/merlon/code/sast"
	"github.com/merlon-security/merlon/code/secret"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/catboost"
	"github.com/merlon-security/merlon/model/artifact/coreml"
	"github.com/merlon-security/merlon/model/artifact/executorch"
	"github.com/merlon-security/merlon/model/artifact/gguf"
	"github.com/merlon-security/merlon/model/artifact/hfrepo"
	"github.com/merlon-security/merlon/model/artifact/joblib"
	"github.com/merlon-security/merlon/model/artifact/keras"
	"github.com/merlon-security/merlon/model/artifact/lightgbm"
	"github.com/merlon-security/merlon/model/artifact/mar"
	"github.com/merlon-security/merlon/model/artifact/msgpack"
	"github.com/merlon-security/merlon/model/artifact/mxnet"
	"github.com/merlon-security/merlon/model/artifact/nemo"
	"github.com/merlon-security/merlon/model/artifact/numpy"
	"github.com/merlon-security/merlon/model/artifact/ociimage"
	"github.com/merlon-security/merlon/model/artifact/onnx"
	"github.com/merlon-security/merlon/model/artifact/opaque"
	"github.com/merlon-security/merlon/model/artifact/openvino"
	"github.com/merlon-security/merlon/model/artifact/paddle"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/model/artifact/pmml"
	"github.com/merlon-security/merlon/model/artifact/polyglot"
	"github.com/merlon-security/merlon/model/artifact/rdata"
	"github.com/merlon-security/merlon/model/artifact/safetensors"
	"github.com/merlon-security/merlon/model/artifact/skops"
	"github.com/merlon-security/merlon/model/artifact/template"
	"github.com/merlon-security/merlon/model/artifact/tensorflow"
	"github.com/merlon-security/merlon/model/artifact/tensorrt"
	"github.com/merlon-security/merlon/model/artifact/tflite"
	"github.com/merlon-security/merlon/model/artifact/torchscript"
	"github.com/merlon-security/merlon/model/artifact/torchzip"
	"github.com/merlon-security/merlon/model/artifact/weights"
	"github.com/merlon-security/merlon/model/artifact/xgboost"
	"github.com/merlon-security/merlon/scan"
)

// Scanners lists every scanner, in the order in which they see a file. This is the
// table of contents of merlon: a new scanner is one line here.
func Scanners() []scan.Scanner {
	return []scan.Scanner{
		archive.New(),
		secret.New(),
		agentconf.New(),
		dependency.New(),
		notebook.New(),
		sast.New(),
		torchzip.New(),
		torchscript.New(),
		joblib.New(),
		numpy.New(),
		pickle.New(),
		polyglot.New(),
		safetensors.New(),
		gguf.New(),
		template.New(),
		hfrepo.New(),
		onnx.New(),
		keras.New(),
		tensorflow.New(),
		tflite.New(),
		coreml.New(),
		openvino.New(),
		mar.New(),
		nemo.New(),
		skops.New(),
		xgboost.New(),
		lightgbm.New(),
		msgpack.New(),
		rdata.New(),
		pmml.New(),
		paddle.New(),
		ociimage.New(),
		catboost.New(),
		tensorrt.New(),
		executorch.New(),
		mxnet.New(),
		opaque.New(),
	}
}

// DeepScanners lists the checks that read every weight. They take part only where
// they are asked for: they cost time, and what they find is a hint, not a proof.
func DeepScanners() []scan.Scanner {
	return []scan.Scanner{
		weights.New(),
	}
}

// substitute puts a scanner with options of its own in the place of the one of the same
// id, where that takes part.
func substitute(list []scan.Scanner, own scan.Scanner) []scan.Scanner {
	id := scannerID(own)
	for i, s := range list {
		if scannerID(s) == id {
			list[i] = own
		}
	}
	return list
}
