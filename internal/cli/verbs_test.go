package cli

import (
	"strings"
	"testing"
)

// TestVerbs: each verb is found by its name, alone and among all of them.
func TestVerbs(t *testing.T) {
	all := newRoot(streams{}, nil)
	for _, v := range verbs() {
		if got := v.make(streams{}).Name(); got != v.name {
			t.Errorf("%s is called %s", got, v.name)
		}
		for _, args := range [][]string{{v.name}, {v.name, "--help"}} {
			found, _, err := newRoot(streams{}, args).Find(args)
			if err != nil || found.Name() != v.name {
				t.Errorf("%s: %v, %v", strings.Join(args, " "), found, err)
			}
		}
		if found, _, err := all.Find([]string{v.name}); err != nil || found.Name() != v.name {
			t.Errorf("among all: %s: %v", v.name, err)
		}
	}
}
