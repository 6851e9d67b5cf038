package policy

import "github.com/merlon-security/merlon/engine/pickle"

// numberState accepts a tuple of n numbers and objects; the last may be None if lastNone. Scikit-learn's distance metrics and trees of neighbours
// read their state without bounds checks and take None for an array, which crashes; anything else they check.
func numberState(n int, lastNone bool) shape {
	return func(c *Call) string {
		items, more := c.M.Items(c.State)
		if k := c.State.Kind(); k != pickle.KindTuple && k != pickle.KindRefTuple || more || len(items) != n {
			return "its state is not a tuple of the right length"
		}
		for i, v := range items {
			switch v.Kind() {
			case pickle.KindInt, pickle.KindBool, pickle.KindFloat, pickle.KindObject:
			case pickle.KindNone:
				if i < n-1 || !lastNone {
					return "its state has None for an array"
				}
			default:
				return "its state is not made of numbers and arrays"
			}
		}
		return ""
	}
}
