package inventory

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What uv, npm, pnpm, Yarn, Bun and Pipenv made of one small project each: the same
// packages, whatever the format. testdata/real/README.md says how.
var (
	pythonProject = []string{
		"certifi 2026.10.18", "charset-normalizer 3.5.2", "click 8.5.1", "colorama 0.4.6", "flask 2.0.1", "idna 3.6", "iniconfig 2.0.0",
		"itsdangerous 2.2.0", "jinja2 3.1.6", "markupsafe 3.0.4", "pysocks 1.7.1", "requests 2.31.0", "urllib3 2.8.0", "werkzeug 3.1.9",
	}
	webProject = []string{
		"@types/ms 0.7.34", "debug 2.6.9", "depd 1.1.2", "destroy 1.0.4", "ee-first 1.1.1", "encodeurl 1.0.4", "escape-html 1.0.3", "etag 1.8.1",
		"fresh 0.5.2", "he 1.2.0", "http-errors 1.7.3", "inherits 2.0.4", "left-pad 1.3.0", "mime 1.6.0", "ms 2.0.0", "ms 2.1.1", "on-finished 2.3.0",
		"range-parser 1.2.1", "send 0.17.1", "setprototypeof 1.1.1", "statuses 1.5.0", "toidentifier 1.0.0",
	}
)

func TestFilesOfRealTools(t *testing.T) {
	without := func(list []string, gone ...string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(gone, s) })
	}
	for _, tt := range []struct {
		file string
		want []string
		dev  []string // packages of a development group
	}{
		{"uv.lock", pythonProject, nil},
		{"pylock.toml", pythonProject, nil},
		{"requirements.txt", without(pythonProject, "colorama 0.4.6", "iniconfig 2.0.0"), nil},
		{"Pipfile.lock", append(without(pythonProject, "colorama 0.4.6", "idna 3.6"), "idna 3.20"), []string{"iniconfig"}},
		{"npm1/package-lock.json", webProject, []string{"he"}},
		{"npm2/package-lock.json", webProject, []string{"he"}},
		{"npm3/package-lock.json", webProject, []string{"he"}},
		{"pnpm-lock.yaml", webProject, []string{"he"}},
		{"yarn1/yarn.lock", webProject, nil},
		{"yarn4/yarn.lock", webProject, nil},
		{"bun.lock", webProject, nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content, err := os.ReadFile("testdata/real/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(tt.file, content)
			if err != nil {
				t.Fatal(err)
			}
			var got, dev []string
			for _, p := range f.Packages {
				got = append(got, p.Name+" "+p.Version)
				if p.Group == "dev" {
					dev = append(dev, p.Name)
				}
				if p.Line == 0 {
					t.Errorf("%s has no line", p.Name)
				}
				if len(p.Hashes) == 0 {
					t.Errorf("%s has no hash", p.Name)
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.dev, dev); diff != "" {
				t.Errorf("development, -want +got\n%s", diff)
			}
		})
	}
}
