// Package keras scans Keras models: the configuration in .keras archives and in JSON
// files, and HDF5 files with their configuration in an attribute (.h5, .hdf5,
// .weights.h5).
//
// A configuration is a tree of objects that the loader looks up by module and name
// and builds with arguments from the file. Every object is held against the classes
// and functions of Keras; the code of Lambda layers is read, never run.
//
// Verdicts: ok when all objects are those of Keras and hold data only; unverified for
// custom objects and for code in which nothing dangerous is named; malicious for
// modules outside of Keras, functions of Keras that act on files or the network,
// switched-off safety, and code that reaches the system.
package keras

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/hdf5"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("keras", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Suffixes: append([]string{".keras", ".json"}, hdf5Names...),
		Hints:    []string{hintMetadata},
		Magics: slices.Concat(scan.At(0, hdf5.Signature), scan.At(512, hdf5.Signature),
			scan.At(1024, hdf5.Signature), scan.At(2048, hdf5.Signature)),
	}
}

// Wants takes HDF5 files, the configuration of a .keras archive, and JSON files that
// begin like a Keras model.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	name := path.Base(beside.Name(fi.Ref))
	if inKeras(fi.Ref) && name == "config.json" || fi.Hint == hintMetadata {
		return scan.Yes
	}
	switch {
	case isHDF5(fi), isArchive(name, fi.Head), behindBlock(fi), empty(fi.Ref.Name(), fi.Size):
		return scan.Yes
	case strings.EqualFold(path.Ext(name), ".json"):
		// A .json file is mostly that of something else; see Scan.
		b := bytes.TrimLeft(fi.Head, " \t\r\n")
		return scan.YesIf(len(b) == 0 || b[0] == '{' && (mentionsClass(b) || name == "config.json" || fi.Size > int64(len(fi.Head))))
	}
	return scan.No
}

// empty reports whether a file with the name of a model has no bytes.
func empty(name string, size int64) bool {
	return size == 0 && hasSuffix(name, []string{".keras", ".h5", ".hdf5", ".he5"})
}

func emptyFormat(name string) string {
	if hasSuffix(name, []string{".keras"}) {
		return "keras"
	}
	return "hdf5"
}

var errEmpty = errors.New("the file is empty: fetch it again")

// hintMetadata is the hint of the configuration of a layer in a SavedModel. What it
// names and Keras does not have is rebuilt from the graph, without code.
const hintMetadata = "keras-metadata"

// inKeras reports whether a reference leads into a .keras archive.
func inKeras(r asset.Ref) bool {
	if len(r.Inner) == 0 {
		return false
	}
	outer := asset.Ref{Path: r.Path, Inner: r.Inner[:len(r.Inner)-1]}
	return strings.EqualFold(path.Ext(outer.Name()), ".keras")
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	switch {
	case empty(f.Ref().Name(), f.Size()):
		return verdict.Scan(ctx, f, s, emptyFormat(f.Ref().Name()), func(*verdict.File) error { return errEmpty })
	case isArchive(f.Ref().Name(), f.Head()):
		return scanArchive(ctx, f, s)
	case signature(f.Head(), f.Size(), f) >= 0:
		return scanHDF5(ctx, f, s)
	case !strings.EqualFold(path.Ext(f.Ref().Name()), ".json") && !inKeras(f.Ref()) && hasSuffix(f.Ref().Name(), hdf5Names):
		return nil // a file of another format, or one that is to become HDF5
	}
	certain := inKeras(f.Ref()) && path.Base(f.Ref().Name()) == "config.json"
	if !certain && f.Size() > maxConfig && !looksKeras(f.Head()) {
		return nil
	}
	doc, err := scan.Bytes(f, maxConfig)
	if err != nil {
		return fmt.Errorf("Keras configuration: %w", err)
	}
	if !certain && !mentionsClass(doc) {
		return nil
	}
	v, twice, err := strictjson.Parse(doc, strictjson.Options{Python: true, Depth: maxDepth}, maxValues)
	if !certain && (err == nil || !looksKeras(f.Head())) && v.Get("class_name").String() == "" {
		return nil // JSON of something else
	}
	c := newConfig(verdict.Of(s, f, "keras-config"), f, false)
	if h, ok := f.(scan.Hinter); ok {
		c.revived = h.Hint() == hintMetadata
	}
	defer c.Close()
	c.walk(&v, "") // what was read before an error counts
	c.duplicates(twice)
	if err != nil {
		return fmt.Errorf("Keras configuration: %w", err)
	}
	if v.Kind != strictjson.Object || v.Get("class_name").String() == "" {
		return errors.New("Keras configuration: it names no class to build the model from")
	}
	return nil
}

func looksKeras(head []byte) bool { return bytes.Contains(head, []byte(`"class_name"`)) }

// mentionsClass reports whether a document may have the key "class_name", as it is or in
// escapes.
func mentionsClass(doc []byte) bool {
	return bytes.Contains(doc, []byte(`"class_name"`)) || escaped().Match(doc)
}

// escaped matches a letter of the key as nobody writes it who has nothing to hide.
var escaped = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\\u00(?:5f|6[1-9a-f]|73)`) })

const (
	maxConfig = 24 << 20 // bytes of a configuration
	// A layer has about 35 values: this is enough for 8000 layers, several times those of
	// the largest models, and takes 57 MB.
	maxValues = 300_000
	maxDepth  = 512 // Python's json ends near 1000
)

// config is a configuration that is being judged.
type config struct {
	*verdict.File
	file       scan.File
	legacyFile bool           // HDF5: safe_mode does not apply
	revived    bool           // in a SavedModel: unknown classes are not built
	classes    map[string]int // by name, for the description
	sink       *scan.Sink     // takes pickles in HDF5
	pickles    int            // handed on
}

func newConfig(v *verdict.File, f scan.File, legacy bool) *config {
	return &config{File: v, file: f, legacyFile: legacy, classes: map[string]int{}}
}

func (c *config) at(off int) []finding.Location {
	if c.legacyFile {
		return []finding.Location{finding.At(c.file.Ref())} // offsets in an attribute say nothing to a reader
	}
	return []finding.Location{finding.AtOffset(c.file.Ref(), int64(off))}
}

func (c *config) report(v asset.Verdict, rule, key string, off int, format string, args ...any) {
	c.Report(v, finding.Finding{Rule: rule, Key: key, Message: fmt.Sprintf(format, args...), Locations: c.at(off)})
}

func (c *config) duplicates(twice []strictjson.Duplicate) {
	for _, d := range twice {
		c.report(asset.Unverified, ruleTwice, d.Key, d.Offset, "The key %q is in its object more than once.", verdict.Show(d.Key))
	}
}
