// Command merlon secures the life of an AI system. See merlon --help.
package main

import (
	"os"

	"github.com/merlon-security/merlon/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
