package pyflow

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/python"
)

// options hears what the argument verify of calls may be.
type options struct {
	line map[int][]string
}

func (*options) Flow(Flow) {}
func (o *options) Call(s Site) {
	if k := s.Arg(Arg{Pos: -1, Name: "verify"}); k.Const {
		n := s.Tree.Line(s.Node)
		if !slices.Contains(o.line[n], k.Text) {
			o.line[n] = append(o.line[n], k.Text)
		}
	}
}

// TestOptions: an option that is set in one branch is that constant; a setting of another
// place that may be one or the other is neither.
func TestOptions(t *testing.T) {
	files := map[string]string{
		"env.py": `
import os
VERIFY = os.environ.get("V", "1")
if VERIFY == "0":
    VERIFY = False
else:
    VERIFY = True
OFF = False
`,
		"main.py": `import requests
from env import VERIFY, OFF
def f(a):
    kw = {"timeout": 3}
    if a:
        kw["verify"] = False
    requests.get("u", **kw)
def g(a):
    flag = True
    if a:
        flag = False
    requests.get("u", verify=flag)
def h(): requests.get("u", verify=VERIFY)
def i(): requests.get("u", verify=OFF)
def j(a): requests.get("u", verify=False if a else True)
class C:
    def __init__(self, a):
        self.verify = True
        if a: self.verify = False
    def get(self): requests.get("u", verify=self.verify)
`}
	o := &options{line: map[int][]string{}}
	a := New(testSpec(), o)
	for _, name := range []string{"env.py", "main.py"} {
		a.Add(name, python.Parse([]byte(files[name])), name)
	}
	a.Run()
	want := map[int][]string{7: {"False"}, 12: {"False", "True"}, 14: {"False"}}
	if d := cmp.Diff(want, o.line); d != "" {
		t.Error(d)
	}
}
