package archive

import (
	"slices"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/tflite"
	"github.com/merlon-security/merlon/scan"
)

// anomaliesOf are what is odd about a container, less what its format prescribes: the
// zip of labels behind a TensorFlow Lite model, all of whose members the model names,
// is no hidden file.
func anomaliesOf(f scan.File, c archive.Container) []archive.Anomaly {
	z, ok := c.(*archive.Zip)
	head := f.Head()
	if !ok || z.Prefix == 0 || len(head) < 8 || string(head[4:8]) != "TFL3" {
		return c.Anomalies()
	}
	m := tflite.ReadMetadata(f, z.Prefix)
	if m == nil {
		return c.Anomalies()
	}
	for i := range z.Members() {
		if !m.Names(z.Members()[i].Name) {
			return c.Anomalies()
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Anomalies()), func(a archive.Anomaly) bool { return a.Kind == archive.KindPrefix })
}
