package safetensors

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

// A description of many tensors needs little more memory than the header, and what
// is over a limit is still told for what it is.
func TestDescriptionIsBounded(t *testing.T) {
	many := func(n int, offsets string) []byte {
		var h bytes.Buffer
		h.WriteByte('{')
		for i := range n {
			h.WriteString(`"` + strconv.Itoa(i) + `":{"dtype":"U8","shape":[0],"` + offsets + `":[0,0]},`)
		}
		h.Truncate(h.Len() - 1)
		h.WriteByte('}')
		return file(h.String(), "")
	}
	for _, tt := range []struct {
		name    string
		content []byte
		tensors int
		err     string
	}{
		{"few", many(1000, "data_offsets"), 1000, ""},
		{"as many as are read", many(asset.MaxTensors, "data_offsets"), asset.MaxTensors, ""},
		{"too many", many(asset.MaxTensors*3/2, "data_offsets"), 0, "more than 1000000 tensors"},
		{"too many, in other words", many(asset.MaxTensors+1, `data\u005foffsets`), 0, "more than 1000000 tensors"},
		{"header too long", []byte("\xff\xff\xff\xff\x00\x00\x00\x00{}"), 0, "longer than the 100,000,000 bytes"},
	} {
		f := huge{headerOnly{t, tt.content, int64(len(tt.content))}}
		var d *asset.Description
		var err error
		used := artifacttest.Peak(t, func() { d, err = scanner{}.Describe(t.Context(), f) })
		if d == nil || d.Format != "safetensors" || len(d.Tensors)+d.Omitted != tt.tensors {
			t.Errorf("%s: want %d tensors of safetensors, error %v", tt.name, tt.tensors, err)
			continue
		}
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
		t.Logf("%s: %d bytes of memory for %d", tt.name, used, len(tt.content))
		if most := (int64(len(tt.content)) + 64<<20) * artifacttest.MemoryFactor; used > most {
			t.Errorf("%s: %d bytes of memory, at most %d", tt.name, used, most)
		}
	}
}
