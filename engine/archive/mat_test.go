package archive

import "testing"

// A MATLAB 4 matrix begins with small numbers, and so does an LZMA stream with unusual properties.
func TestMATLABIsNoLZMA(t *testing.T) {
	mat := []byte("\x00\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x00fit_params\x00\x81\xca\x2d\x6b\x81\x0e\x09\x40")
	if matchLZMA(mat) {
		t.Error("a MATLAB matrix was taken for LZMA")
	}
}
