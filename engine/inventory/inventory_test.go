package inventory

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecognise(t *testing.T) {
	for name, want := range map[string]string{
		"requirements.txt": "requirements", "a/requirements-dev.txt": "requirements", "requirements/base.txt": "requirements", "constraints.in": "requirements",
		"notes.txt": "", "pylock.prod.toml": "pylock", "environment-gpu.yml": "conda environment", "x.dist-info/METADATA": "python package",
		"METADATA": "", "usr/lib/x.egg-info": "python package", "var/lib/dpkg/status": "dpkg status", "status": "", "var/lib/dpkg/status.d/base": "dpkg status",
		"lib/apk/db/installed": "apk installed", "installed": "", "sub/go.mod": "go.mod", "a.pom": "pom.xml", "env/conda-meta/numpy-1.json": "conda package",
	} {
		if got := Recognise(name); got != want {
			t.Errorf("Recognise(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	declared := func(p Package) Package { p.Ecosystem, p.Direct = "PyPI", true; return p }
	commit := strings.Repeat("ab", 20)
	for _, tt := range []struct {
		name, file, content string
		want                File
	}{
		{"requirements", "requirements.txt", "\ufeff# top\n--index-url https://user:secret@pypi.example.com/simple\n--extra-index-url=http://h/simple\n-r base.txt\n-c constraints.txt\n" +
			"Flask[async] == 2.0.1 ; python_version < '3.9' # why\ntorch>=2,<3 \\\n  --hash=sha256:aa \\\n  --hash sha256:bb\n" +
			"tool @ git+https://tok@github.com/a/tool@" + commit + "\n-e git+ssh://git@github.com/a/b.git@main#egg=b\nhttps://h/x-1.2.tar.gz\n./local\nrequests\n\n",
			File{
				Packages: []Package{
					declared(Package{Name: "Flask", Version: "2.0.1", Extras: []string{"async"}, Marker: "python_version < '3.9'", Line: 6}),
					declared(Package{Name: "torch", Constraint: ">=2,<3", Hashes: []string{"sha256:aa", "sha256:bb"}, Line: 7}),
					declared(Package{Name: "tool", Source: Source{Kind: Git, URL: "https://github.com/a/tool", Commit: commit}, Line: 10}),
					declared(Package{Name: "b", Source: Source{Kind: Git, URL: "ssh://github.com/a/b.git"}, Line: 11}),
					declared(Package{Name: "x", Version: "1.2", Source: Source{Kind: Archive, URL: "https://h/x-1.2.tar.gz"}, Line: 12}),
					declared(Package{Source: Source{Kind: Path, URL: "./local"}, Line: 13}),
					declared(Package{Name: "requests", Line: 14}),
				},
				Includes: []Include{{Path: "base.txt", Line: 4}, {Path: "constraints.txt", Constraint: true, Line: 5}},
				Indexes:  []Index{{URL: "https://pypi.example.com/simple", Line: 2}, {URL: "http://h/simple", Extra: true, Line: 3}},
			}},
		{"pyproject of Poetry", "pyproject.toml", "[tool.poetry]\nname = \"app\"\n[tool.poetry.dependencies]\npython = \"^3.11\"\ndjango = \"4.2.1\"\ntorch = {version = \"^2\", extras = [\"cuda\"]}\n[tool.poetry.group.dev.dependencies]\nmodel = {git = \"https://github.com/a/m\", rev = \"" + commit + "\"}\n[[tool.poetry.source]]\nname = \"x\"\nurl = \"https://h/simple\"\npriority = \"supplemental\"\n",
			File{Self: "app", Packages: []Package{
				declared(Package{Name: "django", Version: "4.2.1", Line: 5}),
				declared(Package{Name: "torch", Constraint: "^2", Extras: []string{"cuda"}, Line: 6}),
				declared(Package{Name: "model", Group: "dev", Source: Source{Kind: Git, URL: "https://github.com/a/m", Commit: commit}, Line: 8}),
			}, Indexes: []Index{{URL: "https://h/simple", Extra: true, Line: 11}}}},
		{"poetry.lock", "poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1.0\"\ngroups = [\"dev\"]\nfiles = [{file = \"a.whl\", hash = \"sha256:aa\"}]\n[package.dependencies]\nb = \"*\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0\"\n[package.source]\ntype = \"git\"\nurl = \"https://h/b\"\nresolved_reference = \"" + commit + "\"\n[metadata.files]\nb = [{file = \"b\", hash = \"sha256:bb\"}]\n",
			File{Packages: []Package{
				{Ecosystem: "PyPI", Name: "a", Version: "1.0", Certainty: Locked, Group: "dev", Hashes: []string{"sha256:aa"}, Requires: []string{"b"}, Line: 1},
				{Ecosystem: "PyPI", Name: "b", Version: "2.0", Certainty: Locked, Hashes: []string{"sha256:bb"}, Source: Source{Kind: Git, URL: "https://h/b", Commit: commit}, Line: 9},
			}}},
		{"pdm.lock", "pdm.lock", "[[package]]\nname = \"a\"\nversion = \"1.0\"\ngroups = [\"default\"]\ndependencies = [\"b>=1; python_version > '3'\"]\n\n[[package]]\nname = \"a\"\nversion = \"1.0\"\nextras = [\"x\"]\n",
			File{Packages: []Package{{Ecosystem: "PyPI", Name: "a", Version: "1.0", Certainty: Locked, Requires: []string{"b"}, Line: 1}}}},
		{"setup.cfg", "setup.cfg", "[metadata]\nname = app\n[options]\ninstall_requires =\n    requests>=2 # why\n    flask==2.0.1\n[options.extras_require]\ntest = pytest\n[flake8]\nignore = E1\n",
			File{Self: "app", Packages: []Package{declared(Package{Name: "requests", Constraint: ">=2", Line: 5}), declared(Package{Name: "flask", Version: "2.0.1", Line: 6}), declared(Package{Name: "pytest", Group: "test", Line: 8})}}},
		{"conda", "environment.yml", "name: env\nchannels: [conda-forge, 'https://u:p@h/c']\ndependencies:\n  - python=3.11\n  - numpy=1.26.4=py311\n  - conda-forge::scipy==1.12.0\n  - pytorch>=2\n  - pip:\n    - mlflow==2.3.0\n",
			File{Self: "env", Indexes: []Index{{URL: "https://h/c", Line: 2}}, Packages: []Package{
				{Ecosystem: "conda", Name: "python", Constraint: "=3.11", Direct: true, Line: 4}, {Ecosystem: "conda", Name: "numpy", Version: "1.26.4", Direct: true, Line: 5},
				{Ecosystem: "conda", Name: "scipy", Version: "1.12.0", Direct: true, Line: 6}, {Ecosystem: "conda", Name: "pytorch", Constraint: ">=2", Direct: true, Line: 7},
				declared(Package{Name: "mlflow", Version: "2.3.0", Line: 9}),
			}}},
		{"core metadata", "x-1.0.dist-info/METADATA", "Metadata-Version: 2.4\nName: X_y\nVersion: 1.0\nLicense-Expression: MIT\nRequires-Dist: a>=1\nRequires-Dist: b; extra == 'z'\n\nName: not this\n",
			File{Packages: []Package{{Ecosystem: "PyPI", Name: "X_y", Version: "1.0", Certainty: Installed, Licence: "MIT", Requires: []string{"a"}}}}},
		{"package.json", "package.json", "{\n\"name\": \"web\",\n\"scripts\": {\"postinstall\": \"node x.js\", \"test\": \"t\"},\n\"dependencies\": {\"a\": \"1.2.3\", \"b\": \"^1\", \"c\": \"github:u/r\", \"d\": \"http://h/d.tgz\", \"e\": \"npm:real@2.0.0\", \"f\": \"workspace:*\"},\n\"devDependencies\": {\"g\": \"=1.0.0\"}}\n",
			File{Self: "web", Scripts: []Script{{Name: "postinstall", Command: "node x.js", Line: 3}}, Packages: []Package{
				{Ecosystem: "npm", Name: "a", Version: "1.2.3", Direct: true, Line: 4}, {Ecosystem: "npm", Name: "b", Constraint: "^1", Direct: true, Line: 4},
				{Ecosystem: "npm", Name: "c", Source: Source{Kind: Git, URL: "github:u/r"}, Direct: true, Line: 4}, {Ecosystem: "npm", Name: "d", Source: Source{Kind: Archive, URL: "http://h/d.tgz"}, Direct: true, Line: 4},
				{Ecosystem: "npm", Name: "real", Version: "2.0.0", Direct: true, Line: 4}, {Ecosystem: "npm", Name: "f", Source: Source{Kind: Path, URL: "*"}, Direct: true, Line: 4},
				{Ecosystem: "npm", Name: "g", Version: "1.0.0", Group: "dev", Direct: true, Line: 5},
			}}},
		{"go.mod", "go.mod", "module example.com/m\n\ngo 1.21\n\ntoolchain go1.21.3\n\nrequire (\n\ta.com/x v1.0.0\n\tb.com/y v1.2.3 // indirect\n\tc.com/z v0.1.0\n)\n\nreplace c.com/z => d.com/z v0.2.0\n",
			File{Self: "example.com/m", Packages: []Package{
				{Ecosystem: "Go", Name: "stdlib", Version: "1.21.3", Direct: true, Line: 5}, {Ecosystem: "Go", Name: "a.com/x", Version: "v1.0.0", Certainty: Locked, Direct: true, Line: 8},
				{Ecosystem: "Go", Name: "b.com/y", Version: "v1.2.3", Certainty: Locked, Line: 9}, {Ecosystem: "Go", Name: "d.com/z", Version: "v0.2.0", Certainty: Locked, Direct: true, Line: 10},
			}}},
		{"Cargo.lock", "Cargo.lock", "version = 3\n[[package]]\nname = \"me\"\nversion = \"0.1.0\"\ndependencies = [\"serde 1.0.1\"]\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"aa\"\n",
			File{Packages: []Package{{Ecosystem: "crates.io", Name: "me", Version: "0.1.0", Certainty: Locked, Source: Source{Kind: Path, URL: "."}, Requires: []string{"serde"}, Line: 2}, {Ecosystem: "crates.io", Name: "serde", Version: "1.0.1", Certainty: Locked, Hashes: []string{"sha256:aa"}, Line: 6}}}},
		{"pom.xml", "pom.xml", "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>\n<properties><v>2.14.1</v></properties>\n<dependencies>\n<dependency><groupId>org.x</groupId>\n<artifactId>log</artifactId><version>${v}</version></dependency>\n<dependency><groupId>${project.groupId}</groupId>\n<artifactId>t</artifactId><version>[1,2)</version><scope>test</scope></dependency></dependencies></project>",
			File{Self: "g:a", Packages: []Package{{Ecosystem: "Maven", Name: "org.x:log", Version: "2.14.1", Direct: true, Line: 5}, {Ecosystem: "Maven", Name: "g:t", Constraint: "[1,2)", Group: "test", Direct: true, Line: 7}}}},
		{"gradle.lockfile", "gradle.lockfile", "# gradle\norg.x:log:2.14.1=compile,runtime\nempty=test\n", File{Packages: []Package{{Ecosystem: "Maven", Name: "org.x:log", Version: "2.14.1", Certainty: Locked, Line: 2}}}},
		{"packages.lock.json", "packages.lock.json", "{\"version\":1,\n\"dependencies\":{\"net8.0\":{\n\"A.B\":{\"type\":\"Direct\",\"resolved\":\"1.0.0\",\"contentHash\":\"aa\",\"dependencies\":{\"C\":\"1.0\"}},\n\"P\":{\"type\":\"Project\"}}}}",
			File{Packages: []Package{{Ecosystem: "NuGet", Name: "A.B", Version: "1.0.0", Certainty: Locked, Direct: true, Hashes: []string{"sha512-aa"}, Requires: []string{"C"}, Line: 3}}}},
		{"Gemfile.lock", "Gemfile.lock", "GIT\n  remote: https://h/r.git\n  revision: " + commit + "\n  specs:\n    r (1.0)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    rails (5.2.0)\n      rack (~> 2.0)\n    rack (2.0.1)\n\nDEPENDENCIES\n  rails (= 5.2.0)\n  r!\n",
			File{Packages: []Package{{Ecosystem: "RubyGems", Name: "r", Version: "1.0", Certainty: Locked, Direct: true, Source: Source{Kind: Git, URL: "https://h/r.git", Commit: commit}, Line: 5}, {Ecosystem: "RubyGems", Name: "rails", Version: "5.2.0", Certainty: Locked, Direct: true, Requires: []string{"rack"}, Line: 10}, {Ecosystem: "RubyGems", Name: "rack", Version: "2.0.1", Certainty: Locked, Line: 12}}}},
		{"composer.lock", "composer.lock", "{\"packages\":[\n{\"name\": \"a/b\",\"version\":\"v1.2.0\",\"require\":{\"php\":\">=8\",\"c/d\":\"^1\"},\"license\":[\"MIT\"]}],\"packages-dev\":[\n{\"name\": \"e/f\",\"version\":\"2.0\",\"require\":[]}]}",
			File{Packages: []Package{{Ecosystem: "Packagist", Name: "a/b", Version: "1.2.0", Certainty: Locked, Licence: "MIT", Requires: []string{"c/d"}, Line: 2}, {Ecosystem: "Packagist", Name: "e/f", Version: "2.0", Certainty: Locked, Group: "dev", Line: 3}}}},
		{"dpkg", "var/lib/dpkg/status", "Package: libssl3\nStatus: install ok installed\nSource: openssl (3.0.1)\nVersion: 3.0.1-1\nDescription: x\n more: y\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
			File{Packages: []Package{{Ecosystem: "Debian", Name: "libssl3", Version: "3.0.1-1", Certainty: Installed, Origin: "openssl (3.0.1)", Line: 1}}}},
		{"apk", "lib/apk/db/installed", "C:Q1x=\nP:busybox\nV:1.36.1-r5\nL:GPL-2.0-only\no:busybox\nD:so:libc.musl musl>=1.2\nF:bin\n\nP:musl\nV:1.2.4-r2\n",
			File{Packages: []Package{{Ecosystem: "Alpine", Name: "busybox", Version: "1.36.1-r5", Certainty: Installed, Licence: "GPL-2.0-only", Origin: "busybox", Requires: []string{"so:libc.musl", "musl"}, Line: 1}, {Ecosystem: "Alpine", Name: "musl", Version: "1.2.4-r2", Certainty: Installed, Line: 9}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.file, []byte(tt.content))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Format = got.Format
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestBrokenFiles: what cannot be read is an error, and what came before it is kept.
func TestBrokenFiles(t *testing.T) {
	for file, content := range map[string]string{
		"pyproject.toml": "[project\n", "poetry.lock": "[[package]", "uv.lock": "x", "package.json": "[]", "package-lock.json": `{"packages":{"node_modules/a":3}}`,
		"yarn.lock": "not a lock\n", "pnpm-lock.yaml": "a: [", "bun.lock": "{", "go.mod": "modul x", "Cargo.lock": "[", "pom.xml": "<project>", "gradle.lockfile": "a:b\n",
		"packages.lock.json": "1", "Gemfile.lock": "GEM\n  specs:\n    rails\n", "composer.lock": "{}", "var/lib/dpkg/status": "no field\n", "lib/apk/db/installed": "x\n",
		"Pipfile": "[", "Pipfile.lock": "", "pylock.toml": "[[", "environment.yml": "a: [", "x.dist-info/METADATA": "Version: 1\n", "setup.cfg": "[options]\ninstall_requires = >=1\n",
	} {
		if f, err := Parse(file, []byte(content)); !errors.Is(err, ErrFormat) || f == nil {
			t.Errorf("%s: %+v, %v", file, f, err)
		}
	}
	f, err := Parse("requirements.txt", []byte("flask==1.0\n%%%\nrequests==2.0\n"))
	if !errors.Is(err, ErrFormat) || len(f.Packages) != 2 || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("requirements with a broken line: %+v, %v", f, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"requirements.txt", "pyproject.toml", "setup.cfg", "package.json", "package-lock.json", "yarn.lock", "bun.lock", "go.mod", "pom.xml", "Gemfile.lock", "composer.lock", "var/lib/dpkg/status", "lib/apk/db/installed", "environment.yml", "pnpm-lock.yaml", "uv.lock"} {
		f.Add(name, []byte("a==1\n[x]\n{\"packages\":{\"node_modules/a\":{}}}\n"))
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if Recognise(name) == "" {
			return
		}
		file, err := Parse(name, content)
		if file == nil || err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("%v, %v", file, err)
		}
	})
}

// TestDeepFiles: nesting that no tool writes is an error, at once, whatever the format.
func TestDeepFiles(t *testing.T) {
	deep := func(open string, n int) string { return strings.Repeat(open, n) }
	for file, content := range map[string]string{
		"pyproject.toml": "a = " + deep("[", 100000), "uv.lock": "a = " + deep("{b = ", 100000), "poetry.lock": deep("a.", 100000) + "b = 1\n",
		"pdm.lock": "[" + deep("a.", 100000) + "b]\n", "Cargo.lock": "x = \"\"\"\n\"\"\"\n" + "a = " + deep("[", 100000),
		"package.json": deep(`{"dependencies":`, 20000), "package-lock.json": deep(`{"dependencies":{"a":`, 20000), "pnpm-lock.yaml": "packages: " + deep("[", 100000), "environment.yml": "dependencies: " + deep("{a: ", 100000),
		"pom.xml": deep("<dependencies>", 20000),
	} {
		if _, err := Parse(file, []byte(content)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestTextOfRequirements: pip reads UTF-16 with a mark, and any end of lines.
func TestTextOfRequirements(t *testing.T) {
	for name, content := range map[string]string{
		"little endian": "\xff\xfea\x00=\x00=\x001\x00\n\x00b\x00=\x00=\x002\x00", "big endian": "\xfe\xff\x00a\x00=\x00=\x001\x00\n\x00b\x00=\x00=\x002",
		"carriage returns": "a==1\rb==2\r", "both": "a==1\r\nb==2\r\n", "a mark": "\xef\xbb\xbfa==1\nb==2",
	} {
		f, err := Parse("requirements.txt", []byte(content))
		if err != nil || len(f.Packages) != 2 || f.Packages[0].Version != "1" || f.Packages[1].Name != "b" || f.Packages[1].Line != 2 {
			t.Errorf("%s: %+v, %v", name, f.Packages, err)
		}
	}
}
