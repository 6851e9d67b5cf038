package numpy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// header is what an .npy file says about its array (numpy.lib.format, versions 1.0
// to 3.0).
type header struct {
	major   int
	data    int64 // offset of the data
	dtype   dtype
	shape   []int64
	count   int64  // elements
	summary string // dtype as written, for people
}

// dtype is what matters of a NumPy data type.
type dtype struct {
	size   int64  // bytes of an element
	object bool   // holds Python objects: the data are a pickle
	name   string // as NumPy's dtype.str spells it
}

const npyMagic = "\x93NUMPY"

// maxHeader is the largest header that is read. NumPy refuses more than 10,000
// characters unless told otherwise.
const maxHeader = 1 << 20

var errHeader = errors.New("damaged npy header")

// readHeader reads the header at off.
func readHeader(r io.ReaderAt, off, size int64) (*header, error) {
	var b [12]byte
	n, _ := r.ReadAt(b[:], off)
	if n < 10 || string(b[:6]) != npyMagic {
		return nil, fmt.Errorf("no magic string: %w", errHeader)
	}
	h := &header{major: int(b[6])}
	var length int64
	switch {
	case h.major == 1:
		length, h.data = int64(binary.LittleEndian.Uint16(b[8:])), off+10
	case (h.major == 2 || h.major == 3) && n == 12:
		length, h.data = int64(binary.LittleEndian.Uint32(b[8:])), off+12
	default:
		return nil, fmt.Errorf("format version %d.%d: %w", b[6], b[7], errHeader)
	}
	if length > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, at most %d are read: %w", length, maxHeader, errHeader)
	}
	if length > size-h.data {
		return nil, fmt.Errorf("header of %d bytes, the file ends after %d: %w", length, size-h.data, errHeader)
	}
	text := make([]byte, length)
	if n, err := r.ReadAt(text, h.data); int64(n) < length {
		return nil, fmt.Errorf("read header: %w", err)
	}
	h.data += length
	return h, h.parse(string(text))
}

func (h *header) parse(text string) error {
	v, err := parseLiteral(text)
	if err != nil {
		return fmt.Errorf("%w: %w", errHeader, err)
	}
	d, ok := v.(dict)
	if !ok || len(d) != 3 {
		return fmt.Errorf("header is not a dict of descr, fortran_order and shape: %w", errHeader)
	}
	if _, ok := d["fortran_order"].(bool); !ok {
		return fmt.Errorf("fortran_order is not a bool: %w", errHeader)
	}
	shape, ok := d["shape"].(tuple)
	if !ok {
		return fmt.Errorf("shape is not a tuple: %w", errHeader)
	}
	if h.shape, h.count, err = dimensions(shape); err != nil {
		return err
	}
	descr, ok := d["descr"]
	if !ok {
		return fmt.Errorf("no descr: %w", errHeader)
	}
	if h.dtype, err = parseDescr(descr, 0); err != nil {
		return err
	}
	h.summary = fmt.Sprint(descr)
	return nil
}

// dimensions multiplies a shape.
func dimensions(shape tuple) (dims []int64, count int64, err error) {
	count = 1
	for _, v := range shape {
		n, ok := v.(int64)
		if !ok {
			return nil, 0, fmt.Errorf("shape holds something that is no number: %w", errHeader)
		}
		dims = append(dims, n)
		if n != 0 && count > math.MaxInt64/n {
			return nil, 0, fmt.Errorf("shape overflows: %w", errHeader)
		}
		count *= n
	}
	return dims, count, nil
}

// parseDescr reads a descr: a type string, a tuple of a type and the shape of a
// subarray, or a list of fields (name, type) or (name, type, shape), where a name
// may be a tuple of title and name.
func parseDescr(v literal, depth int) (dtype, error) {
	if depth > maxDepth {
		return dtype{}, fmt.Errorf("dtype nested too deep: %w", errHeader)
	}
	switch v := v.(type) {
	case string:
		return parseType(v)
	case tuple:
		if len(v) == 2 {
			return subarray(v[0], v[1], depth)
		}
	case list:
		var sum dtype
		for _, f := range v {
			field, ok := f.(tuple)
			if !ok || len(field) < 2 || len(field) > 3 || !fieldName(field[0]) {
				return dtype{}, fmt.Errorf("descr has a malformed field: %w", errHeader)
			}
			shape := literal(tuple{})
			if len(field) == 3 {
				shape = field[2]
			}
			d, err := subarray(field[1], shape, depth)
			if err != nil {
				return dtype{}, err
			}
			sum.object = sum.object || d.object
			if sum.size > math.MaxInt64-d.size {
				return dtype{}, fmt.Errorf("dtype overflows: %w", errHeader)
			}
			sum.size += d.size
		}
		sum.name = fmt.Sprintf("|V%d", sum.size)
		return sum, nil
	}
	return dtype{}, fmt.Errorf("descr is no dtype: %w", errHeader)
}

func fieldName(v literal) bool {
	if t, ok := v.(tuple); ok && len(t) == 2 {
		_, a := t[0].(string)
		_, b := t[1].(string)
		return a && b
	}
	_, ok := v.(string)
	return ok
}

func subarray(of, shape literal, depth int) (dtype, error) {
	d, err := parseDescr(of, depth+1)
	if err != nil {
		return d, err
	}
	dims, ok := shape.(tuple)
	if n, one := shape.(int64); one {
		dims, ok = tuple{n}, true
	}
	if !ok {
		return d, fmt.Errorf("subarray without a shape: %w", errHeader)
	}
	_, n, err := dimensions(dims)
	if err != nil {
		return d, err
	}
	if n != 0 && d.size > math.MaxInt64/n {
		return d, fmt.Errorf("dtype overflows: %w", errHeader)
	}
	if d.size *= n; len(dims) > 0 {
		d.name = fmt.Sprintf("|V%d", d.size)
	}
	return d, nil
}

// parseType reads a type string of the array interface: byte order, kind, size,
// and a unit for times.
func parseType(s string) (dtype, error) {
	bad := fmt.Errorf("unknown dtype %q: %w", s, errHeader)
	rest := strings.TrimLeft(s, "<>|=")
	if len(s)-len(rest) > 1 || rest == "" {
		return dtype{}, bad
	}
	kind := rest[0]
	digits := rest[1:]
	unit := ""
	if i := strings.IndexByte(digits, '['); i >= 0 {
		digits, unit = digits[:i], digits[i:]
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' || n > math.MaxInt32 {
			return dtype{}, bad
		}
		n = n*10 + int64(c-'0')
	}
	timed := kind == 'M' || kind == 'm'
	if unit != "" && (!timed || !strings.HasSuffix(unit, "]")) {
		return dtype{}, bad
	}
	order := "<"
	if s[0] == '>' {
		order = ">"
	}
	switch kind {
	case 'O':
		return dtype{size: 8, object: true, name: "|O"}, nil
	case 'b', 'i', 'u', 'f', 'c', 'M', 'm':
		if n == 0 || n > 32 {
			return dtype{}, bad
		}
		if n == 1 {
			order = "|"
		}
		return dtype{size: n, name: order + string(kind) + strconv.FormatInt(n, 10) + unit}, nil
	case 'S', 'a', 'V':
		return dtype{size: n, name: "|" + string(kind) + strconv.FormatInt(n, 10)}, nil
	case 'U':
		return dtype{size: 4 * n, name: order + "U" + strconv.FormatInt(n, 10)}, nil
	case '?':
		return dtype{size: 1, name: "|b1"}, nil
	}
	return dtype{}, bad
}
