package secret

import (
	"bytes"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// commands are programs that take a password in their arguments, and the flags before
// it (mysql(1), sshpass(1), docker-login(1)). A flag of two characters is followed by the
// value at once, or by a space.
var commands = []struct {
	literal string
	flags   []string
}{
	{"sshpass ", []string{"-p "}},
	{"docker login", []string{"-p ", "--password ", "--password="}},
	{"podman login", []string{"-p ", "--password ", "--password="}},
	{"helm registry login", []string{"-p ", "--password ", "--password="}},
	{"mysql -", []string{" -p"}},
	{"mysqldump -", []string{" -p"}},
	{".login(", nil}, // server.login("user", "password")
}

// command judges the password in the arguments of the i-th command; its literal ends at
// end.
func (s *scanState) command(i, end int) {
	line := s.text[end:min(len(s.text), end+maxCommand)]
	if n := bytes.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	}
	at := -1
	if commands[i].flags == nil {
		// Two strings: the second one is the password.
		if quoteAt(line, 0) == "" {
			return
		}
		comma := bytes.IndexByte(line, ',')
		if comma < 0 {
			return
		}
		if at = spaces(line, comma+1); quoteAt(line, at) == "" {
			return
		}
	}
	for _, f := range commands[i].flags {
		if n := bytes.Index(line, []byte(f)); n >= 0 {
			at = n + len(f)
			break
		}
	}
	if at < 0 {
		return
	}
	q := quoteAt(line, at)
	at += len(q)
	stop := at
	for stop < len(line) && (q != "" && line[stop] != q[len(q)-1] || q == "" && !bareEnd(line[stop])) {
		stop++
	}
	pass := string(line[at:stop])
	kind := token.Classify(pass)
	if len(pass) < 8 || kind != token.Random && kind != token.Mixed || s.prefixed(pass) {
		return
	}
	conf, sev := finding.Likely, finding.Severity(0)
	if kind == token.Mixed {
		conf, sev = finding.Unsure, medium
	}
	s.put("generic-password", end+at, end+stop, "", rankURL, sev, conf)
}
