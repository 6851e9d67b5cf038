package strictjson

import "bytes"

// Value is one value with everything in it, for documents small enough to keep.
type Value struct {
	Kind    Kind
	Offset  int    // bytes from the start of the document
	Text    string // of a string, decoded; of a number or boolean, as written
	Items   []Value
	Members []Member // in order, keys given twice included
}

// Member is one key with its value.
type Member struct {
	Key   string
	At    int // offset of the key
	Value Value
}

// Get returns the value of the last member with a key, which is the one most
// readers take; nil for none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for i := len(v.Members) - 1; i >= 0; i-- {
		if v.Members[i].Key == key {
			return &v.Members[i].Value
		}
	}
	return nil
}

// String returns the text of a string value, "" for any other.
func (v *Value) String() string {
	if v == nil || v.Kind != String {
		return ""
	}
	return v.Text
}

// Value reads one value of at most nodes values in all.
func (p *Parser) Value(nodes int) (Value, error) {
	v, err := p.value(&nodes)
	return v, err
}

func (p *Parser) value(left *int) (Value, error) {
	v := Value{Kind: p.Kind(), Offset: p.Offset()}
	if *left--; *left < 0 {
		return v, p.fail("too many values to keep")
	}
	var err error
	switch v.Kind {
	case Object:
		err = p.Object(func(key []byte, at int) error {
			m := Member{Key: string(key), At: at}
			m.Value, err = p.value(left)
			v.Members = append(v.Members, m)
			return err
		})
	case Array:
		err = p.Array(func(int) error {
			item, err := p.value(left)
			v.Items = append(v.Items, item)
			return err
		})
	case String:
		v.Text, err = p.Text()
	default:
		start := p.pos
		err = p.Skip()
		v.Text = string(bytes.Clone(p.doc[start:p.pos]))
	}
	return v, err
}

// Parse reads a whole document of at most nodes values.
func Parse(doc []byte, o Options, nodes int) (Value, []Duplicate, error) {
	p := New(doc, o)
	v, err := p.Value(nodes)
	if err == nil {
		err = p.End()
	}
	return v, p.Duplicates, err
}
