package paddle

import (
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/safeio"
)

// programReader walks a ProgramDesc.
type programReader struct {
	w        *protowalk.Walker
	operator func(name, text string, off int64)
	variable func(name string, dtype int64, dims []int64)
	odd      func(off int64, message string, what protowalk.Oddity, field int32, n int64)
	blocks   int
	version  bool
}

const maxText = 1024

func (p *programReader) read() error {
	return p.walk(p.w.All(), prefix+"ProgramDesc", func(f protowalk.Field, i protowalk.Info) error {
		switch i.Name {
		case "blocks":
			p.blocks++
			return p.walk(f.Body, i.Type, func(f protowalk.Field, i protowalk.Info) error {
				switch i.Name {
				case "ops":
					return p.op(f)
				case "vars":
					return p.variableDesc(f)
				}
				return nil
			})
		case "version":
			p.version = true
		}
		return p.all(f, i)
	})
}

func (p *programReader) walk(s protowalk.Span, message string, f func(protowalk.Field, protowalk.Info) error) error {
	return schema()[message].Walk(p.w, s, func(field protowalk.Field, o protowalk.Oddity) error {
		if p.odd != nil {
			p.odd(field.At, message, o, int32(field.Num), field.Body.Len())
		}
		return nil
	}, f)
}

// all walks everything below a field, for its oddities.
func (p *programReader) all(f protowalk.Field, i protowalk.Info) error {
	if i.Type == "" {
		return nil
	}
	return p.walk(f.Body, i.Type, p.all)
}

func (p *programReader) op(field protowalk.Field) error {
	name, text := "", ""
	err := p.walk(field.Body, prefix+"OpDesc", func(f protowalk.Field, i protowalk.Info) (err error) {
		switch i.Name {
		case "type":
			name, _, err = p.w.Text(f, maxText)
			return err
		case "attrs":
			key, value := "", ""
			err = p.walk(f.Body, i.Type, func(f protowalk.Field, i protowalk.Info) (err error) {
				switch i.Name {
				case "name":
					key, _, err = p.w.Text(f, maxText)
				case "s", "strings":
					value, _, err = p.w.Text(f, maxText)
				default:
					err = p.all(f, i)
				}
				return err
			})
			if isAddress(key) && value != "" {
				text = value
			}
			return err
		}
		return p.all(f, i)
	})
	if err == nil && p.operator != nil {
		p.operator(name, text, field.At)
	}
	return err
}

// isAddress reports whether an attribute names a file or an endpoint.
func isAddress(name string) bool {
	return strings.HasSuffix(name, "file_path") || strings.HasSuffix(name, "filename") || strings.Contains(name, "endpoint") || name == "path"
}

func (p *programReader) variableDesc(field protowalk.Field) error {
	name, persistable, dtype := "", false, int64(-1)
	var dims []int64
	err := p.walk(field.Body, prefix+"VarDesc", func(f protowalk.Field, i protowalk.Info) (err error) {
		switch i.Name {
		case "name":
			name, _, err = p.w.Text(f, maxText)
		case "persistable":
			persistable = f.Value != 0
		case "type":
			err = p.walk(f.Body, i.Type, func(f protowalk.Field, i protowalk.Info) error {
				if i.Name != "dense_tensor" {
					return p.all(f, i)
				}
				return p.walk(f.Body, i.Type, func(f protowalk.Field, i protowalk.Info) error {
					if i.Name != "tensor" {
						return nil
					}
					var err error
					dtype, dims, err = p.tensorDesc(f.Body)
					return err
				})
			})
		default:
			err = p.all(f, i)
		}
		return err
	})
	if err == nil && persistable && dtype >= 0 && p.variable != nil && name != "feed" && name != "fetch" {
		p.variable(name, dtype, dims)
	}
	return err
}

func (p *programReader) tensorDesc(s protowalk.Span) (dtype int64, dims []int64, err error) {
	err = p.walk(s, prefix+"VarType.TensorDesc", func(f protowalk.Field, i protowalk.Info) error {
		if i.Name == "data_type" {
			dtype = int64(f.Value)
			return nil
		}
		_, err := p.w.Numbers(f, protowalk.Varint.Type(), func(v uint64) error {
			if len(dims) < 64 {
				dims = append(dims, int64(v))
			}
			return nil
		})
		return err
	})
	return dtype, dims, err
}

// Bounds of a program in JSON.
const (
	maxJSON = 64 << 20
	maxOp   = 300_000 // values of one operator, those of its regions included
)

// pirProgram is what is known of a program in JSON besides its operators.
type pirProgram struct {
	magic   string
	regions bool
	twice   []strictjson.Duplicate
}

// readPIR calls f for every operator that is not in another one, and keeps none.
func readPIR(file safeio.Content, f func(op *strictjson.Value)) (pirProgram, error) {
	var out pirProgram
	doc, err := safeio.ReadAll(file, maxJSON)
	if err != nil {
		return out, err
	}
	p := strictjson.New(doc, strictjson.Options{Depth: 512})
	var walk func() error
	walk = func() error {
		switch p.Kind() {
		case strictjson.Object:
			return p.Object(func(key []byte, _ int) (err error) {
				switch kind := p.Kind(); {
				case string(key) == "ops" && kind == strictjson.Array:
					return p.Array(func(int) error {
						op, err := p.Value(maxOp)
						f(&op)
						return err
					})
				case string(key) == "magic" && kind == strictjson.String:
					out.magic, err = p.Text()
					return err
				case string(key) == "regions":
					out.regions = true
				}
				return walk()
			})
		case strictjson.Array:
			return p.Array(func(int) error { return walk() })
		}
		return p.Skip()
	}
	if err = walk(); err == nil {
		err = p.End()
	}
	out.twice = p.Duplicates
	return out, err
}

// pir judges a program in JSON. An operator is an object with its dialect and name
// under "#" and its operands under "I".
func (j *judge) pir() error {
	p, err := readPIR(j.file, func(op *strictjson.Value) {
		j.opPIR(op)
		j.walkPIR(op)
	})
	for _, d := range p.twice {
		j.report(asset.Unverified, ruleHidden, "key "+d.Key, int64(d.Offset), "The key %q is in its object more than once.", verdict.Show(d.Key))
	}
	if err != nil {
		return fmt.Errorf("PaddlePaddle program: %w", err)
	}
	if p.magic != "pir" || !p.regions {
		return fmt.Errorf("PaddlePaddle program: there is no program in it")
	}
	return nil
}

func (j *judge) walkPIR(v *strictjson.Value) {
	for _, m := range v.Members {
		if m.Key == "ops" {
			for i := range m.Value.Items {
				j.opPIR(&m.Value.Items[i])
			}
		}
		j.walkPIR(&m.Value)
	}
	for i := range v.Items {
		j.walkPIR(&v.Items[i])
	}
}

func (j *judge) opPIR(op *strictjson.Value) {
	full := op.Get("#").String()
	if full == "" {
		return // no operator: the loader stops here, and a cut-off file is reported as such
	}
	dialect, name, ok := strings.Cut(full, ".")
	if !ok {
		if full != "p" { // a parameter, in short
			j.report(asset.Unverified, ruleCustom, "operator "+full, int64(op.Offset), "Operator %q is not defined by PaddlePaddle.", verdict.Show(full))
		}
		return
	}
	if dialect != "0" && dialect != "1" && dialect != "2" && dialect != "builtin" && dialect != "pd_op" && dialect != "cf" {
		j.report(asset.Unverified, ruleCustom, "operator "+full, int64(op.Offset), "Operator %q is of a dialect that is not PaddlePaddle's own.", verdict.Show(full))
	}
	text := ""
	if a := op.Get("A"); a != nil {
		for i := range a.Items {
			if isAddress(a.Items[i].Get("N").String()) {
				text = a.Items[i].Get("AT").Get("D").String()
			}
		}
	}
	j.operator(name, text, int64(op.Offset))
}
