package weights

import (
	"bytes"
	"io"

	"github.com/merlon-security/merlon/engine/executable"
)

// runs looks for bytes among the weights that are no weights: programs and text.
type runs struct {
	src   io.ReaderAt
	size  int64
	text  int64 // length of the run of printable bytes that is going on
	start int64
	found []run
	tail  []byte // the last bytes that were seen
}

type run struct {
	kind string // "program", "text"
	what string
	off  int64
	n    int64
}

const (
	// minText is the shortest run of printable characters that is reported. Of
	// random bytes one in three is printable.
	minText = 96
	maxRuns = 100
)

// magics begin programs; [executable.Detect] decides.
var magics = [][]byte{[]byte("\x7fELF"), []byte("MZ"), []byte("\xcf\xfa\xed\xfe"), []byte("\xce\xfa\xed\xfe"), []byte("\xca\xfe\xba\xbe"), []byte("dex\n")}

// add takes the bytes at offset off of the file, which follow those of the last
// call.
func (r *runs) add(b []byte, off int64) {
	if len(r.tail) > 0 { // a magic may be cut by the end of a block
		r.programs(append(r.tail, b[:min(len(b), 3)]...), off-int64(len(r.tail)))
	}
	r.programs(b, off)
	r.tail = append(r.tail[:0], b[max(len(b)-3, 0):]...)
	for i, c := range b {
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			if r.text == 0 {
				r.start = off + int64(i)
			}
			r.text++
			continue
		}
		r.endText()
	}
}

// programs looks for the headers of programs.
func (r *runs) programs(b []byte, off int64) {
	for _, m := range magics {
		for i := 0; ; i++ {
			k := bytes.Index(b[i:], m)
			if k < 0 {
				break
			}
			i += k
			at := off + int64(i)
			if kind := executable.Detect(io.NewSectionReader(r.src, at, r.size-at), r.size-at); kind.Native() && !r.known(at) {
				r.keep(run{"program", string(kind), at, 0})
			}
		}
	}
}

func (r *runs) known(at int64) bool {
	for _, x := range r.found {
		if x.kind == "program" && x.off == at {
			return true
		}
	}
	return false
}

// endText ends a run of text.
func (r *runs) endText() {
	if r.text >= minText {
		b := make([]byte, min(r.text, 4096))
		n, _ := r.src.ReadAt(b, r.start)
		if b = b[:n]; distinct(b) >= 8 && !regular(b) {
			r.keep(run{"text", string(b[:min(n, 60)]), r.start, r.text})
		}
	}
	r.text = 0
}

// regular reports whether bytes repeat at the distance of a number: a sequence of
// numbers whose bytes happen to be printable.
func regular(b []byte) bool {
	for _, d := range []int{2, 4, 8} {
		same := 0
		for i := d; i < len(b); i++ {
			if b[i] == b[i-d] {
				same++
			}
		}
		if 10*same > 3*len(b) {
			return true
		}
	}
	return false
}

func distinct(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

func (r *runs) keep(x run) {
	if len(r.found) < maxRuns {
		r.found = append(r.found, x)
	}
}
