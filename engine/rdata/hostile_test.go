package rdata

import (
	"bytes"
	"os"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

// samples are files that R wrote, for the scanner of the format.
const samples = "../../model/artifact/rdata/testdata/"

func parse(b []byte) error {
	_, err := Walk(bytes.NewReader(b), int64(len(b)))
	return err
}

func TestHostile(t *testing.T) {
	for _, name := range []string{"data.rds", "data_ascii.rds", "data_native.rds", "bytecode.rds", "promise.RData"} {
		content, err := os.ReadFile(samples + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := Detect(content); !ok {
			continue // compressed: the scanner unpacks it
		}
		if len(content) < 4096 {
			hostiletest.Truncate(t, content, func(n int) bool { return name == "data_ascii.rds" && n == len(content)-1 }, parse)
		}
		hostiletest.Mutate(t, content, 1000, parse)
	}
}

func FuzzWalk(f *testing.F) {
	for _, name := range []string{"data.rds", "data_ascii.rds", "bytecode.rds"} {
		content, err := os.ReadFile(samples + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(_ *testing.T, b []byte) { _ = parse(b) })
}
