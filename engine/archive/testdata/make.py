#!/usr/bin/env python3
"""Writes the archives of this folder and manifest.json with the digest of every member.

Needs Python 3.11 or newer with py7zr 1.1.4, inflate64 1.0.4, lz4 4.4.5 and
zstandard 0.25.0. Run it in this folder. All content is harmless.
"""
import bz2, gzip, hashlib, io, json, lzma, random, struct, tarfile, zipfile, zlib

import inflate64, lz4.frame, py7zr, zstandard

random.seed(7)
TEXT = b"".join(b"line %d of a text that compresses well\n" % i for i in range(700))
NOISE = bytes(random.randrange(256) for _ in range(2000))
CODE = b"".join(b"\x55\x48\x89\xe5\xe8" + struct.pack("<i", i * 37 - 4000) + b"\xc3\x90\x0f\x84\x00\x01\x00\x00" for i in range(600))
FILES = {"a/text.txt": TEXT, "a/noise.bin": NOISE, "empty": b"", "code.bin": CODE, "ümlaut.txt": b"name\n"}
manifest = {}


def save(name, data, members):
    with open(name, "wb") as f:
        f.write(data)
    manifest[name] = {k: hashlib.sha256(v).hexdigest() for k, v in members.items()}


class Unseekable(io.RawIOBase):
    def __init__(self):
        self.b = bytearray()

    def writable(self):
        return True

    def write(self, b):
        self.b += b
        return len(b)


def make_zip(method, out=None, zip64=False, **kw):
    buf = out or io.BytesIO()
    with zipfile.ZipFile(buf, "w", method, **kw) as z:
        for n, c in FILES.items():
            if zip64:
                with z.open(n, "w", force_zip64=True) as f:
                    f.write(c)
            else:
                z.writestr(n, c)
    return bytes(out.b) if out else buf.getvalue()


for name, method in (("stored", 0), ("deflated", 8), ("bzip2", 12), ("lzma", 14)):
    save(f"py-{name}.zip", make_zip(method), FILES)
save("py-descriptors.zip", make_zip(8, Unseekable()), FILES)
save("py-stored-descriptors.zip", make_zip(0, Unseekable()), FILES)
save("py-zip64.zip", make_zip(8, zip64=True), FILES)
buf = io.BytesIO()
with zipfile.ZipFile(buf, "w") as z:
    z.comment = b"a comment that says PK"
    z.mkdir("dir") if hasattr(z, "mkdir") else z.writestr("dir/", b"")
    z.writestr("dir/inner.zip", make_zip(8))
save("py-comment.zip", buf.getvalue(), {"dir/inner.zip": make_zip(8)})
save("py-empty.zip", zipfile.ZipFile(e := io.BytesIO(), "w").close() or e.getvalue(), {})


def deflate64_zip(content):
    d = inflate64.Deflater()
    packed = d.deflate(content) + d.flush()
    n = b"big.txt"
    crc = zlib.crc32(content)
    common = struct.pack("<HHHHHIIIHH", 21, 0, 9, 0, 33, crc, len(packed), len(content), len(n), 0)
    local = b"PK\3\4" + common + n + packed
    central = b"PK\1\2" + struct.pack("<H", 21) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + n
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


big = TEXT * 2 + NOISE + bytes(70000) + TEXT
save("deflate64.zip", deflate64_zip(big), {"big.txt": big})

for name, fmt in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
    files = dict(FILES)
    files["d/" * 60 + "deep.txt"] = b"deep\n"
    if fmt != tarfile.USTAR_FORMAT:
        files["n" * 180] = b"long\n"
    buf = io.BytesIO()
    with tarfile.open(fileobj=buf, mode="w", format=fmt) as t:
        for n, c in files.items():
            i = tarfile.TarInfo(n)
            i.size = len(c)
            if fmt == tarfile.PAX_FORMAT:
                i.mtime = 1.5
            t.addfile(i, io.BytesIO(c))
        i = tarfile.TarInfo("dir")
        i.type = tarfile.DIRTYPE
        t.addfile(i)
    save(f"py-{name}.tar", buf.getvalue(), files)

s = b"".join((TEXT, NOISE))
one = {"": s}
save("gzip.gz", gzip.compress(TEXT, mtime=0) + gzip.compress(NOISE, mtime=0) + bytes(100), one)
save("zlib.z", zlib.compress(s), one)
save("bzip2.bz2", bz2.compress(TEXT) + bz2.compress(NOISE), one)
save("xz.xz", lzma.compress(TEXT) + lzma.compress(NOISE, check=lzma.CHECK_SHA256), one)
save("xz-crc32.xz", lzma.compress(s, check=lzma.CHECK_CRC32), one)
save("xz-filters.xz", lzma.compress(CODE, filters=[{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]), {"": CODE})
save("lzma.lzma", lzma.compress(s, format=lzma.FORMAT_ALONE), one)
save("lz4.lz4", lz4.frame.compress(TEXT) + lz4.frame.compress(NOISE), one)
save("lz4-linked.lz4", lz4.frame.compress(s, block_linked=True, content_checksum=True, block_checksum=True, store_size=True), one)
save("zstd.zst", zstandard.compress(TEXT) + zstandard.compress(NOISE), one)

for name, filters in (
    ("default", None),
    ("lzma", [{"id": py7zr.FILTER_LZMA}]),
    ("deflate", [{"id": py7zr.FILTER_DEFLATE}]),
    ("bzip2", [{"id": py7zr.FILTER_BZIP2}]),
    ("copy", [{"id": py7zr.FILTER_COPY}]),
    ("zstd", [{"id": py7zr.FILTER_ZSTD}]),
    ("delta", [{"id": py7zr.FILTER_DELTA, "dist": 2}, {"id": py7zr.FILTER_LZMA2}]),
    ("ppmd", [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}]),
):
    buf = io.BytesIO()
    with py7zr.SevenZipFile(buf, "w", filters=filters) as z:
        for n, c in FILES.items():
            z.writestr(c, n)
    save(f"py7zr-{name}.7z", buf.getvalue(), FILES)
buf = io.BytesIO()
with py7zr.SevenZipFile(buf, "w", password="merlon") as z:
    z.writestr(TEXT, "a/text.txt")
save("py7zr-encrypted.7z", buf.getvalue(), {})

with open("manifest.json", "w") as f:
    json.dump(manifest, f, indent=1, ensure_ascii=False, sort_keys=True)
    f.write("\n")
