//go:build !unix

// Command against measures merlon beside Bandit and ruff; only Unix tells what a process
// took.
package main

import "fmt"

func main() { fmt.Println("not measured on this system") }
