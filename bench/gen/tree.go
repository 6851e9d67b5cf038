package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const (
	folders   = 500
	perFolder = 200
)

// makeTree writes 100,000 small text files with names and contents that no
// scanner has a use for.
func makeTree(root string) error {
	rng := rand.New(rand.NewPCG(1, 2))
	line := []byte("the quick brown fox jumps over the lazy dog, as it did on the day before\n")
	for i := range folders {
		dir := filepath.Join(root, fmt.Sprintf("%02d", i/25), fmt.Sprintf("part-%03d", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for j := range perFolder {
			body := bytes.Repeat(line, 1+rng.IntN(30))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("note-%03d.log", j)), body, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
