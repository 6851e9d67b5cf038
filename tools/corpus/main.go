// Command corpus writes merlon's own corpora of models to a folder, so that other
// scanners can be asked about the same files.
//
//	go run ./tools/corpus -dir .cache/artifacts/corpus
//
// Every case gets a folder of its own; labels.json says what each of them is. The
// payloads are inert, and nothing here loads a file.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/merlon-security/merlon/internal/evasion"
	"github.com/merlon-security/merlon/model/artifact/matrix"
)

// label is what is known about a case.
type label struct {
	Corpus  string `json:"corpus"`
	Group   string `json:"group"`
	Class   string `json:"class"`
	Name    string `json:"name"`
	Path    string `json:"path"` // file or folder, relative to labels.json
	Harmful bool   `json:"harmful"`
	Deep    bool   `json:"deep,omitempty"` // found only where every weight is read
}

func main() {
	dir := flag.String("dir", "", "where to write; has to be empty or absent")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if list, err := os.ReadDir(dir); dir == "" || err == nil && len(list) > 0 {
		return fmt.Errorf("%q is not an empty folder", dir)
	}
	var labels []label
	for _, take := range []func(string) ([]label, error){evasions, threats} {
		more, err := take(dir)
		if err != nil {
			return err
		}
		labels = append(labels, more...)
	}
	b, err := json.MarshalIndent(labels, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "labels.json"), append(b, '\n'), 0o644)
}

// evasions are the files that try to get past a scanner, and their harmless twins.
func evasions(dir string) ([]label, error) {
	var labels []label
	for i, c := range evasion.Cases() {
		l := label{
			Corpus: "evasion", Group: c.Group, Class: c.Class, Name: c.Name, Harmful: c.Evil,
			Path: filepath.ToSlash(filepath.Join("evasion", fmt.Sprintf("%04d", i), c.File)),
		}
		path := filepath.Join(dir, filepath.FromSlash(l.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, c.Data, 0o644); err != nil {
			return nil, err
		}
		labels = append(labels, l)
	}
	return labels, nil
}

// threats are a harmful file and a harmless one for each threat to each format. A
// model of several files is a folder.
func threats(dir string) ([]label, error) {
	rows, err := matrix.Rows(".")
	if err != nil {
		return nil, err
	}
	var labels []label
	for i, r := range rows {
		for _, m := range []struct {
			files   matrix.Files
			kind    string
			harmful bool
		}{{r.Bad, "bad", true}, {r.Twin, "twin", false}} {
			l := label{
				Corpus: "formats", Group: r.Family, Class: r.Format, Name: r.Threat, Harmful: m.harmful, Deep: r.Deep,
				Path: filepath.ToSlash(filepath.Join("formats", fmt.Sprintf("%04d", i), m.kind)),
			}
			folder := filepath.Join(dir, filepath.FromSlash(l.Path))
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return nil, err
			}
			if err := m.files.Write(folder); err != nil {
				return nil, err
			}
			if len(m.files) == 1 {
				for name := range m.files {
					l.Path += "/" + name
				}
			}
			if len(m.files) > 0 {
				labels = append(labels, l)
			}
		}
	}
	return labels, nil
}
