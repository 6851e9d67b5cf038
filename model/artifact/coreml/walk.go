package coreml

import (
	"github.com/merlon-security/merlon/engine/protowalk"
)

// visitor walks a model along its schema and calls what is not nil.
type visitor struct {
	w         *protowalk.Walker
	odd       func(off int64, message string, what protowalk.Oddity, field int32, n int64)
	model     func(kind, name string, off int64)
	custom    func(what, class string, off int64)
	operation func(op string, off int64)
	blob      func(file string, offset uint64, off int64)
	tensor    func(name, dtype string, shape []int64, bytes int64)
	version   func(int64)
}

// maxText is how many bytes of a name are kept.
const maxText = 1024

// walk goes through a message; layer is the name of the layer it is in.
func (v *visitor) walk(s protowalk.Span, message, layer string) error {
	m := schema()[message]
	at := s.Start
	var texts map[string]string // of this message, by field
	placed := false             // a blob that says where it begins
	err := m.Walk(v.w, s, func(f protowalk.Field, o protowalk.Oddity) error {
		if v.odd != nil {
			v.odd(f.At, message, o, int32(f.Num), f.Body.Len())
		}
		return nil
	}, func(f protowalk.Field, i protowalk.Info) error {
		if i.Type == "" {
			switch {
			case named[message+"."+i.Name]:
				t, _, err := v.w.Text(f, maxText)
				if err != nil {
					return err
				}
				if texts == nil {
					texts = map[string]string{}
				}
				texts[i.Name] = t
				if message == prefix+"NeuralNetworkLayer" && i.Name == "name" {
					layer = t
				}
			case message == prefix+"Model" && i.Name == "specificationVersion" && v.version != nil:
				v.version(int64(f.Value))
			case message == prefix+"MILSpec.Value.BlobFileValue" && i.Name == "offset":
				placed = true
				return v.blobAt(s, f.Value)
			}
			return nil
		}
		return v.field(f, i, message, layer)
	})
	if err != nil {
		return err
	}
	if message == prefix+"MILSpec.Value.BlobFileValue" && !placed && v.blob != nil {
		v.blob(texts["fileName"], 0, at)
	}
	v.done(message, texts, at)
	return nil
}

// named are the texts that are kept of a message until its end.
var named = map[string]bool{
	prefix + "CustomModel.className": true, prefix + "CustomLayerParams.className": true, prefix + "SerializedModel.identifier": true,
	prefix + "MILSpec.Operation.type": true, prefix + "MILSpec.Value.BlobFileValue.fileName": true, prefix + "NeuralNetworkLayer.name": true,
}

// field walks a message field, after having said what kind of model or layer it is.
func (v *visitor) field(f protowalk.Field, i protowalk.Info, message, layer string) error {
	switch {
	case message == prefix+"Model" && f.Num >= 200 && v.model != nil:
		name := ""
		if i.Name == "linkedModel" || i.Name == "serializedModel" {
			var err error
			if name, err = v.firstText(f.Body, i.Type); err != nil {
				return err
			}
		}
		v.model(i.Name, name, f.At)
	case message == prefix+"NeuralNetworkLayer" && f.Num >= 100 && v.operation != nil && v.tensor != nil:
		v.operation(i.Name, f.At)
	case i.Type == prefix+"WeightParams" && v.tensor != nil:
		return v.weights(f, layer, i.Name)
	case i.Type == prefix+"MILSpec.Operation" && v.tensor != nil:
		if err := v.constant(f); err != nil {
			return err
		}
	}
	return v.walk(f.Body, i.Type, layer)
}

// done reports what is known at the end of a message.
func (v *visitor) done(message string, texts map[string]string, at int64) {
	switch message {
	case prefix + "CustomModel":
		if v.custom != nil {
			v.custom("custom model", texts["className"], at)
		}
	case prefix + "CustomLayerParams":
		if v.custom != nil {
			v.custom("custom layer", texts["className"], at)
		}
	case prefix + "MILSpec.Operation":
		if v.operation != nil {
			v.operation(texts["type"], at)
		}
	}
}

// blobAt reports a blob whose offset was met; its name may stand before or behind.
func (v *visitor) blobAt(s protowalk.Span, offset uint64) error {
	if v.blob == nil {
		return nil
	}
	name := ""
	err := v.w.Each(s, func(f protowalk.Field) (err error) {
		if f.Num == 1 {
			name, _, err = v.w.Text(f, maxText)
		}
		return err
	})
	v.blob(name, offset, s.Start)
	return err
}

// firstText returns the first text in a message, at any depth.
func (v *visitor) firstText(s protowalk.Span, message string) (string, error) {
	text := ""
	err := schema()[message].Walk(v.w, s, nil, func(f protowalk.Field, i protowalk.Info) (err error) {
		switch {
		case text != "":
		case i.Type != "":
			text, err = v.firstText(f.Body, i.Type)
		case i.Kind&^protowalk.Many == protowalk.Bytes:
			text, _, err = v.w.Text(f, maxText)
		}
		return err
	})
	return text, err
}
