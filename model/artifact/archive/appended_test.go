package archive_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/flattest"
)

type table = flattest.Table

// lite is a TensorFlow Lite model whose metadata name files.
func lite(files ...string) []byte {
	meta := flattest.File("M001", table{0: "model", 6: files})
	return flattest.File("TFL3", table{0: uint32(3), 4: []table{{}, {0: meta}}, 6: []table{{0: "TFLITE_METADATA", 1: uint32(1)}}})
}

// An end record may have a long comment behind it, whatever the file is called.
func TestZipWithALongComment(t *testing.T) {
	z := zipOf(t, member{name: "a", body: "b"})
	const n = 60_000
	binary.LittleEndian.PutUint16(z[len(z)-2:], n)
	b := slices.Concat(bytes.Repeat([]byte("x"), 10_000), z, bytes.Repeat([]byte("y"), n))
	r := artifacttest.Scan(t, archive.New(), "report.dat", b)
	if !slices.Contains(r.Rules(), "artifact/archive-hidden-data") {
		t.Errorf("%v %v", r.Messages(), r.Errors)
	}
}

// The labels of a TensorFlow Lite model lie in a zip behind it. That zip is no hidden
// file if the model names what is in it; what is in it is looked at in any case.
func TestZipOfMetadata(t *testing.T) {
	pickle := "cos\nsystem\n(S'echo merlon-test'\ntR."
	for name, tt := range map[string]struct {
		model  []byte
		zip    []byte
		hidden bool
	}{
		"named":      {lite("labels.txt", "vocab.txt"), zipOf(t, member{name: "labels.txt", body: "a\nb\n"}, member{name: "vocab.txt", body: "c\n"}), false},
		"not named":  {lite("labels.txt"), zipOf(t, member{name: "labels.txt", body: "a\nb\n"}, member{name: "payload", body: pickle}), true},
		"part of it": {lite("my_labels.txt"), zipOf(t, member{name: "labels.txt", body: "a\n"}), true},
		"no names":   {lite(), zipOf(t, member{name: "labels.txt", body: "a\n"}), true},
		"no model":   {append([]byte("\x08\x00\x00\x00TFL3"), strings.Repeat("x", 100)...), zipOf(t, member{name: "labels.txt", body: "a\n"}), true},
		"other file": {append([]byte("%PDF-1.4 "), strings.Repeat("x", 100)...), zipOf(t, member{name: "labels.txt", body: "a\n"}), true},
	} {
		r := artifacttest.Scan(t, archive.New(), "m.tflite", slices.Concat(tt.model, tt.zip))
		if got := slices.Contains(r.Rules(), "artifact/archive-hidden-data"); got != tt.hidden || !tt.hidden && r.Verdict.Worst(asset.OK) != asset.OK {
			t.Errorf("%s: %q %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
	}
	r := artifacttest.Scan(t, archive.New(), "m.tflite", slices.Concat(lite("payload"), zipOf(t, member{name: "payload", body: pickle})))
	found := false
	for _, f := range r.Scan.Facts {
		found = found || f.Kind == "member"
	}
	if !found {
		t.Error("the members are not looked at")
	}
	real, err := os.ReadFile("../tflite/testdata/metadata.tflite") // by the official writer
	if err != nil {
		t.Fatal(err)
	}
	if r := artifacttest.Scan(t, archive.New(), "m.tflite", real); len(r.Findings) > 0 || len(r.Errors) > 0 {
		t.Errorf("%v %v", r.Messages(), r.Errors)
	}
	// Bytes after the zip are hidden as before.
	r = artifacttest.Scan(t, archive.New(), "m.tflite", slices.Concat(lite("labels.txt"), zipOf(t, member{name: "labels.txt", body: "a\n"}), []byte("more")))
	if !slices.Contains(r.Rules(), "artifact/archive-hidden-data") {
		t.Errorf("%v", r.Messages())
	}
}
