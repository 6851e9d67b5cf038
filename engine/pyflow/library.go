package pyflow

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// one are the arguments of a call with values.
func one(vs ...*value) args { return args{pos: vs, star: make([]bool, len(vs))} }

// at is a positional argument; nil where it is not given as such.
func (a args) at(i int) *value {
	if i < len(a.pos) && !a.star[i] {
		return a.pos[i]
	}
	return nil
}

// from is a call with the positional arguments from i on.
func (a args) from(i int) args {
	if i > len(a.pos) {
		return args{kw: a.kw}
	}
	return args{pos: a.pos[i:], star: a.star[i:], kw: a.kw}
}

// named is a keyword argument.
func (a args) named(name string) *value {
	for _, k := range a.kw {
		if k.name == name {
			return k.v
		}
	}
	return nil
}

// callable reports whether calling a value means something.
func callable(v *value) bool {
	return v != nil && (v.fn != nil || v.cls != nil || v.inst != nil || v.pre != nil || v.ref != "" && v.ref[0] != '?' && v.ref != "None" || symbolic(v.labels))
}

// pair is a tuple.
func (x *frame) tuple(vs ...*value) *value {
	o := x.object(object{seq: true})
	for i, v := range vs {
		o.set(index(i), v)
	}
	return &value{obj: o}
}

// future is a value whose result comes later: what await and result give.
func (x *frame) future(v *value) *value {
	return &value{obj: x.object(object{fields: []field{{futureKey, v}}})}
}

const futureKey = "(result)"

// awaited is what await gives.
func awaited(v *value) *value {
	if v != nil && v.obj != nil {
		if f, ok := v.obj.find(futureKey); ok {
			return f
		}
	}
	return v
}

// iterables call f for every way to read a list of several things: the item of each.
func (x *frame) elements(n python.Node, vs []*value, star []bool) []*value {
	out := make([]*value, len(vs))
	for i, v := range vs {
		out[i] = x.element(n, v)
		if star[i] {
			out[i] = x.element(n, out[i])
		}
	}
	return out
}

// library is what functions of the standard library do that handle containers and call
// functions. done is false for others.
func (x *frame) library(n python.Node, callee *value, as args) (v *value, done bool) {
	ref := callee.ref
	if v, done := x.collection(n, ref, as); done {
		if v.obj != nil && v.obj.made == x.fn {
			v.obj = x.lasts(n, v.obj, nil)
		}
		return v, true
	}
	if v, done := x.configuration(callee, as); done {
		return v, true
	}
	if v, done := x.iteration(n, ref, as); done {
		return v, true
	}
	if v, done := x.calls(n, callee, as); done {
		return v, true
	}
	return x.operator(n, callee, as)
}

// collection makes lists, dicts and other containers.
func (x *frame) collection(n python.Node, ref string, as args) (*value, bool) {
	switch ref {
	case "list", "tuple", "set", "frozenset", "collections.deque", "sorted", "reversed", "iter", "aiter", "collections.Counter":
		v := as.at(0)
		if key := as.named("key"); callable(key) && v != nil {
			x.callValue(n, key, one(x.element(n, v)))
		}
		if v != nil && v.obj != nil && v.obj.seq && (ref == "list" || ref == "tuple" || ref == "iter") {
			return x.duplicate(v), true
		}
		return x.list(x.element(n, v)), true
	case "dict", "collections.OrderedDict", "collections.ChainMap", "types.SimpleNamespace", "argparse.Namespace":
		o := x.object(object{dict: true})
		for _, v := range as.pos {
			x.fill(n, o, v)
		}
		for _, k := range as.kw {
			switch {
			case k.name == "":
				x.fill(n, o, k.v)
			case ref == "types.SimpleNamespace" || ref == "argparse.Namespace":
				o.set(k.name, k.v)
			default:
				o.set("["+k.name+"]", k.v)
			}
		}
		return &value{obj: o}, true
	case "collections.defaultdict":
		o := x.object(object{dict: true})
		if f := as.at(0); f != nil {
			o.elem = x.callValue(n, f, args{})
		}
		if as.at(1) != nil {
			x.fill(n, o, as.at(1))
		}
		return &value{obj: o}, true
	case "queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue", "asyncio.Queue", "multiprocessing.Queue", "multiprocessing.JoinableQueue", "asyncio.PriorityQueue", "asyncio.LifoQueue":
		return &value{ref: ref + "()", obj: x.object(object{})}, true
	case "io.StringIO", "io.BytesIO":
		return &value{ref: ref + "()", typ: ref, obj: x.object(object{elem: carries(as.all())})}, true
	case "copy.copy", "copy.deepcopy":
		if v := as.at(0); v != nil {
			return x.duplicate(v), true
		}
	}
	return nil, false
}

// duplicate is a value with a copy of what it holds.
func (x *frame) duplicate(v *value) *value {
	if v.obj == nil {
		return v
	}
	x.looks(v.obj)
	w, o := *v, *v.obj
	o.fields, o.made, o.closed = slices.Clone(o.fields), x.fn, false
	w.obj = &o
	return &w
}

// fill puts what a mapping or a list of pairs holds into a dict.
func (x *frame) fill(n python.Node, o *object, v *value) {
	if v == nil {
		return
	}
	if v.obj == nil {
		if labels := extend(v.labels, "[]"); len(labels) > 0 {
			o.elem = join(o.elem, carries(labels))
		}
		return
	}
	x.looks(v.obj)
	if v.obj.dict {
		for _, f := range v.obj.fields {
			o.set(f.key, join(o.get(f.key), f.v))
		}
		o.elem, o.keys = join(o.elem, v.obj.elem), join(o.keys, v.obj.keys)
		return
	}
	e := x.element(n, v)
	o.keys = join(o.keys, x.item(n, e, number(0)))
	o.elem = join(o.elem, x.item(n, e, number(1)))
}

// number is a constant number from 0 to 9.
func number(i int) *value {
	return &value{lit: literal{kind: python.ConstInt, set: true, s: string(rune('0' + i))}}
}

// iteration handles functions that go through their arguments.
func (x *frame) iteration(n python.Node, ref string, as args) (*value, bool) {
	switch ref {
	case "enumerate":
		if v := as.at(0); v != nil {
			return x.list(x.tuple(nil, x.element(n, v))), true
		}
	case "zip", "itertools.zip_longest", "itertools.product":
		if len(as.pos) > 0 && len(as.pos) < 16 {
			for i := range as.pos {
				if as.star[i] {
					return x.list(x.list(x.element(n, x.element(n, as.pos[i])))), true
				}
			}
			return x.list(x.tuple(x.elements(n, as.pos, as.star)...)), true
		}
	case "itertools.chain":
		var e *value
		for _, v := range x.elements(n, as.pos, as.star) {
			e = join(e, v)
		}
		return x.list(e), true
	case "itertools.chain.from_iterable":
		return x.list(x.element(n, x.element(n, as.at(0)))), true
	case "itertools.cycle", "itertools.islice", "itertools.tee", "itertools.permutations", "itertools.combinations":
		e := x.element(n, as.at(0))
		if ref == "itertools.cycle" || ref == "itertools.islice" {
			return x.list(e), true
		}
		return x.list(x.list(e)), true
	case "os.path.splitext", "posixpath.splitext", "ntpath.splitext":
		if v := as.at(0); v != nil { // no separator is in the second part
			return x.tuple(v, carries(cleaned(v.all(1), x.a.maskOf("path", "archive", "file-write")))), true
		}
	case "itertools.repeat":
		return x.list(as.at(0)), true
	case "itertools.groupby":
		return x.list(x.tuple(x.element(n, as.at(0)), x.list(x.element(n, as.at(0))))), true
	case "next", "anext", "random.choice", "secrets.choice":
		if v := as.at(0); v != nil {
			return join(x.element(n, v), as.at(1)), true
		}
	case "random.sample", "random.choices":
		return x.list(x.element(n, as.at(0))), true
	case "max", "min":
		if key := as.named("key"); callable(key) && as.at(0) != nil {
			x.callValue(n, key, one(x.element(n, as.at(0))))
		}
		if len(as.pos) == 1 && as.at(0) != nil {
			return x.element(n, as.at(0)), true
		}
		var v *value
		for _, w := range as.pos {
			v = join(v, w)
		}
		return v, true
	}
	return nil, false
}

// calls handles functions that call what they are given.
func (x *frame) calls(n python.Node, callee *value, as args) (*value, bool) {
	ref := callee.ref
	last := ref[strings.LastIndexByte(ref, '.')+1:]
	switch ref {
	case "map", "filter", "itertools.starmap", "itertools.filterfalse", "itertools.takewhile", "itertools.dropwhile":
		if as.at(1) == nil {
			break
		}
		es := x.elements(n, as.pos[1:], as.star[1:])
		if !callable(as.at(0)) {
			return x.list(es[0]), true
		}
		in := one(es...)
		if ref == "itertools.starmap" {
			in = args{pos: es, star: []bool{true}}
		}
		v := x.callValue(n, as.at(0), in)
		if ref != "map" && ref != "itertools.starmap" {
			v = es[0]
		}
		return x.list(v), true
	case "functools.reduce":
		if f := as.at(0); callable(f) {
			e := join(x.element(n, as.at(1)), as.at(2))
			return x.callValue(n, f, one(join(e, x.callValue(n, f, one(e, x.element(n, as.at(1))))), x.element(n, as.at(1)))), true
		}
	case "functools.partial", "functools.partialmethod":
		if f := as.at(0); callable(f) && !symbolic(f.labels) {
			w := *f
			pre := as.from(1)
			if f.pre != nil {
				pre = f.pre.then(pre)
			}
			w.pre = &pre
			return &w, true
		}
	case "functools.wraps", "functools.update_wrapper":
		return nil, true
	case "asyncio.to_thread", "anyio.to_thread.run_sync", "anyio.run", "trio.to_thread.run_sync", "trio.run", "starlette.concurrency.run_in_threadpool", "fastapi.concurrency.run_in_threadpool":
		if f := as.at(0); callable(f) {
			return x.callValue(n, f, as.from(1)), true
		}
	case "asyncio.run", "asyncio.wait_for", "asyncio.shield", "asyncio.run_coroutine_threadsafe":
		if v := awaited(as.at(0)); v != nil {
			if ref == "asyncio.run_coroutine_threadsafe" {
				return x.future(v), true
			}
			return v, true
		}
	case "asyncio.create_task", "asyncio.ensure_future":
		return x.future(as.at(0)), true
	case "asyncio.gather":
		o := x.object(object{seq: true})
		for i, v := range as.pos {
			if as.star[i] {
				o.seq = false
				o.elem = join(o.elem, awaited(x.element(n, v)))
			} else {
				o.set(index(i), awaited(v))
			}
		}
		return &value{obj: o}, true
	case "asyncio.as_completed", "concurrent.futures.as_completed", "asyncio.wait", "concurrent.futures.wait", "contextlib.closing", "contextlib.aclosing", "contextlib.nullcontext":
		if v := as.at(0); v != nil {
			if last == "wait" {
				return x.tuple(v, v), true
			}
			return v, true
		}
	case "threading.Thread", "multiprocessing.Process", "threading.Timer":
		target, rest := Arg{Pos: 1, Name: "target"}, 3
		if ref == "threading.Timer" {
			target, rest = Arg{Pos: 1, Name: "function"}, 2
		}
		f, _ := as.get(target, nil)
		pos, _ := as.get(Arg{Pos: rest, Name: "args"}, nil)
		kw, _ := as.get(Arg{Pos: rest + 1, Name: "kwargs"}, nil)
		if callable(f) {
			x.callValue(n, f, args{pos: []*value{pos}, star: []bool{true}, kw: []kwarg{{"", kw}}})
		}
		return nil, false
	}
	self := callee.self
	if self == nil {
		return nil, false
	}
	switch last {
	case "submit", "apply_async", "create_task", "start_soon", "create_task_soon":
		f := as.at(0)
		if !callable(f) {
			if strings.HasPrefix(last, "create_task") && f != nil {
				return x.future(f), true
			}
			break
		}
		if last == "apply_async" {
			return x.future(x.callValue(n, f, args{pos: []*value{as.at(1)}, star: []bool{true}, kw: []kwarg{{"", as.at(2)}}})), true
		}
		if last == "create_task" && f.fn == nil {
			return x.future(f), true
		}
		return x.future(x.callValue(n, f, as.from(1))), true
	case "add_task", "call_soon", "call_soon_threadsafe", "run_sync", "run_in_threadpool", "enter_context", "enter_async_context", "callback", "run_until_complete":
		f := as.at(0)
		switch {
		case last == "enter_context" || last == "enter_async_context":
			return x.enter(n, f), true
		case last == "run_until_complete":
			return awaited(f), true
		case callable(f) && (f.fn != nil || f.inst != nil || f.pre != nil || f.cls != nil):
			return x.callValue(n, f, as.from(1)), true
		}
	case "call_later", "call_at", "run_in_executor":
		if f := as.at(1); callable(f) {
			return x.future(x.callValue(n, f, as.from(2))), true
		}
	case "map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async":
		if f := as.at(0); callable(f) && (f.fn != nil || f.pre != nil || f.inst != nil) && len(as.pos) > 1 {
			in := one(x.elements(n, as.pos[1:], as.star[1:])...)
			if strings.HasPrefix(last, "starmap") {
				in.star[0] = true
			}
			v := x.list(x.callValue(n, f, in))
			if strings.HasSuffix(last, "_async") {
				v = x.future(v)
			}
			return v, true
		}
	case "start", "result":
		if last == "result" || self.inst == nil {
			if self.obj != nil {
				if f, ok := self.obj.find(futureKey); ok {
					return f, true
				}
			}
			break
		}
		if base := outsideBase(self.inst, 0); base == "threading.Thread" || base == "multiprocessing.Process" {
			return x.special(n, self, "run")
		}
	}
	return nil, false
}

// then are the arguments of a call that adds to those of functools.partial.
func (a *args) then(b args) args {
	return args{pos: append(append([]*value{}, a.pos...), b.pos...), star: append(append([]bool{}, a.star...), b.star...), kw: append(append([]kwarg{}, a.kw...), b.kw...)}
}

// operator handles module operator.
func (x *frame) operator(n python.Node, callee *value, as args) (*value, bool) {
	switch callee.ref {
	case "operator.itemgetter", "operator.attrgetter", "operator.methodcaller":
		pre := as
		return &value{ref: callee.ref + "()", pre: &pre}, true
	case "operator.itemgetter()", "operator.attrgetter()", "operator.methodcaller()":
		if callee.pre == nil || as.at(0) == nil {
			break
		}
		get := func(k *value) *value {
			s, _ := k.str()
			switch {
			case callee.ref == "operator.itemgetter()":
				return x.item(n, as.at(0), k)
			case s == "":
				return nil
			case callee.ref == "operator.attrgetter()":
				v := as.at(0)
				for name := range strings.SplitSeq(s, ".") {
					v = x.attr(n, v, name)
				}
				return v
			}
			return x.callValue(n, x.attr(n, as.at(0), s), callee.pre.from(1))
		}
		if len(callee.pre.pos) == 1 || callee.ref == "operator.methodcaller()" {
			return get(callee.pre.at(0)), true
		}
		var vs []*value
		for i := range callee.pre.pos {
			vs = append(vs, get(callee.pre.at(i)))
		}
		return x.tuple(vs...), true
	case "operator.getitem":
		return x.item(n, as.at(0), as.at(1)), true
	case "operator.setitem":
		x.setItem(0, as.at(0), as.at(1), as.at(2))
		return nil, true
	case "operator.add", "operator.concat", "operator.mod":
		op := python.OpAdd
		if callee.ref == "operator.mod" {
			op = python.OpMod
		}
		return x.binary(n, as.at(0), op, as.at(1)), true
	}
	return nil, false
}
