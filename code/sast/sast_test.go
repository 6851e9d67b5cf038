package sast

import "testing"

func TestEmbeddedKnowledgeLoads(t *testing.T) {
	k, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(k.rules.all) == 0 || len(k.spec.Calls) == 0 {
		t.Error("nothing was loaded")
	}
}
