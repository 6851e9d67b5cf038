package keras

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/hdf5"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

// isHDF5 reports whether a file begins with the signature, or has it in the head
// behind a user block.
func isHDF5(fi scan.FileInfo) bool { return hdf5.Find(fi.Head, nil, fi.Size) >= 0 }

// hdf5Names are ends of names under which models in HDF5 travel. A user block may be
// of any size, and readers look behind it: in files of these names the signature is
// looked for beyond the head.
var hdf5Names = []string{".h5", ".hdf5", ".hdf", ".he5", ".h5py", ".keras", ".model", ".weights", ".bin", ".ckpt", ".nc", ".mat"}

// behindBlock reports whether a file may be HDF5 behind a user block that is longer
// than the head.
func behindBlock(fi scan.FileInfo) bool {
	return fi.Size > scan.HeadSize && fi.Hint == "" && hasSuffix(beside.Name(fi.Ref), hdf5Names)
}

func hasSuffix(name string, ends []string) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(strings.ToLower(name), end) })
}

func signature(head []byte, size int64, f scan.File) int64 {
	if i := hdf5.Find(head, nil, size); i >= 0 || !hasSuffix(f.Ref().Name(), hdf5Names) {
		return i
	}
	return hdf5.Find(head, f, size)
}

// configs are the attributes in which Keras keeps JSON.
var configs = map[string]bool{"model_config": true, "training_config": true}

func wanted(_, name string) bool {
	return configs[name] || name == "keras_version" || name == "backend"
}

// tooMuch is when the bytes that a dataset declares are called huge: more than a GiB,
// and more than the file can hold however well it is compressed.
func tooMuch(declared uint64, size int64) bool {
	return declared > 1<<30 && declared/2000 > uint64(size)
}

func scanHDF5(ctx context.Context, f scan.File, s *scan.Sink) error {
	v := verdict.Of(s, f, "hdf5")
	defer v.Close()
	c := newConfig(v, f, true)
	c.sink = s
	err := hdf5.Walk(ctx, f, f.Size(), hdf5.Visitor{
		Want:      wanted,
		Attribute: c.attribute,
		Dataset:   c.dataset,
		Link:      c.link,
		Value:     c.value,
		Odd: func(off int64, what string) {
			c.Report(asset.Unverified, finding.Finding{Rule: ruleFollow, Key: what, Message: "Not followed: " + verdict.Show(what) + ".",
				Locations: []finding.Location{finding.AtOffset(f.Ref(), off)}})
		},
	})
	return err
}

func (c *config) attribute(a *hdf5.Attribute) {
	if !configs[a.Name] || a.Err != nil {
		return
	}
	if len(a.Texts) == 0 {
		c.Failf("HDF5: attribute %q of %q should be a text, it is %s", a.Name, verdict.Show(a.Object), a.Type.Name)
		return
	}
	for _, doc := range a.Texts {
		v, twice, err := strictjson.Parse([]byte(doc), strictjson.Options{Python: true, Depth: maxDepth}, maxValues)
		c.walk(&v, "")
		c.duplicates(twice)
		if err != nil {
			c.Failf("HDF5: attribute %q of %q: %w", a.Name, verdict.Show(a.Object), err)
		}
	}
}

// value hands on what looks like a pickle. PyTables, and so pandas.read_hdf, unpickles
// texts in attributes that end in a full stop (tables/attributeset.py, __getattr__) and
// the elements of arrays of objects (tables/atom.py, ObjectAtom); what the pickle says
// decides, as pandas keeps names and objects that way.
func (c *config) value(x *hdf5.Value) {
	if c.pickles >= maxPickles {
		return
	}
	var buf [512]byte
	n, _ := x.Data.ReadAt(buf[:], 0)
	if !pickle.MayBe(buf[:n], x.Data.Size()) {
		return
	}
	if c.pickles++; c.pickles == maxPickles {
		c.Report(asset.Unverified, finding.Finding{Rule: ruleFollow, Key: "pickles", Locations: []finding.Location{finding.AtOffset(c.file.Ref(), x.Offset)},
			Message: fmt.Sprintf("More than %d values look like pickles; the others were not looked at.", maxPickles)})
		return
	}
	ref := c.file.Ref().Join(asset.Step{Kind: asset.Nested, N: int(x.Offset)})
	c.Fail(c.sink.Derive(scan.Derived{Ref: ref, Hint: pickle.HintMaybe, Body: x.Data}))
}

// maxPickles is how many values of a file are handed on as pickles.
const maxPickles = 10_000

func (c *config) dataset(d *hdf5.Dataset) {
	name := strconv.Quote(verdict.Show(d.Name))
	at := []finding.Location{finding.AtOffset(c.file.Ref(), d.Offset)}
	for _, x := range d.External {
		c.elsewhere("dataset "+name, x.File, at)
	}
	for _, file := range d.Virtual {
		if file != "." {
			c.elsewhere("virtual dataset "+name, file, at)
		}
	}
	if d.Unread {
		c.Report(asset.Unverified, finding.Finding{Rule: ruleFollow, Key: "virtual " + name, Locations: at,
			Message: "Virtual dataset " + name + " has further sources, which were not looked at."})
	}
	if n := d.Bytes(); tooMuch(n, c.file.Size()) {
		c.Report(asset.Unverified, finding.Finding{Rule: ruleHuge, Key: name, Locations: at, Attrs: map[string]any{"cve": cve.IDs("keras/huge-shape")},
			Message: fmt.Sprintf("Dataset %s of shape %v declares %s bytes in a file of %d.%s", name, d.Shape, big(n), c.file.Size(), cve.Sentence("keras/huge-shape"))})
	}
}

func big(n uint64) string {
	if n >= 1<<62 {
		return "more than 2^62"
	}
	return strconv.FormatUint(n, 10)
}

func (c *config) link(l *hdf5.Link) {
	if l.File != "" {
		c.elsewhere("external link "+strconv.Quote(verdict.Show(l.Name)), l.File, []finding.Location{finding.AtOffset(c.file.Ref(), l.Offset)})
	}
}

// elsewhere reports data that are taken from another file: any such file is more than
// the model is expected to touch, one outside of its folder is an attack.
func (c *config) elsewhere(who, file string, at []finding.Location) {
	kind := beside.Shape(file)
	if len(c.file.Ref().Inner) == 0 && kind == beside.Inside {
		kind = beside.Look(c.file.Ref(), file).Kind
	}
	x := finding.Finding{Rule: ruleExternal, Key: who + " " + file, Locations: at,
		Attrs:   map[string]any{"location": verdict.Show(file), "cve": cve.IDs("keras/external-data")},
		Message: fmt.Sprintf("The data of %s are read from %q.%s", who, verdict.Show(file), cve.Sentence("keras/external-data"))}
	if kind.Leaves() {
		c.Report(asset.Malicious, x)
		return
	}
	x.Severity, x.Confidence = finding.High, finding.Likely
	c.Report(asset.Unverified, x)
}
