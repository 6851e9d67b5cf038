package tfgraph

import (
	"strings"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// maxMetadata is how long the configuration of one Keras layer may be.
const maxMetadata = 32 << 20

// objects reads the object graph of a SavedModel.
func (d *reader) objects(s protowalk.Span) error {
	return d.each("SavedObjectGraph", s, objectsShape, func(f protowalk.Field) error {
		if f.Num != 1 {
			return nil
		}
		d.m.Objects++
		return d.each("SavedObject", f.Body, objectShape, func(f protowalk.Field) error {
			switch f.Num {
			case 4:
				return d.userObject(f)
			case 7:
				return d.variable(f)
			}
			return nil
		})
	})
}

func (d *reader) userObject(field protowalk.Field) error {
	identifier := ""
	var metadata protowalk.Field
	err := d.each("SavedUserObject", field.Body, userShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			identifier, err = d.text(f)
		case 3:
			metadata = f
		}
		return err
	})
	if err != nil || metadata.Body.Len() == 0 || !strings.HasPrefix(identifier, "_tf_keras_") {
		return err
	}
	return d.layer(metadata)
}

func (d *reader) layer(f protowalk.Field) error {
	if d.v.Keras == nil || f.Body.Len() == 0 {
		return nil
	}
	s, cut, err := d.w.Text(f, maxMetadata)
	if err == nil && cut {
		err = &protowalk.Error{Offset: f.At, What: "the configuration of a layer", Err: protowalk.ErrLimit}
	}
	if err == nil {
		d.v.Keras(s, f.At)
	}
	return err
}

// keras reads keras_metadata.pb, where the Keras of TensorFlow 2.5 to 2.15 keeps the
// configuration of layers (keras/protobuf/saved_metadata.proto).
func (d *reader) keras() error {
	return d.each("SavedMetadata", d.w.All(), kerasShape, func(f protowalk.Field) error {
		d.m.Objects++
		return d.each("SavedObject", f.Body, layerShape, func(f protowalk.Field) error {
			if f.Num == 5 {
				return d.layer(f)
			}
			return nil
		})
	})
}

func (d *reader) variable(field protowalk.Field) error {
	v := &Variable{Offset: field.At}
	err := d.each("SavedVariable", field.Body, variableShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			v.DType = int32(f.Value)
		case 2:
			v.Shape, _, err = d.shape(f.Body)
		case 6:
			v.Name, err = d.text(f)
		}
		return err
	})
	if err == nil && d.v.Variable != nil {
		d.v.Variable(v)
	}
	return err
}
