package policy

import "github.com/merlon-security/merlon/engine/pickle"

// The shape of pyarrow's arrays, which hold the strings of pandas 3.

var arrow = []string{"pyarrow.lib"}

// arrowBuffers is how many buffers an array of each type has. An array with fewer crashes while it is made; nested types have children
// that would need the same judgement. A null count of -1 is no number either: pyarrow then counts in the buffer as far as the length says.
var arrowBuffers = map[string]int{
	"bool": 2, "int8": 2, "int16": 2, "int32": 2, "int64": 2, "uint8": 2, "uint16": 2, "uint32": 2, "uint64": 2, "halffloat": 2, "float": 2, "double": 2,
	"date32[day]": 2, "date64[ms]": 2, "string": 3, "binary": 3, "large_string": 3, "large_binary": 3,
}

// arrowArray: _restore_array((type, length, null count, offset, buffers, [], None)).
func arrowArray(c *Call) string {
	const wrong = "it takes the parts of a simple array"
	if len(c.Args) != 1 || c.More {
		return wrong
	}
	parts, more := c.M.Items(c.Args[0])
	if more || len(parts) != 7 || parts[6].Kind() != pickle.KindNone {
		return wrong
	}
	for _, v := range parts[1:4] {
		if n, ok := v.Int(); !ok || n < 0 {
			return wrong
		}
	}
	buffers, more := c.M.Items(parts[4])
	if n, ok := c.M.Len(parts[5]); more || !ok || n != 0 || len(buffers) != c.arrowBuffers(parts[0]) || len(buffers) == 0 {
		return wrong
	}
	for _, b := range buffers {
		if b.Kind() != pickle.KindNone && !c.is(b, arrow, "py_buffer") {
			return wrong
		}
	}
	return ""
}

// arrowBuffers gives the number of buffers that arrays of this type have, 0 if the type is not a simple one.
func (c *Call) arrowBuffers(typ pickle.Value) int {
	if c.is(typ, arrow, "timestamp", "duration") {
		return 2
	}
	call, _, ok := c.M.CallOf(typ)
	if !ok || !c.is(typ, arrow, "type_for_alias") {
		return 0
	}
	args, more := c.M.Items(call.Args)
	if more || len(args) != 1 {
		return 0
	}
	return arrowBuffers[word(c, args[0])]
}
