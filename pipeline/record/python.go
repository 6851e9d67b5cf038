package record

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// maxPackages bounds a list of packages.
const maxPackages = 10_000

// packages reads from *.dist-info which Python packages lie in some folders, without
// starting Python.
func packages(sites []string) []evidence.Package {
	out := []evidence.Package{}
	for _, site := range sites {
		entries, err := os.ReadDir(site)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if len(out) == maxPackages {
				break
			}
			var p evidence.Package
			switch {
			case strings.HasSuffix(e.Name(), ".dist-info"):
				p = metadata(filepath.Join(site, e.Name(), "METADATA"))
			case strings.HasSuffix(e.Name(), ".egg-info"):
				p = metadata(filepath.Join(site, e.Name(), "PKG-INFO"))
			}
			if p.Name != "" {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b evidence.Package) int {
		return strings.Compare(a.Name+"\x00"+a.Version, b.Name+"\x00"+b.Version)
	})
	return slices.Compact(out)
}

// metadata reads name and version from the head of core metadata (PEP 566).
func metadata(file string) evidence.Package {
	var p evidence.Package
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return p
	}
	f, err := os.Open(file)
	if err != nil {
		return p
	}
	defer f.Close()
	s := bufio.NewScanner(io.LimitReader(f, 64<<10))
	for s.Scan() && s.Text() != "" {
		key, value, _ := strings.Cut(s.Text(), ":")
		switch strings.ToLower(key) {
		case "name":
			p.Name = strings.TrimSpace(value)
		case "version":
			p.Version = strings.TrimSpace(value)
		}
	}
	return p
}

// python finds the folders with the packages of the Python that a command starts, as
// Python itself looks for them (PEP 405), and its version; nothing for other commands.
func python(command []string, lookup func(string) string) (sites []string, version string) {
	exe, err := exec.LookPath(command[0])
	if err != nil {
		return nil, ""
	}
	if !strings.HasPrefix(filepath.Base(exe), "python") {
		if exe = shebang(exe); exe == "" {
			return nil, ""
		}
	}
	exe, _ = filepath.Abs(exe)
	prefix := filepath.Dir(filepath.Dir(exe))
	cfg := config(filepath.Join(prefix, "pyvenv.cfg"))
	if cfg == nil {
		if v := lookup("VIRTUAL_ENV"); v != "" && lookup("PYTHONHOME") == "" && below(exe, v) {
			prefix = v
		} else if real, err := filepath.EvalSymlinks(exe); err == nil {
			prefix = filepath.Dir(filepath.Dir(real))
		}
	}
	for _, pattern := range []string{"lib/python3*/site-packages", "lib/python3/dist-packages", "local/lib/python3*/dist-packages", "Lib/site-packages"} {
		found, _ := filepath.Glob(filepath.Join(prefix, pattern))
		sites = append(sites, found...)
	}
	if version = cfg["version"]; version == "" {
		version = cfg["version_info"]
	}
	if version != "" {
		version = "CPython " + version
	}
	return sites, version
}

// shebang returns the Python that a script names in its first line.
func shebang(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := io.ReadFull(f, head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	line, ok := strings.CutPrefix(line, "#!")
	fields := strings.Fields(line)
	if !ok || len(fields) == 0 {
		return ""
	}
	exe := fields[0]
	if filepath.Base(exe) == "env" && len(fields) > 1 {
		exe, _ = exec.LookPath(fields[1])
	}
	if !strings.HasPrefix(filepath.Base(exe), "python") {
		return ""
	}
	return exe
}

// config reads pyvenv.cfg, nil when it is not there.
func config(file string) map[string]string {
	info, err := os.Stat(file)
	if err != nil || info.Size() > 64<<10 || info.Mode()&fs.ModeType != 0 {
		return nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			out[strings.TrimSpace(strings.ToLower(key))] = strings.TrimSpace(value)
		}
	}
	return out
}
