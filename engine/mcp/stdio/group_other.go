//go:build !unix

package stdio

import "os/exec"

// BUG: on Windows only the program itself is ended, not what it has started.

func group(*exec.Cmd) {}

func terminate(c *exec.Cmd) { _ = c.Process.Kill() }

func kill(c *exec.Cmd) { _ = c.Process.Kill() }
