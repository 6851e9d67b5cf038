package policy

import (
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
)

// plainContainers: every argument is a literal or a container that the stream itself fills, never an object: set(object) runs the object's iterator, and
// set(range(10**12)) does not end.
func plainContainers(c *Call) string {
	for _, v := range c.Args {
		switch v.Kind() {
		case pickle.KindObject, pickle.KindPersistent, pickle.KindExtension, pickle.KindForgotten, pickle.KindUnknown:
			return "an argument is an object where data belongs"
		}
	}
	if c.More {
		return "its arguments cannot be judged"
	}
	return ""
}

// indexData are the arguments of pandas' index classes that are never taken for a time zone or a data type.
const indexData = " data name names levels codes labels left right closed sortorder start stop step categories ordered "

// pandasIndex: _new_Index(class, {"data": ..., "name": ..., "tz": ..., "freq": ...}).
func pandasIndex(c *Call) string {
	if why := classOf(1, "index")(c); why != "" {
		return why
	}
	if len(c.Args) != 2 || c.Args[1].Kind() != pickle.KindDict {
		return "it takes a class and a dict"
	}
	items, more := c.M.Items(c.Args[1])
	if more {
		return "its arguments cannot be judged"
	}
	for i := 0; i+1 < len(items); i += 2 {
		k := word(c, items[i])
		if k == "" || !strings.Contains(indexData, " "+k+" ") && !c.noPath(items[i+1]) {
			return "an argument may name a file"
		}
	}
	return ""
}

// noPaths: no argument is text that pandas could take for a time zone or data type with one.
func noPaths(c *Call) string {
	for _, v := range c.Args {
		if !c.noPath(v) {
			return "an argument may name a file"
		}
	}
	return ""
}

// noPath reports whether v is not text with "dateutil" in it: pandas gives what follows "dateutil/" in a time zone, or in the time zone of a data type, to
// dateutil.tz.gettz, which opens the file of that name. Texts that a call makes, such as scalars of numpy, cannot be read and count as paths.
func (c *Call) noPath(v pickle.Value) bool {
	switch v.Kind() {
	case pickle.KindStr, pickle.KindBytes:
		s, ok := c.M.Text(v, 4096)
		return ok && !strings.Contains(s, "dateutil")
	case pickle.KindObject:
		a := c.madeBy(v)
		if a == nil {
			return true
		}
		top, _, _ := strings.Cut(a.Module, ".")
		switch top {
		case "builtins", "__builtin__", "_codecs", "operator", "_operator", "functools":
			return false
		}
		return a.Name != "scalar"
	case pickle.KindForgotten, pickle.KindUnknown, pickle.KindPersistent, pickle.KindExtension:
		return false
	}
	return true
}
