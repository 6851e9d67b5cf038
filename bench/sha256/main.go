// Command sha256 is the yardstick for merlon's hashing: it reads a file from start to
// end, 1 MiB at a time, through crypto/sha256, and prints the digest.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

func main() {
	sum, err := digest(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "sha256:", err)
		os.Exit(1)
	}
	fmt.Printf("%x\n", sum)
}

func digest(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	// The struct hides WriteTo of the file, which would choose another buffer.
	_, err = io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 1<<20))
	return h.Sum(nil), err
}
