package cel

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type part struct {
	Name  string    `json:"name"`
	Size  int64     `json:"size"`
	Share float64   `json:"share"`
	Tags  []string  `json:"tags"`
	At    time.Time `json:"at"`
}

func testEnv() (*Env, *Vars) {
	env := NewEnv(
		Variable{"parts", reflect.TypeFor[[]part]()},
		Variable{"one", reflect.TypeFor[part]()},
		Variable{"on", reflect.TypeFor[bool]()})
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	parts := []part{{"a", 1, 0.5, []string{"x"}, at}, {"b", 2, 0.25, nil, at.AddDate(0, 0, 1)}}
	on := true
	return env, env.Vars(func(name string) any {
		return map[string]any{"parts": &parts, "one": &parts[0], "on": &on}[name]
	})
}

func TestMistakesSayWhereAndWhatToDo(t *testing.T) {
	env, vars := testEnv()
	for _, tt := range []struct{ text, want string }{
		{"on &&", "1:6: Syntax error: it ends where a value has to be"},
		{"on\n  && 'a", "2:6: Syntax error: the text that begins here has no end; close it with '"},
		{"one.nam == 'a'", `1:5: undefined field "nam"; there are name, size, share, tags, at`},
		{"ons", `1:1: undeclared reference to "ons"; there are on, one, parts`},
		{"one.size == 1.0", "1:10: found no matching overload for '_==_' applied to '(int, double)'; write 1.0 for 1, or convert with double()"},
		{"one.size < '1'", "1:10: found no matching overload for '_<_' applied to '(int, string)'; text is compared with text"},
		{"parts.all(p, p.size)", "1:16: the condition of all() is of type int, and has to be true or false"},
		{"parts.all(1, true)", "1:11: the first argument of all() is a new name for each element"},
		{"one.name.matches(one.name)", "1:22: the pattern of matches() has to be written out; use contains() for text that is data"},
		{"one.name.matches('(')", "1:18: error parsing regexp: missing closing ): `(`"},
		{"one.name.matches('((a{100}){10}){9}b{999}')", "1:18: error parsing regexp: invalid repeat count: `{9}`"},
		{"one.name.matches('" + strings.Repeat("[a-c]{900}", 20) + "')", "1:18: pattern: it repeats too much: make it shorter"},
		{"parts[2].name == ''", "1:6: index out of bounds: 2 of a list of 2; ask for its size() first"},
		{"1 / (one.size - 1) == 1", "1:3: division by zero"},
		{"null == 1", "1:1: Syntax error: there is no null; no field is ever null, has(x.field) says whether one is empty"},
		{"'ä' + 'ö' == 1u", "1:14: Syntax error: unsigned numbers are not supported; write it without the u"},
		{"one == one", "1:5: objects are not compared; compare their fields"},
		{"one.name.trm()", `1:10: undeclared reference to "trm": there is no such function`},
		{"one.name.contains(1)", `1:10: found no matching overload for "contains" applied to '(string, int)'; there is string.contains(string) bool`},
		{"duration('3d') > duration('1h')", `1:1: type conversion error from 'string' to 'duration': "3d"; write hours, minutes or seconds, such as 240h`},
		{strings.Repeat("(", 100), "1:65: nested more than 64 deep, which is the limit of recursion; make it several rules"},
		{strings.Repeat("!", 100) + "on", "1:64: nested more than 64 deep, which is the limit of recursion; make it several rules"},
		{strings.Repeat("on && ", 2000) + "on", "12002 bytes; at most 8192 are read; make it several rules"},
	} {
		p, err := env.Compile(tt.text)
		if err == nil {
			_, err = p.Value(vars)
		}
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.60s\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

// TestBombs are short expressions that would take all memory, or for ever.
func TestBombs(t *testing.T) {
	env, vars := testEnv()
	for name, text := range map[string]string{
		"text":        "['xxxxxxxx']" + strings.Repeat(".map(x,x+x)", 400) + ".size() == 1",
		"lists":       "[[1]]" + strings.Repeat(".map(x,x+x)", 400) + ".size() == 1",
		"comparisons": "[[1]]" + strings.Repeat(".map(x,[x,x])", 60) + " == [[1]]" + strings.Repeat(".map(x,[x,x])", 60),
		"loops":       strings.Repeat("[1,2,3,4,5,6,7,8,9].all(a, ", 20) + "on" + strings.Repeat(")", 20),
		"absorbed":    "on || " + strings.Repeat("[1,2,3,4,5,6,7,8,9].all(a, ", 20) + "a > 0 || 1/0 == 1" + strings.Repeat(")", 20) + " ? !on : on",
		"replace":     "['xxxxxxxx']" + strings.Repeat(".map(x,x.replace('x','xx'))", 200) + ".size() == 1",
		"join":        "['xxxxxxxx']" + strings.Repeat(".map(x,[x,x].join(x))", 200) + ".size() == 1",
		"split":       "['xxxxxxxx']" + strings.Repeat(".map(x,x+x)", 30) + ".map(x, x.split('')).size() == 1",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := env.Compile(text)
			if err != nil {
				t.Fatal(err)
			}
			v, err := p.Bool(vars)
			if name == "absorbed" { // what is decided without the bomb is
				if err != nil {
					t.Errorf("%v, %v", v, err)
				}
				return
			}
			if !errors.Is(err, errCost) {
				t.Errorf("%v, %v; want the limit of costs", v, err)
			}
		})
	}
}

func TestReads(t *testing.T) {
	env, _ := testEnv()
	p, err := env.Compile("parts.all(one, one.size > 0) && on")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"on", "parts"}, p.Reads()); diff != "" {
		t.Error(diff)
	}
}

// FuzzCompile looks for texts that break the reader, the checker or the evaluation.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"parts.exists(p, p.name in ['a'] && p.size < 2 || !on)", "one.at - timestamp('2026-01-01T00:00:00Z') > duration('1h')",
		"{'a': 1}.a == [1][0] ? 'x'.matches('[a-z]{2}') : has(one.tags)", `'''a''' + "\u00e4\101\x41" + r'\'`, "parts.map(p, p.size > 1, p.share * 2.0)[0] >= -1e3",
		"'a,b'.split(',', 2).join('-').replace('a', 'b').substring(0, 1).indexOf('b', 0) % 2 == 0", "[] + [1] == [] // c", "parts.exists_one(p, p.tags.filter(t, t.size() == 1) == [])",
	} {
		f.Add(s)
	}
	env, vars := testEnv()
	f.Fuzz(func(t *testing.T, text string) {
		p, err := env.Compile(text)
		if err != nil {
			if e := (*Error)(nil); len(text) <= MaxText && (!errors.As(err, &e) || e.Line < 1 || e.Col < 1) {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		first, err1 := p.Value(vars)
		again, err2 := p.Value(vars)
		if (err1 == nil) != (err2 == nil) || err1 == nil && !reflect.DeepEqual(first, again) && !strings.Contains(text, "/") && !strings.Contains(strings.ToLower(text), "nan") {
			t.Errorf("two values: %v %v, %v %v", first, err1, again, err2)
		}
	})
}
