package notebook

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	const in = `{"cells": [
  {"cell_type": "code", "execution_count": 7, "metadata": {"trusted": true}, "outputs": [{"a": 1}], "source": "outputs = 1"},
  {"cell_type": "code", "execution_count": null, "metadata": {"collapsed": true, "tags": [1], "scrolled": false, "x": 2, "execution": {"b": 1}}, "outputs": [ ], "source": ""},
  {"cell_type": "markdown", "metadata": {"tags": ["outputs"]}, "source": "ü"}
 ],
 "metadata": {"kernelspec": {"name": "p"}, "widgets": {"state": {}}},
 "nbformat": 4
}
`
	const want = `{"cells": [
  {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": "outputs = 1"},
  {"cell_type": "code", "execution_count": null, "metadata": {"tags": [1], "x": 2}, "outputs": [ ], "source": ""},
  {"cell_type": "markdown", "metadata": {"tags": ["outputs"]}, "source": "ü"}
 ],
 "metadata": {"kernelspec": {"name": "p"}},
 "nbformat": 4
}
`
	got, edits, err := Clean([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	again, more, err := Clean(got)
	if err != nil || len(more) > 0 || string(again) != want {
		t.Errorf("cleaning twice: %v %v", more, err)
	}
	diff := Diff("n.ipynb", []byte(in), edits)
	if strings.Count(diff, "\n-") != 3 || strings.Count(diff, "\n+ ") != 3 || strings.Count(diff, "@@ -") != 3 {
		t.Errorf("diff:\n%s", diff)
	}
}

func TestCleanFixtures(t *testing.T) {
	for _, name := range []string{"testdata/nb3.ipynb", "testdata/nb4.ipynb"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Clean(b)
		if err != nil {
			t.Fatal(err)
		}
		before, err := Read(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		after, err := Read(strings.NewReader(string(got)))
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range after.Cells {
			if len(c.Outputs) > 0 || c.Source != before.Cells[i].Source {
				t.Errorf("%s, cell %d: %+v", name, i, c)
			}
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, in := range []string{"", "[]", `{"a": 1}`, `{"cells": [}`, `{"cells": []} x`} {
		if _, _, err := Clean([]byte(in)); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(`{"cells": [{"metadata": {"trusted": 1 , "a":2}, "outputs": [1]}], "metadata": {"widgets":{}}}`)
	f.Add(`{"cells": [{"metadata": {"a":2,"trusted": 1 ,"execution":3}, "outputs": {}, "execution_count" : 3 }]}`)
	f.Fuzz(func(t *testing.T, s string) {
		out, edits, err := Clean([]byte(s))
		if err != nil {
			return
		}
		if _, more, err := Clean(out); err != nil || len(more) > 0 {
			t.Errorf("%q became %q: %v %v", s, out, err, more)
		}
		if json.Valid([]byte(s)) && !json.Valid(out) {
			t.Errorf("%q became %q", s, out)
		}
		Diff("x", []byte(s), edits)
	})
}
