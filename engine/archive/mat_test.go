package archive

import "testing"

// A MATLAB 4 matrix begins with small numbers, and so does an LZMA stream with unusual properties.
func TestMATLABIsNoLZMA(t *testing.T) {
	mat := []byte("\x00\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x00fit_params\x00\x81\xca\x2d\x6b\x81\x0e\x09\x40")
	if matchLZMA(mat) {
		t.Error("a MATLAB matrix was taken for LZMA")
	}
}

// Sparse weights of half precision begin with zeros of both signs, which are like the
// header of an LZMA stream but for the size of its dictionary.
func TestSparseWeightsAreNoLZMA(t *testing.T) {
	head := make([]byte, headLen)
	copy(head, "\x00\x80\x00\x80\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00\x80\x00\x00\x00\x00\x00\x00\x00\x80\x00\x80\x00\x00\x00\x00\x95\xa2\x00\x80")
	if f, ok := Detect(head); ok {
		t.Errorf("taken for %s", f.Name)
	}
}
