package notebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/shellcmd"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
)

func isPythonMagic(name string) bool { return slices.Contains(pythonMagics, name) }

// command judges a shell escape or a magic.
func (r *report) command(ref asset.Ref, c command) {
	script := c.text
	switch {
	case c.magic == "!" || slices.Contains(shellMagics, c.magic):
	case c.magic == "pip" || c.magic == "conda" || c.magic == "mamba" || c.magic == "uv" || c.magic == "micromamba":
		script = c.magic + " " + c.text
	case (c.magic == "run" || c.magic == "load" || c.magic == "loadpy") && shellcmd.Address(c.text) != "":
		url := shellcmd.Address(c.text)
		r.add(ref, c, 0, finding.Finding{Rule: ruleRemote, Message: fmt.Sprintf("%%%s of %s", c.magic, text.Visible(text.CutMiddle(url, 100))), Key: c.magic + " " + url})
		return
	default:
		return
	}
	r.script(ref, c, script)
}

// script judges commands of a shell.
func (r *report) script(ref asset.Ref, c command, script string) {
	for _, f := range shellcmd.FetchAndRun(script) {
		what := f.URL
		if what == "" {
			what = f.Text
		}
		r.add(ref, c, strings.Count(script[:f.Start], "\n"), finding.Finding{Rule: ruleFetch,
			Message: "runs what it downloads: " + text.Visible(text.CutMiddle(what, 100)), Key: what})
	}
	line := 0
	for _, part := range strings.SplitAfter(joinLines(script), "\n") {
		for _, in := range shellcmd.Installs(shellcmd.Split(part)) {
			r.install(ref, c, line, in)
		}
		line++
	}
}

// joinLines makes one line of each command, keeping the number of lines: what is
// joined is followed by as many empty ones.
func joinLines(script string) string {
	var out strings.Builder
	pending := 0
	for line := range strings.Lines(script) {
		body := strings.TrimRight(line, " \t\n")
		if strings.HasSuffix(body, `\`) {
			out.WriteString(body[:len(body)-1] + " ")
			pending++
			continue
		}
		out.WriteString(line)
		out.WriteString(strings.Repeat("\n", pending))
		pending = 0
	}
	return out.String()
}

// install judges what a package manager is asked for.
func (r *report) install(ref asset.Ref, c command, line int, in shellcmd.Install) {
	var open, mutable, plain []string
	for _, p := range in.Packages {
		switch {
		case shellcmd.Plain(strings.TrimPrefix(p.Text[strings.LastIndexByte(p.Text, '+')+1:], "+")) && p.Remote:
			plain = append(plain, p.Text)
		case p.Remote && !p.Pinned:
			mutable = append(mutable, p.Text)
		case p.Name != "" && !p.Pinned:
			open = append(open, p.Text)
		}
	}
	for _, url := range in.Indexes {
		if shellcmd.Plain(url) {
			plain = append(plain, url)
		}
	}
	for _, host := range in.Trusted {
		if !shellcmd.Local(host) {
			plain = append(plain, "--trusted-host "+host)
		}
	}
	for _, g := range []struct {
		rule, words string
		list        []string
	}{{ruleSource, "packages without a check of their source", plain}, {ruleMutable, "package from an address that can change", mutable}, {ruleUnpinned, "packages without a version", open}} {
		if len(g.list) == 0 {
			continue
		}
		list := text.Visible(text.Cut(strings.Join(withoutLogin(g.list), ", "), 120))
		r.add(ref, c, line, finding.Finding{Rule: g.rule, Message: fmt.Sprintf("%s installs %s: %s", in.Tool, g.words, list), Key: list})
	}
}

// withoutLogin takes user names and passwords out of addresses.
func withoutLogin(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		if a, rest, ok := strings.Cut(s, "://"); ok {
			host, tail, _ := strings.Cut(rest, "/")
			if at := strings.LastIndexByte(host, '@'); at >= 0 {
				s = a + "://" + host[at+1:] + "/" + tail
			}
		}
		out[i] = s
	}
	return out
}

// add reports something at a line of a command.
func (r *report) add(ref asset.Ref, c command, line int, f finding.Finding) {
	l := finding.Location{Ref: ref, Line: c.line + line}
	if line == 0 {
		l.Col = c.col
	}
	f.Locations = []finding.Location{l}
	r.sink.Report(f)
}
