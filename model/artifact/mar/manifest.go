package mar

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// manifest is MAR-INF/MANIFEST.json as torch-model-archiver writes it
// (model_archiver/manifest_components).
type manifest struct {
	runtime, archiver    string
	name, version        string
	serialized, handler  string
	source               string // modelFile
	requirements, config string
	extra                []string // extensions and other files
	envelope             string
}

func readManifest(doc []byte) (*manifest, error) {
	p := strictjson.New(doc, strictjson.Options{})
	v, err := p.Value(10_000)
	if err == nil {
		err = p.End()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	if len(p.Duplicates) > 0 {
		return nil, fmt.Errorf("%s: key %q is given twice: readers differ in which one counts", manifestName, p.Duplicates[0].Key)
	}
	model := v.Get("model")
	if model == nil || model.Kind != strictjson.Object {
		return nil, errors.New(manifestName + " describes no model")
	}
	m := &manifest{
		runtime: v.Get("runtime").String(), archiver: v.Get("archiverVersion").String(),
		name: model.Get("modelName").String(), version: model.Get("modelVersion").String(),
		serialized: model.Get("serializedFile").String(), handler: model.Get("handler").String(),
		source: model.Get("modelFile").String(), requirements: model.Get("requirementsFile").String(),
		config: model.Get("configFile").String(), envelope: model.Get("envelope").String(),
	}
	for _, key := range []string{"extensions", "extraFiles"} {
		x := model.Get(key)
		if x == nil {
			continue
		}
		if x.Kind == strictjson.String {
			m.extra = append(m.extra, strings.Split(x.Text, ",")...)
		}
		for _, i := range x.Items {
			m.extra = append(m.extra, i.String())
		}
	}
	return m, nil
}

// builtinHandlers are those of TorchServe itself (ts/torch_handler).
func builtinHandler(name string) bool {
	return slices.Contains([]string{"image_classifier", "image_segmenter", "object_detector", "text_classifier", "base_handler",
		"text_generator", "micro_batching"}, name)
}

// handlerFile is the source that a handler lies in: "handler.py:entry" names a
// function of handler.py, "handler" stands for handler.py.
func (m *manifest) handlerFile() string {
	if m.handler == "" || builtinHandler(m.handler) {
		return ""
	}
	file, _, _ := strings.Cut(m.handler, ":")
	if path.Ext(file) == "" {
		file += ".py"
	}
	return file
}

// named lists every file that the manifest names, with the key that does.
func (m *manifest) named() []struct{ key, file string } {
	list := []struct{ key, file string }{{"serializedFile", m.serialized}, {"handler", m.handlerFile()}, {"modelFile", m.source},
		{"requirementsFile", m.requirements}, {"configFile", m.config}}
	for _, x := range m.extra {
		list = append(list, struct{ key, file string }{"extraFiles", strings.TrimSpace(x)})
	}
	return slices.DeleteFunc(list, func(x struct{ key, file string }) bool { return x.file == "" })
}

// leads reports whether a path leads out of the folder it starts in.
func leads(file string) bool {
	clean := path.Clean(strings.ReplaceAll(file, `\`, "/"))
	return strings.HasPrefix(clean, "/") || clean == ".." || strings.HasPrefix(clean, "../") || len(clean) > 1 && clean[1] == ':'
}
