package parity

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

var (
	subprocesses = []string{"subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.run"}
	shells       = []string{"os.system", "os.popen", "os.popen2", "os.popen3", "os.popen4", "popen2.popen2", "popen2.popen3", "popen2.popen4", "popen2.Popen3", "popen2.Popen4",
		"commands.getoutput", "commands.getstatusoutput", "subprocess.getoutput", "subprocess.getstatusoutput"}
	processes = []string{"os.execl", "os.execle", "os.execlp", "os.execlpe", "os.execv", "os.execve", "os.execvp", "os.execvpe",
		"os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnlpe", "os.spawnv", "os.spawnve", "os.spawnvp", "os.spawnvpe", "os.startfile"}
)

// shell reports whether a call has a keyword shell that may be true.
func (s *site) shell() bool {
	n := s.keyword("shell")
	t := s.t
	switch t.Kind(n) {
	case python.KindNone:
		return false
	case python.KindList:
		return len(t.List(n)) > 0
	case python.KindDict:
		return len(t.Dict(n).Keys) > 0
	case python.KindConstant:
		switch t.Const(n) {
		case python.ConstFalse, python.ConstNone:
			return false
		case python.ConstStr, python.ConstBytes:
			text, _ := t.String(n)
			return text != ""
		case python.ConstInt:
			i, ok := t.Int(n)
			return !ok || i != 0
		}
	}
	return true
}

func partialPath(s *site) python.Node {
	if len(s.args) == 0 || !slices.Contains(subprocesses, s.name) && !slices.Contains(shells, s.name) && !slices.Contains(processes, s.name) {
		return 0
	}
	program := s.args[0]
	if s.t.Kind(program) == python.KindList && len(s.t.List(program)) > 0 {
		program = s.t.List(program)[0]
	}
	text, ok := s.str(program)
	return s.when(ok && !wholePath(text))
}

// wholePath reports whether a program is not looked for on the path.
func wholePath(p string) bool {
	if p == "" {
		return false
	}
	letter := p[0]|0x20 >= 'a' && p[0]|0x20 <= 'z'
	return strings.ContainsRune(`\/.`, rune(p[0])) || letter && strings.HasPrefix(p[1:], ":")
}

func wildcard(s *site) python.Node {
	if len(s.args) == 0 || !slices.Contains(shells, s.name) && !(slices.Contains(subprocesses, s.name) && s.is("shell", "True")) {
		return 0
	}
	v := s.at(0)
	command := v.s
	for _, n := range v.list {
		command += " " + s.value(n).s
	}
	risky := slices.ContainsFunc([]string{"chown", "chmod", "tar", "rsync"}, func(c string) bool { return strings.Contains(command, c) })
	return s.whenIn("shell", risky && strings.Contains(command, "*"))
}
