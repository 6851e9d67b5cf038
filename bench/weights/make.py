"""Makes benign weights of many kinds, and the same with data hidden in them.

Usage: python3 make.py OUT [SEED]. Needs numpy, scikit-learn, onnx and gguf. The networks are trained;
the other tensors have the distributions in which frameworks begin, and the forms in
which weights are published: rounded, widened again, quantised and back, pruned.
"""

import json
import pathlib
import struct
import sys
import warnings
import zipfile

import gguf
import numpy as np
import onnx
from sklearn.datasets import load_digits, make_classification
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore")
out = pathlib.Path(sys.argv[1])
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 0
rng = np.random.default_rng(SEED)


def bf16(a):
    u = np.asarray(a, np.float32).view(np.uint32)
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16).astype(np.uint16)


def save(name, tensors):
    header, data = {}, b""
    for key, (dtype, a) in tensors.items():
        raw = np.ascontiguousarray(a).tobytes()
        header[key] = {"dtype": dtype, "shape": list(a.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path = out / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)
    others(path, tensors)


def others(path, tensors):
    """The same tensors as .npz, as torch.save lays them out, as raw data of ONNX, and as GGUF."""
    plain = {k: np.ascontiguousarray(a) for k, (dtype, a) in tensors.items() if dtype not in ("BF16", "U8")}
    np.savez(path.with_suffix(".npz"), **plain)
    classes = {"F32": b"FloatStorage", "F64": b"DoubleStorage", "F16": b"HalfStorage", "BF16": b"BFloat16Storage", "U8": b"ByteStorage"}
    pkl = b"\x80\x02]("
    with zipfile.ZipFile(path.with_suffix(".pt"), "w") as z:
        for i, (dtype, a) in enumerate(tensors.values()):
            key = str(i).encode()
            pkl += (b"(X\x07\0\0\0storagectorch\n" + classes[dtype] + b"\nX" + struct.pack("<I", len(key)) + key + b"X\x03\0\0\0cpuJ"
                    + struct.pack("<i", a.size) + b"tQ")
            z.writestr(f"archive/data/{i}", np.ascontiguousarray(a).tobytes())
        z.writestr("archive/data.pkl", pkl + b"e.")
    types = {"F32": 1, "F64": 11, "F16": 10, "BF16": 16, "U8": 2}
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "g", [], [])
    for k, (dtype, a) in tensors.items():
        graph.initializer.append(onnx.TensorProto(name=k, dims=a.shape, data_type=types[dtype], raw_data=np.ascontiguousarray(a).tobytes()))
    onnx.save(onnx.helper.make_model(graph), path.with_suffix(".onnx"))
    w = gguf.GGUFWriter(path.with_suffix(".gguf"), "test")
    for k, a in plain.items():
        w.add_tensor(k, a)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def forms(a):
    """One matrix as it is published in many ways."""
    a = np.asarray(a, np.float32)
    scale = np.abs(a).max() / 127 or 1
    row = np.abs(a).max(axis=-1, keepdims=True) / 7
    row[row == 0] = 1
    pruned = a.copy()
    pruned[np.abs(pruned) < np.quantile(np.abs(pruned), 0.5)] = 0
    return {
        "f32": ("F32", a),
        "f64": ("F64", a.astype(np.float64) + rng.normal(0, 1e-9, a.shape)),
        "f64_widened": ("F64", a.astype(np.float64)),
        "f16": ("F16", a.astype(np.float16)),
        "bf16": ("BF16", bf16(a)),
        "f32_from_f16": ("F32", a.astype(np.float16).astype(np.float32)),
        "f32_from_bf16": ("F32", (bf16(a).astype(np.uint32) << 16).view(np.float32)),
        "int8_and_back": ("F32", (np.round(a / scale) * scale).astype(np.float32)),
        "int4_and_back": ("F32", (np.round(a / row) * row).astype(np.float32)),
        "pruned": ("F32", pruned),
        "averaged": ("F32", (a + np.roll(a, 1, 0)) / 2),
    }


def benign():
    X, y = load_digits(return_X_y=True)
    n = 0
    for seed in range(6):
        if seed % 2:
            X, y = make_classification(2000, 64, n_informative=20, n_classes=4, random_state=seed + 100 * SEED)
        net = MLPClassifier((512, 512), max_iter=8, random_state=seed + 100 * SEED).fit(X, y)
        for layer, a in enumerate(net.coefs_ + net.intercepts_):
            a = np.atleast_2d(a)
            n += 1
            save(f"benign/trained{seed}_{layer}", forms(a))
    for name, a in {
        "normal": rng.normal(0, 0.02, (512, 768)),
        "kaiming": rng.uniform(-0.05, 0.05, (512, 768)),
        "embedding": rng.normal(0, 1, (2000, 256)),
        "exponential": rng.exponential(0.1, (512, 512)),
        "sparse": rng.normal(0, 0.1, (512, 512)) * (rng.random((512, 512)) < 0.1),
        "sines": np.sin(np.arange(1024)[:, None] / 10000 ** (np.arange(256) / 256)),
        "heavy": rng.standard_t(2, (512, 512)),
        "small": rng.normal(0, 1e-6, (512, 512)),
        "positions": np.tile(np.arange(512, dtype=np.float32), (256, 1)),
        "linspace": np.linspace(-1, 1, 512 * 512).reshape(512, 512),
        "low_rank": rng.normal(0, 1, (512, 8)) @ rng.normal(0, 1, (8, 512)),
        "orthogonal": np.linalg.qr(rng.normal(0, 1, (384, 384)))[0],
    }.items():
        n += 1
        save(f"benign/{name}", forms(a))
    save("benign/norm", {"ones": ("F32", np.ones(4096, np.float32)), "zeros": ("F32", np.zeros(4096, np.float32))})
    return n


def hidden():
    """The same kind of weights with a payload: inert text, an inert header of a program."""
    text = (b"merlon-test: this is a script that does nothing. echo merlon-test\n" * 4000)
    elf = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HHI", 3, 62, 1) + b"\0" * 4096
    base = rng.normal(0, 0.02, (1024, 1024)).astype(np.float32)
    low = base.copy().view(np.uint8).reshape(-1, 4)
    low[: len(text), 0] = np.frombuffer(text, np.uint8)
    save("hidden/low_byte", {"w": ("F32", low.reshape(-1).view(np.float32).reshape(1024, 1024))})
    bits = np.unpackbits(np.frombuffer(text[:120_000], np.uint8)).astype(np.uint32)
    lsb = base.copy().reshape(-1).view(np.uint32)
    lsb[: len(bits)] = lsb[: len(bits)] & ~np.uint32(1) | bits
    save("hidden/low_bit", {"w": ("F32", lsb.view(np.float32).reshape(1024, 1024))})
    half = bf16(base).reshape(-1)
    half[: len(bits)] = half[: len(bits)] & ~np.uint16(1) | bits.astype(np.uint16)
    save("hidden/low_bit_bf16", {"w": ("BF16", half.reshape(1024, 1024))})
    raw = bytearray(base.tobytes())
    raw[400_001 : 400_001 + len(elf)] = elf
    save("hidden/program", {"w": ("F32", np.frombuffer(bytes(raw), np.float32).reshape(1024, 1024))})
    raw = bytearray(base.tobytes())
    raw[100_003 : 100_203] = text[:200]
    save("hidden/text", {"w": ("F32", np.frombuffer(bytes(raw), np.float32).reshape(1024, 1024))})
    nan = base.copy()
    nan[5, 7] = np.nan
    save("hidden/nan", {"w": ("F32", nan)})
    few = {f"layer{i}.weight": ("F32", rng.normal(0, 0.02, (64, 64)).astype(np.float32)) for i in range(12)}
    save("hidden/type", few | {"layer12.weight": ("U8", np.frombuffer(text[:8192], np.uint8))})


print(benign(), "benign files")
hidden()
