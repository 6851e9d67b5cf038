package matrix

import (
	"slices"
	"strings"
)

// containers are archives of any kind around a pickle or beside one.
func containers(t *table) {
	t.of("Archives", "zip")
	bad, good := "data.pkl", harmless
	t.add("pickle in a tar", malicious, dangerous, one("model.tar", tarOf(member{name: bad, body: evil})), one("model.tar", tarOf(member{name: bad, body: good}))).as("tar")
	t.add("pickle in a tar.gz", malicious, dangerous, one("model.tar.gz", gz(tarOf(member{name: bad, body: evil}))), one("model.tar.gz", gz(tarOf(member{name: bad, body: good})))).as("gzip")
	t.add("pickle in gzip", malicious, dangerous, one("model.pkl", gz(evil)), one("model.pkl", gz(good))).as("gzip")
	for _, ext := range []string{"xz", "zstd", "lz4", "zlib"} {
		name := map[string]string{"xz": " .xz", "zstd": " .zst", "lz4": " .lz4", "zlib": " .z"}[ext]
		t.add("pickle in "+ext, malicious, dangerous, t.evasion("compressed pickle", name), t.evasion("compressed pickle", "twin")).as(ext)
	}
	t.add("pickle in bzip2", malicious, dangerous, t.evasion("compressed pickle", ".bz2"), t.evasion("compressed pickle", "twin")).as("bzip2")
	t.add("pickle in 7z", malicious, dangerous, t.evasion("7z", "LZMA, named .pt"), t.evasion("7z", "twin")).known("nullifAI, 2025").as("7z")
	t.add("pickle in a zip in a zip", malicious, dangerous, one("model.zip", zipOf("inner.bin", zipOf(bad, evil))), one("model.zip", zipOf("inner.bin", zipOf(bad, good)))).as("zip")
	t.add("pickle in a tar in a zip", malicious, dangerous, one("model.zip", zipOf("t.tar", tarOf(member{name: bad, body: evil}))), one("model.zip", zipOf("t.tar", tarOf(member{name: bad, body: good})))).as("zip")
	t.add("broken member that hides the next from scanners", malicious, dangerous+" pickle-broken", one("model.zip", zipOf("a.pkl", "\x80\x04\x95broken", bad, evil)), one("model.zip", zipOf("a.pkl", good, bad, good))).known("modelscan #354").as("zip")
	t.add("protocol 0 in a text member", malicious, dangerous, one("model.zip", zipOf("notes.txt", "cos\nsystem\n(S'"+echo+"'\ntR.")), one("model.zip", zipOf("notes.txt", "os\nsystem\n"))).as("zip").twin(noModel, "")
	t.add("second compressed stream behind the first", malicious, dangerous, one("model.pkl.gz", gz(good)+gz(evil)), one("model.pkl.gz", gz(good)+gz(good))).as("gzip")
	t.add("compressed stream damaged behind the payload", malicious, dangerous+" archive-undecodable", one("model.pkl.gz", gz(evil)[:len(gz(evil))-6]), one("model.pkl.gz", gz(good))).as("gzip")
	t.add("7z damaged or truncated", failed, "archive-undecodable", one("model.7z", firstOf(t.evasion("7z", "twin"))[:60]), one("model.7z", firstOf(t.evasion("7z", "twin")))).as("7z")
	t.add("archive in a form that nobody here reads", failed, "archive-undecodable", one("some.rar", "Rar!\x1a\x07\x01\x00 and so on"), one("some.txt", "Rar is a kind of archive")).twin(noModel, "").as("rar")

	t.of("Archives", "tar")
	t.add("traversal out of the folder", unverified, "archive-traversal", one("m.tar", tarOf(member{name: "../../etc/x", body: "1"})), one("m.tar", tarOf(member{name: "a/..b/x", body: "1"}))).twin(noModel, "")
	t.add("symbolic link that leads out", unverified, "archive-link", one("m.tar", tarOf(member{name: "a/l", link: "../../x", kind: '2'})), one("m.tar", tarOf(member{name: "a/l", link: "../x", kind: '2'}))).twin(noModel, "")
	t.add("device", unverified, "archive-link", one("m.tar", tarOf(member{name: "d", kind: '3'})), one("m.tar", tarOf(member{name: "d", kind: '0'}))).twin(noModel, "")
	t.add("members behind the end marker", unverified, "archive-damaged", one("m.tar", tarOf(member{name: "a", body: "1"})+tarOf(member{name: "b", body: "2"})), one("m.tar", tarOf(member{name: "a", body: "1"}, member{name: "b", body: "2"}))).twin(noModel, "")
	t.add("two members of one name", unverified, "zip-duplicate-member", one("m.tar", tarOf(member{name: "a", body: "1"}, member{name: "a", body: "2"})), one("m.tar", tarOf(member{name: "a", body: "1"}, member{name: "b", body: "2"}))).twin(noModel, "")

	t.of("Archives", "zip")
	plain := zipOf("a.txt", "hello", "b.txt", "world")
	t.add("member outside of the folder", unverified, "archive-traversal", one("m.zip", zipOf("../../etc/x", "1")), one("m.zip", zipOf("a/..b/x", "1"))).twin(noModel, "")
	t.add("symbolic link that leads out", unverified, "archive-link", one("m.zip", zipLink("l", "/etc/passwd")), one("m.zip", zipLink("l", "a"))).twin(noModel, "")
	t.add("name that systems read differently", unverified, "archive-odd-name", one("m.zip", zipOf(`a\b`, "1")), one("m.zip", zipOf("a/b", "1"))).twin(noModel, "")
	t.add("bytes before the archive", unverified, "archive-hidden-data", one("m.zip", "#!/usr/bin/env python3\n"+plain), one("m.zip", plain)).twin(noModel, "")
	t.add("bytes behind the archive", unverified, "archive-hidden-data", one("m.zip", plain+strings.Repeat("more", 1000)), one("m.zip", plain)).twin(noModel, "")
	t.add("no directory at the end", unverified, "zip-view-mismatch", one("m.zip", plain[:len(plain)-30]), one("m.zip", plain)).twin(noModel, "")
	t.add("bomb: a thousand members that share their bytes", failed, "archive-bomb archive-undecodable zip-duplicate-member zip-view-mismatch", one("m.zip", overlap(1000)), one("m.zip", overlap(1))).twin(noModel, "")
	deep := harmless
	for range 30 {
		deep = zipOf("z", deep)
	}
	t.add("bomb: archives nested thirty deep", failed, "archive-bomb", one("m.zip", deep), one("m.zip", zipOf("z", zipOf("z", harmless))))
}

// overlap is a zip whose directory lists one member n times.
func overlap(n int) string {
	b := zipOf("a", strings.Repeat("x", 1<<10))
	i := strings.Index(b, "PK\x01\x02")
	entry, end := b[i:len(b)-22], []byte(b[len(b)-22:])
	out := b[:i]
	for k := range n {
		out += entry[:46] + string(rune('a'+k%26)) + entry[47:]
	}
	copy(end[8:], le32(n)[:2]+le32(n)[:2]+le32(n*len(entry)))
	return out + string(end)
}

func firstOf(f Files) string {
	for _, content := range f {
		return content
	}
	return ""
}

// zips are torch files in the zip's two views of which readers believe one.
func zips(t *table) {
	t.of("PyTorch", "torch-zip")
	twin := t.evasion("torch zip", "twin")
	weights := firstOf(twin)
	ev := func(threat, rules, class, name string) *Row {
		return t.add(threat, malicious, strings.TrimSpace(dangerous+" "+rules), t.evasion(class, name), t.evasion(class, "twin"))
	}
	ev("dangerous call in data.pkl", "", "torch zip", "data.pkl")
	ev("torch file under the name .safetensors", "safetensors-header-too-large", "torch zip", "named .safetensors")
	ev("torch file under the name .txt", "", "torch zip", "named .txt").known("CVE-2025-1889")
	ev("pickle among the storages", "", "torch zip", "pickle among the storages")
	ev("other name in the local header", "zip-view-mismatch", "zip: the views name a member differently", "harmless name in the local header").known("CVE-2025-1944")
	ev("other name in the directory", "zip-view-mismatch pickle-persistent-id", "zip: the views name a member differently", "harmless name in the directory").known("CVE-2025-1944")
	ev("other data in the two views", "zip-view-mismatch archive-hidden-data", "zip: the views give other data", "short size in the directory")
	ev("encryption bit in the directory", "zip-encrypted zip-view-mismatch", "zip: encryption bit", "deflated, in the directory").known("CVE-2025-1945")
	ev("wrong checksum around a payload", "zip-crc-mismatch", "zip: wrong checksum", "in both views").known("CVE-2025-10156")
	ev("two data.pkl, the harmful one first", "zip-duplicate-member", "zip: two members of one name", "harmful one first")
	ev("names that differ in case", "zip-duplicate-member", "zip: two members of one name", "upper case")
	ev("two zips in one file", "zip-duplicate-member zip-view-mismatch", "zip: directories that contradict each other", "two zips, harmful first")
	ev("member that the directory does not list", "zip-view-mismatch archive-hidden-data zip-duplicate-member", "zip: members that one view does not know", "local header only, first")
	ev("torch file behind a picture", "archive-hidden-data", "zip: part of another file", "behind a GIF").as("zip")
	ev("torch file behind safetensors", "archive-hidden-data safetensors-hidden-data", "zip: part of another file", "behind safetensors").as("safetensors")
	flags := []byte(weights)
	flags[strings.Index(weights, "PK\x01\x02")+8] |= 1
	t.add("encryption bit around harmless data", unverified, "zip-encrypted zip-view-mismatch", one("model.pt", flags), one("model.pt", weights))
	crc := strings.Replace(weights, "\x00\x00\x80?\x00\x00\x00@", "\x00\x00\x81?\x00\x00\x00@", 1)
	t.add("wrong checksum", unverified, "zip-crc-mismatch", one("model.pt", crc), one("model.pt", weights))
	t.add("other name in the local header, harmless data", unverified, "zip-view-mismatch", one("model.pt", strings.Replace(weights, "model/version", "model/VERSION", 1)), one("model.pt", weights))
}

// torches are weights that are not what the pickle says.
func torches(t *table) {
	t.of("PyTorch", "torch-zip")
	members := t.unzip(firstOf(t.evasion("torch zip", "twin")))
	at := slices.Index(members, "model/data/0") + 1
	change := func(data string) string { m := slices.Clone(members); m[at] = data; return zipOf(m...) }
	t.add("weights shorter than the tensor", unverified, "torch-storage", one("model.pt", change("short")), one("model.pt", change(members[at])))
	t.add("weights longer than the tensor", unverified, "torch-storage", one("model.pt", change(members[at]+"more")), one("model.pt", change(members[at])))
	t.add("dangerous call in a file of PyTorch before 1.6", malicious, dangerous, t.evasion("torch before 1.6", "object"), t.evasion("torch before 1.6", "twin")).as("torch-legacy")
	t.add("dangerous call in place of the magic number", malicious, dangerous+" pickle-persistent-id", t.evasion("torch before 1.6", "instead of the magic number"), t.evasion("torch before 1.6", "twin")).as("pickle")
}

// torchScripts carry code in PyTorch's own language.
func torchScripts(t *table) {
	t.of("PyTorch", "torchscript")
	net := one("m.pt", t.real("torchscript/testdata/net.pt"))
	const code = "torchscript-code pickle-unverified" // the classes of the code are names that no list has
	file := func(threat, rules, name string) *Row {
		return t.add(threat, malicious, code+" "+rules, one(name, t.real("torchscript/testdata/"+name)), net).twin(unverified, code)
	}
	file("operator that writes a file (aten::save)", "torchscript-host-access", "save.pt").known("CVE-2025-32434")
	file("operator that reads a file (aten::from_file)", "torchscript-host-access", "from_file.pt").known("CVE-2025-32434")
	file("operator that calls another machine (rpc)", "torchscript-host-access", "rpc.pt").known("CVE-2024-5480, CVE-2024-48063")
	file("file written through an alias", "torchscript-hidden-op torchscript-host-access", "save_alias.pt")
	t.add("operator of another library", unverified, code+" torchscript-custom-op", one("m.pt", t.real("torchscript/testdata/custom.pt")), net).twin(unverified, code)
	t.add("code in the model (TorchScript)", unverified, code, net, one("m.pt", t.real("torchscript/testdata/weights.pt"))).known("CVE-2022-45907")
	t.add("bytecode that writes a file", malicious, code+" torchscript-host-access", one("m.ptl", t.real("torchscript/testdata/save.ptl")), one("m.ptl", t.real("torchscript/testdata/mobile.ptl"))).
		twin(unverified, code).as("torch-mobile")

	t.of("PyTorch", "torch-export")
	program := t.real("torchscript/testdata/net.pt2")
	relu, symbol := "torch.ops.aten.relu.default", "Symbol('s0', positive=True, integer=True)"
	pt2 := func(old, new string) Files { return one("m.pt2", t.rezip(program, old, new)) }
	t.add("node that is no operator (torch.os.system)", malicious, "torch-export-target", pt2(relu, "torch.os.system"), pt2(relu, "_operator.add"))
	t.add("expression with a call", malicious, "torch-export-expression", pt2(symbol, "__import__('os')"), pt2(symbol, "2*s0 + (s1 // 3)"))
	t.add("operator of another library", unverified, "torchscript-custom-op", pt2(relu, "torch.ops.merlon_test.f.default"), pt2(relu, relu))
	layout := []string{"m/archive_format", "pt2", "m/models/model.json", `{"graph_module":{"graph":{"nodes":[{"target":"` + relu + `"}],"tensor_values":{}}}}`}
	with := func(more ...string) Files { return one("m.pt2", zipOf(append(slices.Clone(layout), more...)...)) }
	t.add("machine code inside (AOTInductor)", unverified, "torch-native-code", with("m/data/aotinductor/model/k.so", "x"), with("m/extra/notes.txt", "x"))
	weights := func(pickled string) Files {
		return with("m/data/weights/model_weights_config.json", `{"config":{"w":{"path_name":"weight_0","use_pickle":`+pickled+`}}}`)
	}
	t.add("weights that are loaded with pickle", unverified, "torch-export-pickled-weights", weights("true"), weights("false"))
	t.add("Python code inside (torch.package)", unverified, "torch-package-code", one("m.pt", zipOf("m/.data/extern_modules", "torch", "m/model/net.py", "import os")),
		one("m.zip", zipOf("m/data/extern_modules", "torch", "m/model/net.py", "import os"))).twin(noModel, "").as("torch-package")
}

// arrays are files of NumPy and joblib.
func arrays(t *table) {
	t.of("NumPy and joblib", "npy")
	arr := func(descr, shape, data string) Files { return one("a.npy", npy(descr, shape, data)) }
	floats := arr("'<f4'", "(2,)", "12345678")
	t.add("array of objects with a dangerous call", malicious, "numpy-object-array "+dangerous, arr("'|O'", "(1,)", evil), arr("'|O'", "(1,)", harmless)).twin(ok, "numpy-object-array").known("CVE-2019-6446")
	t.add("object field in a structure", malicious, "numpy-object-array "+dangerous, arr("[('a', '<f4'), ('b', '|O')]", "(1,)", evil), arr("[('a', '<f4'), ('b', '<i4')]", "(1,)", "12345678"))
	t.add("code in the header", failed, "numpy-header", arr("'<f4'", "__import__('os').getpid()", ""), arr("'<f4'", "(0,)", ""))
	t.add("shape that overflows", failed, "numpy-header", arr("'<f8'", "(4611686018427387904, 2)", ""), arr("'<f8'", "(0, 2)", ""))
	t.add("fewer bytes than the shape says", failed, "numpy-size", arr("'<f4'", "(3,)", "12345678"), floats)
	t.add("bytes behind the array", unverified, "numpy-size", arr("'<f4'", "(2,)", "12345678x"), floats)
	t.add("pickle behind the array", malicious, "numpy-size "+dangerous, arr("'<f4'", "(2,)", "12345678"+evil), floats)
	object, array := npy("'|O'", "(1,)", evil), npy("'<f4'", "(2,)", "12345678")
	t.of("NumPy and joblib", "npz")
	t.add("member with objects", malicious, "numpy-object-array "+dangerous, one("a.npz", zipOf("a.npy", array, "o.npy", object)), one("a.npz", zipOf("a.npy", array, "o.npy", array)))
	t.add("member that is a bare pickle", malicious, dangerous, one("a.npz", zipOf("a.npy", array, "o.npy", evil)), one("a.npz", zipOf("a.npy", array)))
	t.of("NumPy and joblib", "joblib")
	t.add("call behind an array in the stream", malicious, dangerous, t.evasion("joblib", "plain"), t.evasion("joblib", "twin")).as("pickle")
	t.add("ZF header with a wrong length", malicious, "joblib-header "+dangerous, t.evasion("joblib", "ZF with a wrong length"), t.evasion("joblib", "twin"))
	t.add("ZF file around a dangerous call", malicious, dangerous, t.evasion("joblib", "ZF"), t.evasion("joblib", "twin"))
}
