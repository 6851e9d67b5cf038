// Package shellcmd takes shell commands apart as far as a reader of configuration
// needs: words, pipelines that run what they fetch, and what a package manager is
// asked to install. Nothing is executed or expanded.
//
// Words are split after the POSIX shell (XCU 2.2, quoting): variables and
// substitutions stay as they are written.
package shellcmd

import (
	"regexp"
	"strings"
	"sync"
)

// MaxText is how many bytes of a command are looked at.
const MaxText = 64 << 10

// Split cuts a script into simple commands, at ; & | and line ends outside quotes,
// and each of them into words.
func Split(script string) [][]string {
	script = script[:min(len(script), MaxText)]
	script = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(script)
	var commands [][]string
	var words []string
	var word strings.Builder
	open := false // a word has begun, be it empty
	end := func() {
		if open {
			words = append(words, word.String())
			word.Reset()
			open = false
		}
	}
	for i := 0; i < len(script); i++ {
		switch c := script[i]; c {
		case '\'', '"':
			open = true
			for i++; i < len(script) && script[i] != c; i++ {
				if c == '"' && script[i] == '\\' && i+1 < len(script) {
					i++
				}
				word.WriteByte(script[i])
			}
		case '\\':
			open = true
			if i++; i < len(script) {
				word.WriteByte(script[i])
			}
		case ' ', '\t', '\r':
			end()
		case '#':
			if open {
				word.WriteByte(c)
				continue
			}
			for i+1 < len(script) && script[i+1] != '\n' {
				i++
			}
		case ';', '|', '&', '\n':
			end()
			if len(words) > 0 {
				commands = append(commands, words)
				words = nil
			}
		default:
			open = true
			word.WriteByte(c)
		}
	}
	end()
	if len(words) > 0 {
		commands = append(commands, words)
	}
	return commands
}

// A download that goes into an interpreter: as a pipe, as a substitution, or into a
// file that the next command runs.
var fetched = sync.OnceValue(func() []*regexp.Regexp {
	const (
		get   = `\b(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod)(?:\.exe)?\b`
		shell = `(?:/(?:usr/)?(?:local/)?bin/)?(?:(?:ba|z|da|k|fi)?sh|python[0-9.]*|perl|ruby|node|php|iex|invoke-expression)\b`
		sudo  = `(?:(?:sudo|doas)(?:\s+-\S+)*\s+|(?:/usr/bin/)?env\s+(?:\S+=\S*\s+)*)*`
	)
	return []*regexp.Regexp{
		regexp.MustCompile(`(?i)` + get + `[^|;\n]*\|(?:[^|;\n]*\|)?\s*` + sudo + shell),
		regexp.MustCompile(`(?i)(?:` + shell + `|\bsource|\beval|(?:^|\s)\.)\s+(?:-\S+\s+)*["']?(?:\$\(|<\(|` + "`" + `)\s*` + get + `[^)\n]*`),
		regexp.MustCompile(`(?i)\b(?:iex|invoke-expression)\b[\s(]*` + get + `[^)\n]*`),
		regexp.MustCompile(`(?i)\bDownloadString\([^)\n]*\)\s*\|\s*(?:iex|invoke-expression)\b`),
	}
})

// Fetch is a command that runs what it downloads.
type Fetch struct {
	Text  string // the part of the script
	URL   string // empty if it is not written out
	Start int    // offset into the script
}

// FetchAndRun finds commands that run what they download, in order.
func FetchAndRun(script string) []Fetch {
	script = script[:min(len(script), MaxText)]
	var all []Fetch
	// A line that goes on is one command; lengths stay, so offsets do.
	flat := strings.NewReplacer("\\\r\n", "   ", "\\\n", "  ").Replace(script)
	for _, re := range fetched() {
		for _, at := range re.FindAllStringIndex(flat, 20) {
			text := script[at[0]:at[1]]
			all = append(all, Fetch{Text: text, URL: address().FindString(text), Start: at[0]})
		}
	}
	return all
}

var address = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:https?|ftp)://[^\s"'` + "`" + `)|;<>]+`)
})

// Address returns the first address of http, https or ftp in a text.
func Address(text string) string { return address().FindString(text) }

// Plain reports whether an address is read without encryption over a network: http
// or ftp, of another machine.
func Plain(url string) bool {
	l := strings.ToLower(url)
	rest, ok := strings.CutPrefix(l, "http://")
	if !ok {
		rest, ok = strings.CutPrefix(l, "ftp://")
	}
	return ok && !Local(rest)
}

// Local reports whether a host, with or without a port and a path, is this machine.
func Local(host string) bool {
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(strings.SplitN(host, "/", 2)[0], '@'); i >= 0 {
		host = host[i+1:]
	}
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	if strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host[1:], "]")
	} else {
		host, _, _ = strings.Cut(host, ":")
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || dotted(host) || host == "::1" || host == "0.0.0.0" || host == "host.docker.internal"
}

// dotted reports whether host is an address of 127.0.0.0/8.
func dotted(host string) bool {
	return strings.HasPrefix(host, "127.") && strings.Trim(host, "0123456789.") == ""
}
