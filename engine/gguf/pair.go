package gguf

import (
	"errors"
	"fmt"
	"math"
)

// ValueType is the type of a metadata value.
type ValueType uint32

// The value types.
const (
	Uint8 ValueType = iota
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Float32
	Bool
	String
	Array
	Uint64
	Int64
	Float64
)

var valueSizes = [...]uint64{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}

var valueNames = [...]string{"uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array", "uint64", "int64", "float64"}

func (t ValueType) String() string {
	if int(t) < len(valueNames) {
		return valueNames[t]
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Pair is one metadata pair.
type Pair struct {
	Key string
	At  int64 // offset of the key's length
	// Value is a Go number, bool or string by Type; nil for an array and for a
	// string longer than MaxText.
	Type  ValueType
	Value any
	// Offset and Length say where a string's bytes are.
	Offset int64
	Length uint64
	// Elem, Count and Items are an array's element type (of the innermost one if
	// nested), its length, and its first strings.
	Elem  ValueType
	Count uint64
	Items []string
	// OddBools counts booleans that are neither 0 nor 1.
	OddBools int
}

func (r *reader) pair() (*Pair, error) {
	p := &Pair{At: r.pos}
	key, _, n, err := r.text(maxKey)
	switch {
	case err != nil:
		return nil, fmt.Errorf("key: %w", err)
	case n > maxKey:
		return nil, fmt.Errorf("key of %d bytes, at most %d are allowed", n, maxKey)
	case n == 0:
		return nil, errors.New("empty key")
	}
	p.Key = key
	t, err := r.u32()
	if err != nil {
		return nil, fmt.Errorf("key %.100q: type: %w", key, err)
	}
	p.Type = ValueType(t)
	if err := r.value(p); err != nil {
		return nil, fmt.Errorf("key %.100q: %w", key, err)
	}
	return p, nil
}

func (r *reader) value(p *Pair) (err error) {
	switch p.Type {
	case String:
		var s string
		if s, p.Offset, p.Length, err = r.text(MaxText); err == nil && p.Length <= MaxText {
			p.Value = s
		}
		return err
	case Array:
		return r.array(p, 1)
	}
	if p.Type > Float64 {
		return fmt.Errorf("unknown value type %d", uint32(p.Type))
	}
	b, err := r.take(int(valueSizes[p.Type]))
	if err != nil {
		return err
	}
	p.Value = r.scalar(p, b)
	return nil
}

// scalar decodes the bytes of a number or boolean.
func (r *reader) scalar(p *Pair, b []byte) any {
	var n uint64
	for i := range b {
		k := i
		if !r.big {
			k = len(b) - 1 - i
		}
		n = n<<8 | uint64(b[k])
	}
	switch p.Type {
	case Uint8:
		return uint8(n)
	case Int8:
		return int8(n)
	case Uint16:
		return uint16(n)
	case Int16:
		return int16(n)
	case Uint32:
		return uint32(n)
	case Int32:
		return int32(n)
	case Float32:
		return math.Float32frombits(uint32(n))
	case Bool:
		if n > 1 {
			p.OddBools++
		}
		return n != 0
	case Int64:
		return int64(n)
	case Float64:
		return math.Float64frombits(n)
	}
	return n
}

// array passes over an array and keeps its first strings.
func (r *reader) array(p *Pair, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("arrays nested deeper than %d: %w", maxNesting, ErrBound)
	}
	t, err := r.u32()
	if err != nil {
		return fmt.Errorf("array type: %w", err)
	}
	n, err := r.length()
	if err != nil {
		return fmt.Errorf("array length: %w", err)
	}
	elem := ValueType(t)
	if depth == 1 {
		p.Count = n
	}
	p.Elem = elem
	switch elem {
	case String:
		if n >= 1<<60 {
			return fmt.Errorf("array of %d strings: %w", n, ErrOverflow)
		}
		if err := r.room(n * uint64(r.width())); err != nil {
			return fmt.Errorf("array of %d strings: %w", n, err)
		}
		for range n {
			keep := uint64(0)
			if len(p.Items) < MaxItems {
				keep = 4096
			}
			s, _, _, err := r.text(keep)
			if err != nil {
				return err
			}
			if keep > 0 {
				p.Items = append(p.Items, s)
			}
		}
		return nil
	case Array:
		if n >= 1<<60 {
			return fmt.Errorf("array of %d arrays: %w", n, ErrOverflow)
		}
		if err := r.room(n * uint64(4+r.width())); err != nil {
			return fmt.Errorf("array of %d arrays: %w", n, err)
		}
		for range n {
			if err := r.array(p, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if elem > Float64 {
		return fmt.Errorf("unknown array type %d", t)
	}
	size := valueSizes[elem]
	if n > math.MaxUint64/size {
		return fmt.Errorf("array of %d times %d bytes: %w", n, size, ErrOverflow)
	}
	if err := r.skip(n * size); err != nil {
		return fmt.Errorf("array of %d: %w", n, err)
	}
	return nil
}
