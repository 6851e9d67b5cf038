package secret

import (
	"bytes"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// maxCommand is how much of a command line is read, in bytes.
const maxCommand = 400

// curl judges user and password behind -u or --user (curl(1)).
func (s *scanState) curl(i int) {
	line := s.text[i:min(len(s.text), i+maxCommand)]
	for from := 0; from < len(line); {
		n := bytes.IndexByte(line[from:], '\n')
		if n < 0 {
			break
		}
		from += n + 1
		if before := bytes.TrimRight(line[:from-1], " \r"); !bytes.HasSuffix(before, []byte("\\")) {
			line = line[:from-1] // no continuation
			break
		}
	}
	for _, flag := range []string{" -u ", " --user ", " -u'", " -u\"", " --user="} {
		at := bytes.Index(line, []byte(flag))
		if at < 0 {
			if !bytes.HasPrefix(line, []byte(flag[1:])) {
				continue // the literal ends with the space before the first flag
			}
			at = -1
		}
		v := at + len(flag)
		v += len(quoteAt(line, v))
		end := v
		for end < len(line) && !bareEnd(line[end]) {
			end++
		}
		colon := bytes.IndexByte(line[v:end], ':')
		if colon < 0 {
			continue
		}
		start := v + colon + 1
		pass := string(line[start:end])
		if kind := token.Classify(pass); len(pass) < 8 || kind != token.Random && kind != token.Mixed && kind != token.Hash && kind != token.UUID || s.prefixed(pass) {
			continue
		}
		conf, sev := finding.Likely, finding.Severity(0)
		if token.Classify(pass) == token.Mixed {
			conf, sev = finding.Unsure, medium
		}
		s.put("basic-auth", i+start, i+end, string(line[v:v+colon]), rankURL, sev, conf)
	}
}
