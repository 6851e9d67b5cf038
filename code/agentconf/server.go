package agentconf

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/shellcmd"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
)

// server is one entry of a list of MCP servers.
type server struct {
	name    string
	at      int      // offset of its name
	command []string // program and arguments
	where   []int    // offset of each
	url     string
	urlAt   int
	v       *value
}

// serverKeys are the keys below which clients list servers: Claude, Cursor, Windsurf,
// Cline, Roo, Gemini and JetBrains; Zed; Codex; Amp.
var serverKeys = []string{"mcpServers", "mcp_servers", "context_servers", "amp.mcpServers", "mcp.servers", "mcpservers"}

// servers finds the servers anywhere in a configuration.
func servers(file string, v *value) []server {
	var all []server
	var walk func(v *value, key, parent string, depth int)
	walk = func(v *value, key, parent string, depth int) {
		if depth > 12 {
			return
		}
		listed := slices.Contains(serverKeys, key) ||
			key == "servers" && (parent == "mcp" || strings.HasPrefix(path.Base(file), "mcp") || strings.HasPrefix(path.Base(file), ".mcp")) ||
			key == "mcp" || key == "extensions" && !strings.HasSuffix(file, ".json")
		for i := range v.Members {
			m := &v.Members[i]
			if listed && m.Value.Kind == strictjson.Object {
				if s, ok := readServer(m.Key, m.At, &m.Value); ok {
					all = append(all, s)
					continue
				}
			}
			walk(&m.Value, m.Key, key, depth+1)
		}
		for i := range v.Items {
			if listed {
				if s, ok := readServer(v.Items[i].Get("name").String(), v.Items[i].Offset, &v.Items[i]); ok {
					all = append(all, s)
					continue
				}
			}
			walk(&v.Items[i], "", key, depth+1)
		}
	}
	walk(v, "", "", 0)
	return all
}

func readServer(name string, at int, v *value) (server, bool) {
	if n := v.Get("name").String(); n != "" {
		name = n
	}
	s := server{name: name, at: at, v: v}
	cmd := first(v, "command", "cmd")
	args := first(v, "args", "arguments")
	if cmd != nil && cmd.Kind == strictjson.Object && cmd.Get("path") != nil { // Zed, before 2025
		args = cmd.Get("args")
		cmd = cmd.Get("path")
	}
	for _, x := range append(list(cmd), list(args)...) {
		s.command = append(s.command, x.Text)
		s.where = append(s.where, x.Offset)
	}
	if cmd != nil && cmd.Kind == strictjson.String && args == nil && strings.Contains(cmd.Text, " ") {
		if words := shellcmd.Split(cmd.Text); len(words) == 1 {
			s.command = words[0]
			s.where = make([]int, len(words[0]))
			for i := range s.where {
				s.where[i] = cmd.Offset
			}
		}
	}
	if u := first(v, "url", "serverUrl", "httpUrl", "uri", "endpoint"); u != nil {
		s.url, s.urlAt = u.String(), u.Offset
	}
	return s, len(s.command) > 0 || s.url != ""
}

// server judges one entry.
func (r *report) server(s server) {
	name := text.Visible(text.Cut(s.name, 60))
	if shellcmd.Plain(s.url) {
		r.at(s.urlAt, finding.Finding{Rule: ruleHTTP, Message: fmt.Sprintf("server %q is reached at %s", name, text.Visible(text.CutMiddle(withoutQuery(s.url), 80))), Key: s.name})
	}
	r.approval(s, name)
	if len(s.command) == 0 {
		return
	}
	words, where := unwrap(s.command, s.where)
	if len(words) == 0 {
		return
	}
	script := strings.Join(words, " ")
	program := strings.TrimSuffix(strings.ToLower(path.Base(strings.ReplaceAll(words[0], `\`, "/"))), ".exe")
	shell := slices.Contains([]string{"sh", "bash", "zsh", "dash", "ksh", "fish", "cmd", "powershell", "pwsh"}, program) &&
		slices.ContainsFunc(words[1:], func(w string) bool {
			l := strings.ToLower(w)
			return l == "/c" || l == "/k" || l == "-command" || l == "-encodedcommand" || l == "-enc" || strings.HasPrefix(l, "-") && !strings.HasPrefix(l, "--") && strings.HasSuffix(l, "c") && len(l) <= 5
		})
	switch fetched := shellcmd.FetchAndRun(script); {
	case len(fetched) > 0:
		r.at(where[0], finding.Finding{Rule: ruleFetch, Message: fmt.Sprintf("server %q runs what it downloads: %s", name, text.Visible(text.CutMiddle(fetched[0].Text, 80))), Key: s.name})
	case shell:
		r.at(where[0], finding.Finding{Rule: ruleShell, Message: fmt.Sprintf("server %q is started by %s", name, text.Visible(text.Cut(strings.Join(words[:min(2, len(words))], " "), 40))), Key: s.name})
	}
	if shell {
		for _, cmd := range shellcmd.Split(words[len(words)-1]) {
			at := make([]int, len(cmd))
			for i := range at {
				at[i] = where[len(where)-1]
			}
			r.packages(s, name, cmd, at)
		}
	} else {
		r.packages(s, name, words, where)
	}
	r.scope(s, name, program, words, where)
	for i, w := range words {
		if flags().MatchString(w) {
			r.at(where[i], finding.Finding{Rule: ruleApprove, Message: fmt.Sprintf("server %q is started with %s", name, text.Visible(w)), Key: s.name + w})
		}
	}
}

// unwrap takes away what only starts another program: env, sudo, cmd /c.
func unwrap(words []string, where []int) ([]string, []int) {
	for len(words) > 1 {
		base := strings.TrimSuffix(strings.ToLower(path.Base(strings.ReplaceAll(words[0], `\`, "/"))), ".exe")
		switch {
		case base == "env" || base == "sudo" || base == "nohup" || base == "exec" || strings.Contains(base, "="):
			words, where = words[1:], where[1:]
		case base == "cmd" && strings.EqualFold(words[1], "/c") && len(words) > 3:
			words, where = words[2:], where[2:]
		default:
			return words, where
		}
	}
	return words, where
}

func withoutQuery(url string) string {
	url, _, _ = strings.Cut(url, "?")
	if scheme, rest, ok := strings.Cut(url, "://"); ok {
		host, tail, _ := strings.Cut(rest, "/")
		return scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + "/" + tail
	}
	return url
}

// packages judges what a package runner or a container engine is asked to run.
func (r *report) packages(s server, name string, words []string, where []int) {
	p, ok := runs(words)
	if !ok {
		return
	}
	at := where[min(p.index, len(where)-1)]
	shown := text.Visible(text.Cut(p.text, 80))
	if known := lookalike(p.name); known != "" {
		r.at(at, finding.Finding{Rule: ruleLookalike, Message: fmt.Sprintf("server %q is %s, which is nearly %s", name, shown, known), Key: p.name})
	}
	if p.pinned {
		return
	}
	f := finding.Finding{Rule: ruleUnpinned, Message: fmt.Sprintf("server %q is started by %s with %s: no fixed version", name, text.Visible(path.Base(words[0])), shown), Key: s.name + " " + p.name}
	if p.tagged {
		f.Severity = finding.Low
		f.Message = fmt.Sprintf("server %q is the image %s: a tag can be moved, a digest cannot", name, shown)
	}
	r.at(at, f)
}

// scope judges folders and rights given to a server.
func (r *report) scope(s server, name, program string, words []string, where []int) {
	container := program == "docker" || program == "podman" || program == "nerdctl"
	for i, w := range words[1:] {
		what := ""
		sev := finding.High
		switch before := words[i]; {
		case container && (before == "-v" || before == "--volume" || strings.HasPrefix(w, "-v=") || strings.HasPrefix(w, "--volume=") || before == "--mount" || strings.HasPrefix(w, "--mount=")):
			what = mount(w)
		case container && (w == "--privileged" || w == "--privileged=true" || w == "--pid=host" || w == "--cap-add=ALL" || w == "--cap-add=SYS_ADMIN"):
			what = w
		case container && (w == "--network=host" || w == "--net=host" || w == "host" && (before == "--network" || before == "--net")):
			what, sev = "the network of the host", finding.Medium
		case container:
		case program == "deno" && (w == "-A" || w == "--allow-all"):
			what = "everything (deno " + w + ")"
		case i >= 0 && wholeFolder(w):
			what = "the folder " + w
		}
		if what != "" {
			r.at(where[i+1], finding.Finding{Rule: ruleScope, Severity: sev, Message: fmt.Sprintf("server %q gets %s", name, text.Visible(text.Cut(what, 60))), Key: s.name + " " + what})
		}
	}
}

// wholeFolder reports whether an argument is a disk, a home folder or a folder of the
// system.
func wholeFolder(w string) bool {
	if _, v, ok := strings.Cut(w, "="); ok && strings.HasPrefix(w, "--") {
		w = v
	}
	c := strings.ReplaceAll(w, `\`, "/")
	if len(c) > 1 {
		c = strings.TrimSuffix(c, "/")
	}
	switch strings.ToLower(c) {
	case "/", "~", "$home", "${home}", "${userhome}", "${env:home}", "%userprofile%", "${env:userprofile}", "/home", "/users", "/root", "/etc", "/var", "/mnt", "c:", "d:", "c:/users", "/mnt/c":
		return true
	}
	parts := strings.Split(strings.TrimPrefix(c, "/"), "/")
	return strings.HasPrefix(c, "/") && len(parts) == 2 && (parts[0] == "home" || parts[0] == "Users") ||
		len(parts) == 3 && len(parts[0]) == 2 && parts[0][1] == ':' && strings.EqualFold(parts[1], "users")
}

func mount(w string) string {
	w = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(w, "--mount="), "--volume="), "-v=")
	if strings.Contains(w, "docker.sock") || strings.Contains(w, "podman.sock") || strings.Contains(w, "containerd.sock") {
		return "the socket of the container engine"
	}
	source := w
	for _, part := range strings.Split(w, ",") {
		if k, v, ok := strings.Cut(part, "="); ok && (k == "source" || k == "src") {
			source = v
		}
	}
	if source == w {
		source, _, _ = strings.Cut(w, ":")
	}
	if wholeFolder(source) {
		return "the folder " + source
	}
	return ""
}
