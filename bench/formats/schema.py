"""Writes the messages that a protocol buffer message reaches, as text for
engine/protowalk.

usage: python schema.py coreml|paddle > schema.txt

A line "message NAME" begins a message; a line "NUMBER NAME KIND [TYPE]" is a field of
it, with KIND varint, i32, i64, bytes or message, and "*" behind it if repeated.
"""
import sys


def load(what):
    if what == "coreml":
        import coremltools
        from coremltools.proto import Model_pb2
        return Model_pb2.Model.DESCRIPTOR, f"coremltools {coremltools.__version__}"
    import paddle
    from paddle.base.proto import framework_pb2
    return framework_pb2.ProgramDesc.DESCRIPTOR, f"paddlepaddle {paddle.__version__}"


KINDS = {1: "i64", 2: "i32", 3: "varint", 4: "varint", 5: "varint", 6: "i64", 7: "i32", 8: "varint", 9: "bytes", 11: "message",
         12: "bytes", 13: "varint", 14: "varint", 15: "i32", 16: "i64", 17: "varint", 18: "varint"}
root, version = load(sys.argv[1])
print(f"# {version}; made by bench/formats/schema.py")
seen, queue = set(), [root]
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
        print(" ".join(row))
