package merlon

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
)

// inFiles scans files and lists what is found as "rule cell line" for the rules with
// one of the prefixes.
func inFiles(t *testing.T, files map[string]string, prefixes ...string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Scan(t.Context(), Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Coverage.Errors {
		t.Errorf("%+v", e)
	}
	var found []string
	for _, f := range r.Findings {
		for _, p := range prefixes {
			if strings.HasPrefix(f.Rule.ID, p) {
				for _, l := range f.Locations {
					found = append(found, fmt.Sprintf("%s%s line %d:%d", f.Rule.ID, l.Ref.InnerString(), l.Line, l.Col))
				}
				for _, h := range f.Trace {
					found = append(found, fmt.Sprintf("    %s%s line %d", h.Kind, h.Ref.InnerString(), h.Line))
				}
			}
		}
	}
	return found
}

func notebookOf(t *testing.T, cells ...string) string {
	t.Helper()
	var list []map[string]any
	for _, c := range cells {
		list = append(list, map[string]any{"cell_type": "code", "source": strings.SplitAfter(c, "\n"), "metadata": map[string]any{}, "outputs": []any{}, "execution_count": nil})
	}
	b, err := json.MarshalIndent(map[string]any{"cells": list, "metadata": map[string]any{"language_info": map[string]any{"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestNotebookIsReadLikeAFile: the Python of a notebook has the findings of the same
// code in a file, across cells, and they point to the cell and the line.
func TestNotebookIsReadLikeAFile(t *testing.T) {
	cells := []string{
		"import pickle, subprocess\nimport torch\nfrom flask import request\n",
		"def load():\n    return pickle.load(open(request.args['model'], 'rb'))\n\nmodel = torch.load('m.pt', weights_only=False)\n",
		"name = request.args['name']\n",
		"x = 1\nsubprocess.run('ls ' + name, shell=True)\nexec(request.data)\n",
	}
	file := inFiles(t, map[string]string{"n.py": strings.Join(cells, "")}, "python/", "code/")
	if len(file) == 0 {
		t.Fatal("nothing was found in the file")
	}
	// Where the lines of the file are in the notebook.
	type place struct{ cell, line int }
	places := map[int]place{}
	for c, n := 0, 1; c < len(cells); c++ {
		for l := range strings.Count(cells[c], "\n") {
			places[n] = place{c, l + 1}
			n++
		}
	}
	var want []string
	for _, f := range file {
		var line int
		head, tail, _ := strings.Cut(f, " line ")
		rest := ""
		if _, err := fmt.Sscanf(tail, "%d%s", &line, &rest); err != nil && line == 0 {
			t.Fatal(f)
		}
		p := places[line]
		want = append(want, head+asset.Ref{}.Join(asset.Step{Kind: asset.Cell, N: p.cell}).InnerString()+fmt.Sprintf(" line %d", p.line)+rest)
	}
	plain := inFiles(t, map[string]string{"n.ipynb": notebookOf(t, cells...)}, "python/", "code/")
	if d := cmp.Diff(want, plain); d != "" {
		t.Errorf("findings (-file +notebook):\n%s", d)
	}
}

func TestSecretsOfANotebook(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	token := func() string {
		b := []byte("hf_")
		for range 34 {
			b = append(b, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.IntN(52)])
		}
		return string(b)
	}
	body := `{"cells": [
 {"cell_type": "markdown", "metadata": {}, "source": "nothing"},
 {"cell_type": "code", "metadata": {}, "source": ["import os\n", "os.environ[\"HF_TOKEN\"] = \"` + token() + `\""], "outputs": []},
 {"cell_type": "code", "metadata": {}, "source": ["%env HF_TOKEN=` + token() + `\n", "!export HF_TOKEN=` + token() + `"], "outputs": []},
 {"cell_type": "code", "metadata": {}, "source": "x", "outputs": [{"output_type": "stream", "name": "stdout", "text": ["a\n", "{'hub': '` + token() + `'}\n"]}]}
], "metadata": {"extra": {"token": "` + token() + `"}}, "nbformat": 4, "nbformat_minor": 5}`
	want := []string{
		"secret/huggingface-token line 1:11",
		"secret/huggingface-token#cell=1 line 2:27",
		"secret/huggingface-token#cell=2 line 1:15",
		"secret/huggingface-token#cell=2 line 2:18",
		"secret/huggingface-token#cell=3#output=0 line 2:10",
	}
	if d := cmp.Diff(want, inFiles(t, map[string]string{"n.ipynb": body}, "secret/")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
