package protowalk

import "google.golang.org/protobuf/encoding/protowire"

// Prefix returns the fields that begin in the first bytes of a file, for telling
// what a file is before reading it. It is false as soon as the bytes are no message
// of the shape: a malformed, unknown or mistyped field. A last field that ends after
// head is among the fields, one that begins so late that it cannot be decoded is not.
func Prefix(head []byte, shape Shape) ([]Field, bool) {
	var fields []Field
	for at := 0; at < len(head); {
		rest := head[at:]
		num, typ, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return fields, len(rest) < 10 && len(fields) > 0
		}
		kind, known := shape[num]
		if !known || !kind.fits(typ) {
			return nil, false
		}
		f := Field{Num: num, Type: typ, At: int64(at)}
		rest = rest[n:]
		if typ == protowire.BytesType {
			length, m := protowire.ConsumeVarint(rest)
			if m < 0 {
				return fields, len(rest) < 10 && len(fields) > 0
			}
			f.Body.Start = int64(at + n + m)
			if length > 1<<50 {
				return nil, false
			}
			f.Body.End = f.Body.Start + int64(length)
			fields = append(fields, f)
			if f.Body.End >= int64(len(head)) {
				break
			}
			at = int(f.Body.End)
			continue
		}
		m := protowire.ConsumeFieldValue(num, typ, rest)
		if m < 0 {
			return fields, len(rest) < 10 && len(fields) > 0
		}
		if typ == protowire.VarintType {
			f.Value, _ = protowire.ConsumeVarint(rest)
		}
		fields = append(fields, f)
		at += n + m
	}
	return fields, len(fields) > 0
}

// FirstBytes lists the bytes with which a message can begin whose first field has one
// of the numbers, in the encodings that [Prefix] accepts: a tag may be longer than it
// has to be.
func (s Shape) FirstBytes(numbers ...protowire.Number) string {
	var set [256]bool
	for _, num := range numbers {
		kind, ok := s[num]
		if !ok {
			continue
		}
		for typ := protowire.VarintType; typ <= protowire.Fixed32Type; typ++ {
			if kind.fits(typ) {
				low := byte(protowire.EncodeTag(num, typ))
				if protowire.SizeTag(num) == 1 {
					set[low&0x7f] = true
				}
				set[low|0x80] = true
			}
		}
	}
	var b []byte
	for c, ok := range set {
		if ok {
			b = append(b, byte(c))
		}
	}
	return string(b)
}
