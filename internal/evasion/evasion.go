// Package evasion generates models that try to get past a scanner: the corpus behind
// the promise that none of them is found ok.
//
// Each class is one idea of an attacker, with several cases, and a benign twin that
// is built in the same way around a harmless object and must be found ok. All
// payloads are inert (`echo merlon-test`), nothing here or in the tests loads a case,
// and the bytes are the same on every run. Other scanners' test suites were not used.
package evasion

import "fmt"

// Case is one file of the corpus.
type Case struct {
	Group string // of classes: what kind of file it is
	Class string
	Name  string // of the case within its class
	File  string // name of the file on disk; its extension may be a lie
	Data  []byte
	Evil  bool
}

// class is an idea, with a builder for each case.
type class struct {
	name  string
	cases func(add func(name, file string, data []byte))
	twin  func() (file string, data []byte)
}

// Cases generates the whole corpus, in a fixed order.
func Cases() []Case {
	var out []Case
	for _, group := range []struct {
		name    string
		classes []class
	}{
		{"pickle", pickles()},
		{"zip and PyTorch archive", zips()},
		{"compressed stream, tar, 7z", streams()},
		{"NumPy, joblib, old PyTorch", models()},
	} {
		for _, c := range group.classes {
			n := 0
			c.cases(func(name, file string, data []byte) {
				n++
				if file == "" {
					file = "model.pkl"
				}
				out = append(out, Case{Group: group.name, Class: c.name, Name: fmt.Sprintf("%02d %s", n, name), File: file, Data: data, Evil: true})
			})
			file, data := c.twin()
			out = append(out, Case{Group: group.name, Class: c.name, Name: "twin", File: file, Data: data})
		}
	}
	return out
}
