package notebook

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// command is a line, or a cell, that is not Python: a shell escape or a magic.
type command struct {
	line  int    // in the cell, from 1
	col   int    // of its first character, from 1
	magic string // "!" for a shell escape, else the name without percent signs: "pip", "run", "bash"
	text  string // what follows; of a cell magic also the rest of the cell
	cell  bool   // a cell magic
}

// pythonMagics run the Python that follows them.
var pythonMagics = []string{"time", "timeit", "prun", "memit", "mprun", "lprun", "snakeviz", "capture", "debug", "heat", "scalene", "python", "python3", "pypy", "ipytest", "px", "local", "spark"}

// shellMagics run the cell in a shell.
var shellMagics = []string{"bash", "sh", "script", "system", "sx", "cmd", "powershell", "shell", "zsh", "fish", "!"}

// toPython replaces what IPython adds to Python so that the lines stay where they are
// and, as far as they are Python, the columns too. databricks: a single percent sign
// at the start of a cell changes its language.
//
// The rules are those of IPython's input transformer: cell magics stand in the first
// line that is not empty; other escapes begin a line that continues nothing. The
// lines of a string in triple quotes, or between brackets, are Python whatever they
// look like.
func toPython(source string, databricks bool) (code string, commands []command) {
	lines := strings.Split(source, "\n")
	first := 0
	for first < len(lines)-1 && strings.TrimSpace(lines[first]) == "" {
		first++
	}
	if m := cellMagic().FindStringSubmatch(lines[first]); m != nil && (m[1] == "%%" || databricks && slices.Contains(databricksLanguages, m[2])) {
		rest := strings.Join(lines[first+1:], "\n")
		c := command{line: first + 1, col: 1, magic: m[2], text: strings.TrimSpace(m[3]) + "\n" + rest, cell: true}
		if !slices.Contains(pythonMagics, m[2]) {
			return strings.Repeat("\n", len(lines)-1), []command{c}
		}
		commands = append(commands, c)
		lines[first] = "pass"
	}
	var st state
	for i := first; i < len(lines); i++ {
		line := lines[i]
		if !st.open() {
			if repl, c, ok := escape(line); ok {
				c.line = i + 1
				// A command goes on where a shell's would.
				for strings.HasSuffix(strings.TrimRight(lines[i], " \t"), `\`) && i+1 < len(lines) {
					lines[i] = ""
					i++
					c.text = strings.TrimRight(c.text, " \t") + "\n" + lines[i]
				}
				if i+1 != c.line {
					lines[i] = ""
				}
				lines[c.line-1] = repl
				commands = append(commands, c)
				continue
			}
		}
		st.line(line)
	}
	return strings.Join(lines, "\n"), commands
}

var databricksLanguages = []string{"md", "sql", "scala", "r", "sh", "fs", "html", "md-sandbox"}

var (
	cellMagic = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(%%?)([A-Za-z!][\w.-]*|!)(.*)$`) })
	lineMagic = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\s*)%%?([A-Za-z_][\w.]*)(.*)$`) })
	helpLine  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\s*(?:\?{1,2}\s*[\w.*%]+\s*;?|%{0,2}[A-Za-z_*][\w.*\[\]'"]*\s*\?{1,2}\s*;?)\s*(?:#.*)?$`)
	})
	assigned = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\s*[A-Za-z_][\w.,\s\[\]'"*]*=\s*)(!|%)([^=\s].*)$`)
	})
	autocall = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*[,;/][A-Za-z_][\w.]*(?:\s.*)?$`) })
)

// escape replaces a line that is not Python.
func escape(line string) (string, command, bool) {
	body := strings.TrimLeft(line, " \t\f")
	if body == "" {
		return "", command{}, false
	}
	indent := line[:len(line)-len(body)]
	col := len(indent) + 1
	switch {
	case helpLine().MatchString(line):
		return indent + "pass", command{col: col, magic: "help", text: body}, true
	case body[0] == '!':
		return indent + "pass", command{col: col, magic: "!", text: strings.TrimLeft(body, "!")}, true
	case body[0] == '%':
		m := lineMagic().FindStringSubmatch(line)
		if m == nil {
			return "", command{}, false
		}
		c := command{col: col, magic: m[2], text: strings.TrimSpace(m[3])}
		if slices.Contains(pythonMagics[:7], m[2]) {
			if code := afterOptions(m[3]); code != "" {
				// "%time x = f()": the code stays in its column.
				return indent + "pass;" + strings.Repeat(" ", max(len(body)-len(code)-5, 0)) + code, c, true
			}
		}
		return indent + "pass", c, true
	case autocall().MatchString(line):
		return indent + "pass", command{col: col, magic: "call", text: body}, true
	}
	if m := assigned().FindStringSubmatch(line); m != nil {
		c := command{col: len(m[1]) + 1, magic: "!", text: m[3]}
		if m[2] == "%" {
			c.magic, c.text, _ = strings.Cut(m[3], " ")
		}
		return m[1] + "None", c, true
	}
	return "", command{}, false
}

// afterOptions is the code behind the options of a magic: "-n 10 f()".
func afterOptions(rest string) string {
	rest = strings.TrimLeft(rest, " \t")
	for strings.HasPrefix(rest, "-") {
		opt, after, _ := strings.Cut(rest, " ")
		rest = strings.TrimLeft(after, " \t")
		if len(opt) == 2 && strings.Contains("nrptsTDlf", opt[1:]) {
			_, rest, _ = strings.Cut(rest, " ")
			rest = strings.TrimLeft(rest, " \t")
		}
	}
	return rest
}

// state follows Python across lines: whether the next one begins a statement.
type state struct {
	depth  int    // brackets open
	quote  string // of the string that goes on; empty for none
	joined bool   // the last line ended with a backslash
}

func (s *state) open() bool { return s.depth > 0 || s.quote != "" || s.joined }

func (s *state) line(l string) {
	s.joined = false
	for i := 0; i < len(l); i++ {
		if s.quote != "" {
			switch {
			case l[i] == '\\':
				i++
			case strings.HasPrefix(l[i:], s.quote):
				i += len(s.quote) - 1
				s.quote = ""
			}
			continue
		}
		switch l[i] {
		case '#':
			return
		case '(', '[', '{':
			s.depth++
		case ')', ']', '}':
			s.depth = max(s.depth-1, 0)
		case '"', '\'':
			s.quote = l[i : i+1]
			if triple := strings.Repeat(s.quote, 3); strings.HasPrefix(l[i:], triple) {
				s.quote = triple
				i += 2
			}
		case '\\':
			s.joined = strings.TrimSpace(l[i+1:]) == ""
		}
	}
	if len(s.quote) == 1 && !strings.HasSuffix(l, `\`) {
		s.quote = "" // a mistake: strings of one quote end with their line
	}
}
