package policy

import (
	"github.com/merlon-security/merlon/engine/pickle"
)

// The shapes of torch.

// made reports whether v is an object that the stream made: a storage from a persistent id, or the result of an allowed call.
func (c *Call) made(v pickle.Value) bool {
	return v.Kind() == pickle.KindPersistent || c.madeBy(v) != nil
}

// tensorRebuild: _rebuild_tensor_v2(storage, offset, size, stride, requires grad, hooks[, metadata]) and its like: first a storage, tensor or data
// type, then numbers, tuples of numbers, flags, and hooks, whose callables were judged when they were stored.
func tensorRebuild(c *Call) string {
	if len(c.Args) == 0 || c.More {
		return "it takes a storage or tensor"
	}
	first := c.Args[0]
	if a := c.allowed(first); a != nil && (a.Is("tensor") || a.Can(Ref)) {
		c.take(0)
	} else if !c.made(first) && !plain(c, first, 2) {
		return "it takes a storage or tensor"
	}
	for i, v := range c.Args[1:] {
		if a := c.allowed(v); a != nil && (a.Is("storage") || a.Is("tensor")) {
			c.take(i + 1)
		}
	}
	return ""
}

// tensorClass: Tensor(storage...), Parameter(tensor, True).
func tensorClass(c *Call) string {
	if c.More || len(c.Args) > 3 {
		return "it takes a tensor"
	}
	for _, v := range c.Args {
		if !c.made(v) && !plain(c, v, 2) {
			return "it takes a tensor"
		}
	}
	return ""
}

// rebuildFromType: _rebuild_from_type_v2(function, class, arguments, state).
func rebuildFromType(c *Call) string {
	if len(c.Args) < 3 || c.More {
		return "it takes a function, a class, arguments and a state"
	}
	f := c.allowed(c.Args[0])
	if !f.Is("rebuild") || !c.allowed(c.Args[1]).Is("tensor") {
		return "its function or class is not known to be harmless"
	}
	inner := *c
	inner.Args, inner.More = c.M.Items(c.Args[2])
	if why := f.Call(Reduce, &inner); why != "" {
		return why
	}
	if len(c.Args) > 3 {
		if k := c.Args[3].Kind(); k != pickle.KindDict && k != pickle.KindTuple && k != pickle.KindNone && k != pickle.KindEmptyTuple {
			return "its state cannot be judged"
		}
	}
	c.take(0)
	c.take(1)
	return ""
}
