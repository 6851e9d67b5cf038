package numpy

import "io"

// Data says where the numbers of an .npy file of the given size lie: their type as
// NumPy writes it ("<f4"), the offset of the first and how many bytes there are, which
// may be more than the file has.
func Data(r io.ReaderAt, size int64) (descr string, off, n int64, err error) {
	h, err := readHeader(r, 0, size)
	if err != nil {
		return "", 0, 0, err
	}
	if h.dtype.object || h.dtype.size != 0 && h.count > (1<<62)/h.dtype.size {
		return h.summary, h.data, 0, nil // a pickle, or a lie that the scanner reports
	}
	return h.summary, h.data, h.count * h.dtype.size, nil
}
