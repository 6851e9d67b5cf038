package policy

import "github.com/merlon-security/merlon/engine/pickle"

// ndarrayState: ndarray.__setstate__((version, shape, dtype, Fortran order, data, ...)); masked arrays add their mask and fill value. numpy checks that bytes
// have the size that the shape says, but reads a list of objects beyond its end.
func ndarrayState(c *Call) string {
	const wrong = "its state is not that of an array"
	items, more := c.M.Items(c.State)
	if more || len(items) < 5 {
		return wrong
	}
	if isText(c, items[4]) {
		return ""
	}
	dims, more := c.M.Items(items[1])
	have, ok := c.M.Len(items[4])
	if more || !ok || items[4].Kind() != pickle.KindList {
		return wrong
	}
	total, empty := int64(1), false
	for _, d := range dims {
		n, ok := d.Int()
		if !ok || n < 0 {
			return wrong
		}
		empty = empty || n == 0
		if n > 0 && total > 1<<50/n {
			total = 1 << 50 // more than any list has
		} else if n > 0 {
			total *= n
		}
	}
	if !empty && total > int64(have) {
		return "its list has fewer objects than its shape says"
	}
	return ""
}
