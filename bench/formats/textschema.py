"""Writes the messages that a protocol buffer message reaches, as text for
engine/prototext, which reads their text form.

usage: python textschema.py tensorflow|onnx > text.txt

A line "message NAME" begins a message; a line "NUMBER NAME KIND [TYPE]" is a field of
it, with KIND int, uint, sint, bool, enum, f32, f64, fix32, fix64, text, message, and
"*" behind it if repeated. A line "enum NAME" begins an enumeration, "NUMBER NAME" is a
value of it.
"""
import sys


def load(what):
    if what == "tensorflow":
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2
        return saved_model_pb2.SavedModel.DESCRIPTOR, f"tensorflow {tf.__version__}"
    import onnx
    return onnx.ModelProto.DESCRIPTOR, f"onnx {onnx.__version__}"


KINDS = {1: "f64", 2: "f32", 3: "int", 4: "uint", 5: "int", 6: "fix64", 7: "fix32", 8: "bool", 9: "text", 11: "message",
         12: "text", 13: "uint", 14: "enum", 15: "fix32", 16: "fix64", 17: "sint", 18: "sint"}
root, version = load(sys.argv[1])
print(f"# {version}; made by bench/formats/textschema.py")
seen, queue, enums = set(), [root], {}
while queue:
    d = queue.pop(0)
    if d.full_name in seen:
        continue
    seen.add(d.full_name)
    print("message", d.full_name)
    for f in d.fields:
        repeated = f.is_repeated if hasattr(f, "is_repeated") else f.label == 3
        row = [str(f.number), f.name, KINDS[f.type] + ("*" if repeated else "")]
        if f.message_type is not None:
            row.append(f.message_type.full_name)
            queue.append(f.message_type)
        if f.enum_type is not None:
            row.append(f.enum_type.full_name)
            enums[f.enum_type.full_name] = f.enum_type
        print(" ".join(row))
for name, e in sorted(enums.items()):
    print("enum", name)
    for v in e.values:
        print(v.number, v.name)
