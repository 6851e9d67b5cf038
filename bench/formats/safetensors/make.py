"""Write the safetensors fixtures of merlon's tests, and what the reference reader
says about them: python make.py ../../../model/artifact/safetensors/testdata

real.safetensors   every dtype, written by the library
oracle.json        names, dtypes and shapes as the library reads them back
verdicts.json      small files, valid and not, in hex, each with whether the
                   library accepts it
"""
import ctypes
import json
import pathlib
import struct
import sys

import safetensors
from safetensors import TensorSpec, deserialize, serialize

out = pathlib.Path(sys.argv[1])


kept = []


def spec(dtype, shape, data):
    buffer = ctypes.create_string_buffer(data, max(len(data), 1))
    kept.append(buffer)
    return TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=len(data))


def real():
    tensors = {}
    widths = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
              "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
              "I64": 64, "U64": 64, "F64": 64, "C64": 64, "F4": 8}  # the binding counts F4 in pairs
    python_names = {"BOOL": "bool", "U8": "uint8", "I8": "int8", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn",
                    "F8_E8M0": "float8_e8m0fnu", "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
                    "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16", "I32": "int32",
                    "U32": "uint32", "F32": "float32", "I64": "int64", "U64": "uint64", "F64": "float64",
                    "C64": "complex64", "F4": "float4_e2m1fn_x2"}
    for i, (dtype, width) in enumerate(widths.items()):
        shape = [2, 4] if i % 2 else [4, 1, 2]
        data = bytes((7 * i + k) % 251 for k in range(8 * width // 8))
        tensors[f"layers.{i}.{dtype.lower()}"] = spec(python_names[dtype], shape, data)
    tensors["scalar"] = spec("float32", [], b"\0\0\x80?")
    tensors["empty"] = spec("float32", [0, 3], b"")
    tensors["name with spaces/é"] = spec("int8", [3], b"abc")
    return serialize(tensors, {"format": "pt", "modelspec.architecture": "none"})


def file(header, data=b"", length=None):
    h = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(h) if length is None else length) + h + data


def t(start, end, shape=None, dtype="U8", **more):
    return {"dtype": dtype, "shape": [end - start] if shape is None else shape, "data_offsets": [start, end], **more}


def cases():
    a = t(0, 4)
    good = {"a": a, "b": t(4, 8)}
    yield "good", file(good, b"x" * 8)
    yield "padded with spaces", file(json.dumps(good).encode() + b"   ", b"x" * 8)
    yield "no tensors", file({})
    yield "metadata only", file({"__metadata__": {"k": "v"}})
    yield "null metadata", file(b'{"__metadata__":null}')
    yield "no tensors, data", file({}, b"x")
    yield "reversed order", file({"b": t(4, 8), "a": a}, b"x" * 8)
    yield "empty at start", file({"e": t(0, 0), "a": a}, b"x" * 4)
    yield "empty at end", file({"a": a, "e": t(4, 4)}, b"x" * 4)
    yield "empty inside", file({"a": a, "e": t(2, 2)}, b"x" * 4)
    yield "zero dimension", file({"a": t(0, 0, [3, 0, 5], "F32")})
    yield "overlap", file({"a": a, "b": t(2, 6)}, b"x" * 6)
    yield "same bytes", file({"a": a, "b": t(0, 4)}, b"x" * 4)
    yield "nested", file({"a": t(0, 8), "b": t(2, 4)}, b"x" * 8)
    yield "gap", file({"a": a, "b": t(6, 10)}, b"x" * 10)
    yield "gap at start", file({"a": t(2, 6)}, b"x" * 6)
    yield "trailing", file({"a": a}, b"x" * 9)
    yield "one byte short", file({"a": a}, b"x" * 3)
    yield "end before start", file({"a": {"dtype": "U8", "shape": [0], "data_offsets": [4, 0]}}, b"x" * 4)
    yield "shape too large", file({"a": t(0, 4, [5])}, b"x" * 4)
    yield "shape too small", file({"a": t(0, 4, [3])}, b"x" * 4)
    yield "dtype too wide", file({"a": t(0, 4, [4], "F32")}, b"x" * 4)
    yield "overflow", file({"a": t(0, 4, [2**63, 2**63])}, b"x" * 4)
    yield "overflow to zero", file({"a": t(0, 0, [2**32, 2**32, 0])})
    yield "zero before overflow", file({"a": t(0, 0, [0, 2**32, 2**32])})
    yield "overflow by dtype", file({"a": t(0, 0, [2**61], "F64")})
    yield "unknown dtype", file({"a": t(0, 4, [4], "Q8")}, b"x" * 4)
    yield "lower-case dtype", file({"a": t(0, 4, [4], "u8")}, b"x" * 4)
    yield "packed", file({"a": t(0, 3, [6], "F4")}, b"x" * 3)
    yield "packed, half a byte", file({"a": t(0, 3, [5], "F4")}, b"x" * 3)
    yield "packed six", file({"a": t(0, 3, [4], "F6_E2M3")}, b"x" * 3)
    yield "negative dimension", file(b'{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}', b"x" * 4)
    yield "float dimension", file(b'{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}', b"x" * 4)
    yield "huge dimension", file(b'{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,4]}}', b"x" * 4)
    yield "three offsets", file(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}', b"x" * 4)
    yield "one offset", file(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}', b"x" * 4)
    yield "no shape", file(b'{"a":{"dtype":"U8","data_offsets":[0,4]}}', b"x" * 4)
    yield "no dtype", file(b'{"a":{"shape":[4],"data_offsets":[0,4]}}', b"x" * 4)
    yield "no offsets", file(b'{"a":{"dtype":"U8","shape":[4]}}', b"x" * 4)
    yield "field twice", file(b'{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"x" * 4)
    yield "key twice", file(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}', b"x" * 4)
    yield "metadata twice", file(b'{"__metadata__":{"a":"b"},"__metadata__":{"a":"c"}}')
    yield "metadata key twice", file(b'{"__metadata__":{"a":"b","a":"c"}}')
    yield "metadata number", file(b'{"__metadata__":{"a":1}}')
    yield "metadata list", file(b'{"__metadata__":[]}')
    yield "tensor is a number", file(b'{"a":1}')
    yield "unknown field", file({"a": t(0, 4, extra="x")}, b"x" * 4)
    yield "header is a list", file(b"[]")
    yield "header begins with space", file(b' {}')
    yield "header ends in a tab", file(b'{}\t')
    yield "header ends in zero", file(b'{}\0')
    yield "two objects", file(b'{}{}')
    yield "trailing comma", file(b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}', b"x" * 4)
    yield "single quotes", file(b"{'a':{}}")
    yield "NaN", file(b'{"__metadata__":{"a":NaN}}')
    yield "invalid utf-8", file(b'{"__metadata__":{"a":"\xff"}}')
    yield "lone surrogate", file(b'{"__metadata__":{"a":"\\ud800"}}')
    yield "byte order mark", file(b'\xef\xbb\xbf{}')
    yield "control in string", file(b'{"__metadata__":{"a":"\n"}}')
    yield "open string", file(b'{"a')
    yield "length zero", file(b"", b"x" * 8, 0)
    yield "length one", file(b"{", b"")
    yield "length too long", file({"a": a}, b"x" * 4, 10**6)
    yield "length over the cap", file({"a": a}, b"x" * 4, 100_000_001)
    yield "length all ones", file({"a": a}, b"x" * 4, 2**64 - 1)
    yield "length wraps", file({"a": a}, b"x" * 4, 2**64 - 8)
    yield "length one short", file({"a": a}, b"x" * 4, len(json.dumps({"a": a})) - 1)
    yield "empty file", b""
    yield "seven bytes", b"\2\0\0\0\0\0\0"
    yield "empty name", file({"": a}, b"x" * 4)
    yield "deep", file(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}")


def accepts(b):
    try:
        deserialize(b)
        return True
    except Exception:
        return False


data = real()
(out / "real.safetensors").write_bytes(data)
read = sorted(({"name": n, "dtype": v["dtype"], "shape": v["shape"], "bytes": len(v["data"])} for n, v in deserialize(data)),
              key=lambda x: x["name"])
(out / "oracle.json").write_text(json.dumps({"library": "safetensors " + safetensors.__version__, "tensors": read}, indent=1, ensure_ascii=False) + "\n")
(out / "verdicts.json").write_text(json.dumps({"library": "safetensors " + safetensors.__version__, "cases": [
    {"name": n, "hex": b.hex(), "accepted": accepts(b)} for n, b in cases()]}, indent=1) + "\n")

# A model in two shards, as transformers lays it out.
shards = out / "sharded"
shards.mkdir(exist_ok=True)
index = {}
for i, names in enumerate((("embed.weight", "layers.0.weight"), ("layers.1.weight", "head.weight")), 1):
    name = f"model-{i:05d}-of-00002.safetensors"
    (shards / name).write_bytes(serialize({n: spec("float16", [4, 2], bytes(16)) for n in names}, {"format": "pt"}))
    index |= {n: name for n in names}
(shards / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": 64}, "weight_map": index}, indent=1) + "\n")
