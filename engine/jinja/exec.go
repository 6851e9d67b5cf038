package jinja

import (
	"slices"
)

// Bounds of the walk. Published templates take up to 450,000 steps, most a few
// thousand.
const (
	maxSteps  = 1_000_000
	maxUnroll = 2048 // rounds of a loop whose rounds are known
	maxCalls  = 12   // macros in macros
	maxKept   = 8 << 20
)

// Analyse walks the syntax tree of a template the way a renderer would run it,
// with what the template itself makes known: constants, and everything computed
// from constants. Where a condition is not known both ways are walked. Nothing is
// rendered and nothing of the environment is called.
func Analyse(t *Template) *Report {
	a := &analysis{report: &Report{}, st: newState(), mult: 1, seen: map[Event]bool{}, macros: map[*Stmt]int{}, stack: map[*Stmt][]string{},
		conds: map[condKey]*Cond{}, texts: map[textKey]bool{}}
	a.out = &sink{top: true}
	a.exec(t.Body)
	// A macro that nobody calls here may still be called by whoever imports it.
	for _, m := range a.found {
		if a.macros[m] == 0 {
			a.callMacro(m, nil, m.Pos)
		}
	}
	return a.report
}

type analysis struct {
	report *Report
	st     *state
	out    *sink
	pc     []*Cond // conditions under which we are here
	dead   int     // inside of a branch that is never taken
	mult   float64 // how often the loops around run
	calls  int
	steps  int
	bytes  int // of the texts put out
	seen   map[Event]bool
	texts  map[textKey]bool
	conds  map[condKey]*Cond
	macros map[*Stmt]int      // how often each was called
	stack  map[*Stmt][]string // the calls of each that are being followed
	found  []*Stmt
}

type textKey struct {
	text  string
	conds int
	first *Cond
}

// fork copies a state, which counts as work.
func (a *analysis) fork(s *state) *state {
	a.steps += len(s.vars)
	return s.fork()
}

// signal says how a run of statements ended.
type signal uint8

const (
	goOn signal = iota
	doBreak
	doContinue
)

func (a *analysis) step() bool {
	if a.steps++; a.steps > maxSteps {
		a.report.Incomplete = true
		return false
	}
	return true
}

func (a *analysis) event(e Event) {
	if key := (Event{Kind: e.Kind, Pos: e.Pos, Name: e.Name}); !a.seen[key] && len(a.report.Events) < 1000 {
		a.seen[key] = true
		a.report.Events = append(a.report.Events, e)
	}
}

// emit puts a value out where we are.
func (a *analysis) emit(v value) {
	if a.dead > 0 {
		return
	}
	v = v.with(a.pc)
	if !a.out.top {
		a.out.add(v)
		return
	}
	for _, l := range asText(v) {
		k := textKey{text: l.Text, conds: len(l.Conds)}
		if len(l.Conds) > 0 {
			k.first = l.Conds[0]
		}
		if a.texts[k] || len(a.report.Texts) >= 20_000 {
			continue
		}
		if a.bytes += len(l.Text); a.bytes > MaxSize+maxKept {
			a.report.Incomplete = true
			return
		}
		a.texts[k] = true
		a.report.Texts = append(a.report.Texts, l)
	}
}

// capture runs statements and returns what they put out as a value.
func (a *analysis) capture(run func()) value {
	old := a.out
	a.out = &sink{}
	run()
	v := a.out.value
	if !a.out.begun {
		v = str("", 0)
	}
	a.out = old
	return v
}

func (a *analysis) exec(list []*Stmt) signal {
	for _, s := range list {
		if !a.step() {
			return goOn
		}
		if sig := a.stmt(s); sig != goOn {
			return sig
		}
	}
	return goOn
}

func (a *analysis) stmt(s *Stmt) signal {
	switch s.Kind {
	case Text:
		a.emit(str(s.Text, s.Pos))
	case Output:
		a.emit(a.eval(s.Value))
	case Do:
		a.eval(s.Value)
	case Set:
		v := a.eval(s.Value)
		a.reference(s.Value, v)
		a.assign(s.Target, v)
	case SetBlock:
		v := a.capture(func() { a.exec(s.Body) })
		if s.Value != nil {
			v = a.filtered(s.Value, v)
		}
		a.assign(s.Target, v)
	case FilterTag:
		v := a.capture(func() { a.exec(s.Body) })
		a.emit(a.filtered(s.Value, v))
	case If:
		return a.ifStmt(s)
	case For:
		a.forStmt(s)
	case Macro:
		a.found = append(a.found, s)
		a.st.vars[s.Name] = value{kind: kMacro, macro: s}
	case CallBlock:
		a.callBlock(s)
	case With:
		saved := a.st.vars
		a.st.vars = map[string]value{}
		for k, v := range saved {
			a.st.vars[k] = v
		}
		for _, p := range s.Params {
			a.st.vars[p.Name] = a.eval(p.Value)
		}
		a.exec(s.Body)
		a.st.vars = saved
	case Load:
		a.eval(s.Value)
		a.event(Event{Kind: EventLoad, Pos: s.Pos, Name: s.Name})
		for _, p := range s.Params {
			a.st.vars[p.Name] = value{}
		}
	case Block, Generation, Scope:
		if s.Value != nil {
			a.eval(s.Value)
		}
		return a.exec(s.Body)
	case LoopJump:
		if s.Name == "break" {
			return doBreak
		}
		return doContinue
	}
	return goOn
}

// assign binds a value to a name, a namespace attribute or a tuple of names.
func (a *analysis) assign(target *Expr, v value) {
	switch target.Op {
	case OpName:
		a.st.vars[target.Name] = v
		delete(a.st.roles, target.Name)
	case OpAttr:
		ns := a.st.vars[target.X[0].Name]
		if ns.kind == kNamespace {
			ns.ns[target.Name] = v
		}
	case OpTuple:
		if v.kind == kList && len(*v.list) == len(target.X) {
			for i, x := range target.X {
				a.assign(x, (*v.list)[i])
			}
			return
		}
		part := a.element(v)
		for _, x := range target.X {
			a.assign(x, part)
		}
	}
}

func (a *analysis) ifStmt(s *Stmt) signal {
	cond := a.eval(s.Value)
	if b, ok := cond.truth(); ok && len(cond.dep()) == 0 {
		taken, other := s.Body, s.Else
		if !b {
			taken, other = other, taken
		}
		live := a.st
		a.st = a.fork(live)
		a.dead++
		a.exec(other)
		a.dead--
		a.st = live
		return a.exec(taken)
	}
	pc := a.pc
	a.pc = unionConds(pc, cond.dep())
	before := a.st
	a.st = a.fork(before)
	a.guard(s.Value, true)
	first := a.exec(s.Body)
	then := a.st
	a.st = a.fork(before)
	a.guard(s.Value, false)
	second := a.exec(s.Else)
	a.pc = pc
	switch {
	case first != goOn && second == goOn: // what follows comes after the other branch only
	case second != goOn && first == goOn:
		a.st = then
	default:
		then.join(a.st, cond.dep())
		a.st = then
	}
	if first == second {
		return first
	}
	return goOn
}

// guard notes what a condition says about the role of a message.
func (a *analysis) guard(e *Expr, holds bool) {
	switch e.Op {
	case OpAnd:
		if holds {
			a.guard(e.X[0], true)
			a.guard(e.X[1], true)
		}
	case OpNot:
		a.guard(e.X[0], !holds)
	case OpCompare:
		if len(e.X) != 2 || (e.Names[0] == "==") != holds || e.Names[0] != "==" && e.Names[0] != "!=" {
			return
		}
		for i, x := range e.X {
			if path := rolePath(x); path != "" {
				if v := a.eval(e.X[1-i]); v.kind == kStr {
					a.st.roles[path] = v.s
				}
			}
		}
	}
}

// rolePath returns the path of the message whose role an expression is.
func rolePath(e *Expr) string {
	switch {
	case e.Op == OpAttr && (e.Name == "role" || e.Name == "from"):
		return exprPath(e.X[0])
	case e.Op == OpItem && e.X[1].Op == OpConst && (e.X[1].Val == "role" || e.X[1].Val == "from"):
		return exprPath(e.X[0])
	}
	return ""
}

func (a *analysis) forStmt(s *Stmt) {
	iter := a.eval(s.Value)
	if iter.kind == kStr || iter.kind == kDict { // letters, keys
		if l, ok := foldList(iter); ok {
			iter = l.with(iter.conds)
		}
	}
	count := max(iter.count, 0)
	if iter.kind == kList {
		count = float64(len(*iter.list))
	}
	mult := a.mult
	a.mult *= max(1, count)
	if a.mult >= 100_000 && a.dead == 0 {
		a.event(Event{Kind: EventLoop, Pos: s.Pos, Count: a.mult})
	}
	pc := a.pc
	a.pc = unionConds(pc, iter.dep())
	defer func() { a.pc, a.mult = pc, mult }()

	saved := map[string]value{}
	names := targetNames(s.Target, []string{"loop"})
	for _, n := range names {
		if v, ok := a.st.vars[n]; ok {
			saved[n] = v
		}
	}
	if iter.kind == kList && len(iter.alts) == 0 && len(*iter.list) <= maxUnroll {
		items := slices.Clone(*iter.list)
		if s.Test != nil {
			items = a.keep(s, items)
		}
		for i, x := range items {
			a.st.vars["loop"] = loopValue(i, items)
			if a.round(s, x.with(iter.conds)) == doBreak {
				break
			}
		}
		if len(items) == 0 {
			a.exec(s.Else)
		}
	} else {
		a.someRounds(s, iter)
	}
	for _, n := range names {
		delete(a.st.vars, n)
		if v, ok := saved[n]; ok {
			a.st.vars[n] = v
		}
	}
}

// keep filters known elements by the test of a loop; those it cannot decide stay.
func (a *analysis) keep(s *Stmt, items []value) []value {
	var out []value
	for _, x := range items {
		if !a.step() {
			break
		}
		a.assign(s.Target, x)
		v := a.eval(s.Test)
		if b, ok := v.truth(); ok && !b {
			continue
		}
		out = append(out, x.with(v.dep()))
	}
	return out
}

func (a *analysis) round(s *Stmt, x value) signal {
	if !a.step() {
		return doBreak
	}
	a.assign(s.Target, x)
	return a.exec(s.Body)
}

// someRounds walks the body of a loop whose elements are not known: not at all, once,
// and twice, for what one round leaves to the next.
func (a *analysis) someRounds(s *Stmt, iter value) {
	x := a.element(iter)
	pc := a.pc
	defer func() { a.pc = pc }()
	for range 2 {
		before := a.fork(a.st)
		a.st.vars["loop"] = unknownLoop(iter)
		a.assign(s.Target, x)
		conds := iter.dep()
		if s.Test != nil {
			test := a.eval(s.Test)
			conds = unionConds(conds, test.dep())
			a.pc = unionConds(a.pc, test.dep())
			a.guard(s.Test, true)
		}
		a.exec(s.Body)
		a.st.join(before, conds)
	}
	a.exec(s.Else)
}

// unknownLoop is the variable "loop" of a loop whose rounds are not known.
func unknownLoop(iter value) value {
	if iter.class != cMessages {
		return value{path: "loop"}
	}
	turn := value{class: cTurns}
	d := []pair{{str("index", 0), turn}, {str("index0", 0), turn}, {str("revindex", 0), turn}, {str("revindex0", 0), turn}, {str("length", 0), turn},
		{str("first", 0), value{}}, {str("last", 0), value{}}, {str("previtem", 0), value{class: cMessage, path: "loop.previtem"}}, {str("nextitem", 0), value{class: cMessage, path: "loop.nextitem"}}}
	return value{kind: kDict, dict: &d, path: "loop"}
}

func targetNames(e *Expr, names []string) []string {
	switch e.Op {
	case OpName:
		names = append(names, e.Name)
	case OpTuple:
		for _, x := range e.X {
			names = targetNames(x, names)
		}
	}
	return names
}

func loopValue(i int, items []value) value {
	n := len(items)
	at := func(k int) value {
		if k < 0 || k >= n {
			return value{}
		}
		return items[k]
	}
	d := []pair{
		{str("index", 0), num(int64(i + 1))}, {str("index0", 0), num(int64(i))},
		{str("revindex", 0), num(int64(n - i))}, {str("revindex0", 0), num(int64(n - i - 1))},
		{str("first", 0), boolean(i == 0)}, {str("last", 0), boolean(i == n-1)}, {str("length", 0), num(int64(n))},
		{str("previtem", 0), at(i - 1)}, {str("nextitem", 0), at(i + 1)},
	}
	return value{kind: kDict, dict: &d, path: "loop"}
}
