"""Packs labels behind a TensorFlow Lite model, for model/artifact/tflite/testdata.

usage: python metadata.py OUTPUT_FOLDER, after make.py; needs tflite-support 0.4.4
"""
import pathlib
import sys

import flatbuffers
from tensorflow_lite_support.metadata.python import metadata
from tensorflow_lite_support.metadata import metadata_schema_py_generated as schema

out = pathlib.Path(sys.argv[1])
labels = out / "labels.txt"
labels.write_text("cat\ndog\nfish\n")
m = schema.ModelMetadataT()
m.name, m.description, m.license = "dense", "A dense layer.", "Apache-2.0"
f = schema.AssociatedFileT()
f.name, f.type = "labels.txt", schema.AssociatedFileType.TENSOR_AXIS_LABELS
t = schema.TensorMetadataT()
t.name, t.associatedFiles = "scores", [f]
i = schema.TensorMetadataT()
i.name = "x"
g = schema.SubGraphMetadataT()
g.inputTensorMetadata, g.outputTensorMetadata = [i], [t]
m.subgraphMetadata = [g]
b = flatbuffers.Builder(0)
b.Finish(m.Pack(b), metadata.MetadataPopulator.METADATA_FILE_IDENTIFIER)
p = metadata.MetadataPopulator.with_model_buffer((out / "dense.tflite").read_bytes())
p.load_metadata_buffer(b.Output())
p.load_associated_files([str(labels)])
p.populate()
(out / "metadata.tflite").write_bytes(p.get_model_buffer())
labels.unlink()
