package shellcmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   [][]string
	}{
		{"pip install a 'b c'", [][]string{{"pip", "install", "a", "b c"}}},
		{"a && b; c | d\ne # no\nf#g", [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f#g"}}},
		{"a \\\n  b \"c \\\" d\" ''", [][]string{{"a", "b", `c " d`, ""}}},
		{"'open", [][]string{{"open"}}},
		{"", nil},
	} {
		if d := cmp.Diff(tt.want, Split(tt.script)); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.script, d)
		}
	}
}

func TestFetchAndRun(t *testing.T) {
	for script, want := range map[string]string{
		"curl -s http://a.example/x.sh | sh":                       "http://a.example/x.sh",
		"curl https://a.example/x | sudo -E bash -":                "https://a.example/x",
		"wget -qO- https://a.example/x | env A=1 python3":          "https://a.example/x",
		"bash <(curl -s https://a.example/x)":                      "https://a.example/x",
		`sh -c "$(curl -fsSL https://a.example/x)"`:                "https://a.example/x",
		"eval `curl https://a.example/x`":                          "https://a.example/x",
		"curl https://a.example/x \\\n | bash":                     "https://a.example/x",
		"curl https://a.example/x.gz | gunzip | sh":                "https://a.example/x.gz",
		"iwr https://a.example/x.ps1 | iex":                        "https://a.example/x.ps1",
		"curl https://a.example/x.json | jq .":                     "",
		"curl -o x.sh https://a.example/x.sh":                      "",
		"curl https://a.example/x > out; bash other.sh":            "",
		"ls | sh_completion":                                       "",
		"wget https://a.example/data.csv; cat data.csv | shuf":     "",
		"curl https://a.example | grep bash":                       "",
		"echo 'see the docs of curl and sh'":                       "",
		"git log --format=%H | head":                               "",
		"curl -s https://a.example/list | tee list | shasum -c -q": "",
	} {
		got := FetchAndRun(script)
		if (len(got) > 0) != (want != "") || len(got) > 0 && got[0].URL != want {
			t.Errorf("%q: %+v, want %q", script, got, want)
		}
	}
}

func TestInstalls(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   []Install
	}{
		{"pip install -q a==1.0 b 'c>=2' d[x]==3.*", []Install{{Tool: "pip", Packages: []Package{
			{Text: "a==1.0", Name: "a", Pinned: true}, {Text: "b", Name: "b"}, {Text: "c>=2", Name: "c"}, {Text: "d[x]==3.*", Name: "d"}}}}},
		{"{sys.executable} -m pip install x", []Install{{Tool: "pip", Packages: []Package{{Text: "x", Name: "x"}}}}},
		{"python3 -m pip install --index-url http://i.example/simple --trusted-host i.example x==1",
			[]Install{{Tool: "pip", Packages: []Package{{Text: "x==1", Name: "x", Pinned: true}}, Indexes: []string{"http://i.example/simple"}, Trusted: []string{"i.example"}}}},
		{"cd /tmp && pip3 install git+https://g.example/a/b@0123456789012345678901234567890123456789", []Install{{Tool: "pip",
			Packages: []Package{{Text: "git+https://g.example/a/b@0123456789012345678901234567890123456789", Remote: true, Pinned: true}}}}},
		{"pip install git+https://g.example/a/b.git@main .", []Install{{Tool: "pip", Packages: []Package{{Text: "git+https://g.example/a/b.git@main", Remote: true}, {Text: ".", Local: true}}}}},
		{"pip install -r requirements.txt", []Install{{Tool: "pip"}}},
		{"conda install -y -c conda-forge numpy=1.26 pandas", []Install{{Tool: "conda", Packages: []Package{
			{Text: "numpy=1.26", Name: "numpy", Pinned: true}, {Text: "pandas", Name: "pandas"}}}}},
		{"pip list; pip show x; echo pip install x", nil},
	} {
		got := Installs(Split(tt.script))
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.script, d)
		}
	}
}

func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{"localhost:80/x": true, "127.0.0.1": true, "[::1]:8080": true, "a@localhost": true,
		"localhost.example.com": false, "127.example.com": false, "example.com/localhost": false, "localhost@example.com": false} {
		if Local(host) != want {
			t.Errorf("Local(%q) = %v", host, !want)
		}
	}
}

func FuzzAll(f *testing.F) {
	f.Add("curl x | sh; pip install -e git+https://a@b 'c")
	f.Fuzz(func(_ *testing.T, s string) {
		Installs(Split(s))
		FetchAndRun(s)
		Plain(s)
	})
}
