package agentconf

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/shellcmd"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/injection"
)

// sure are files that are nothing else than configurations of agents: there a mistake
// in the syntax is worth a word. Others are often files of other programs.
var sure = []string{".mcp.json", "mcp.json", "claude_desktop_config.json", "mcp_config.json", "cline_mcp_settings.json", "mcp_settings.json", "mcp-config.json"}

// structured judges JSON, TOML and YAML that agents read.
func (r *report) structured(file string) {
	v, dup, err := parse(file, r.doc)
	if err != nil {
		if slices.Contains(sure, path.Base(file)) && strings.TrimSpace(r.doc) != "" {
			r.sink.Fail(fmt.Errorf("agent configuration: %w", err))
		}
		return
	}
	all := servers(file, v)
	for _, s := range all {
		r.server(s)
	}
	r.twins(all, dup)
	r.trifecta(all)
	agents := len(all) > 0 || slices.Contains(sure, path.Base(file)) || ownFolder(file)
	if agents {
		r.settings(file, v)
	}
	r.tools(v)
	r.lockConfig(all, v)
	r.manifest(file, v)
	r.texts(v, agents)
}

// ownFolder reports whether a path lies in the folder of an agent program.
func ownFolder(file string) bool {
	for _, dir := range strings.Split(path.Dir(file), "/") {
		if slices.Contains(toldFolders, dir) || dir == ".vscode" || dir == ".zed" || dir == ".factory" || dir == ".qwen" || dir == "zed" {
			return true
		}
	}
	b := path.Base(file)
	return strings.Contains(b, "claude") || strings.Contains(b, "opencode") || strings.Contains(b, "crush")
}

// risky are words in names of tools that change or send something.
var risky = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[_.\-/ ])(?:exec(?:ute)?|shell|bash|terminal|run|command|eval|delete|remove|drop|write|edit|push|merge|deploy|send|post|transfer|pay|sql|query_database)(?:$|[_.\-/ (])`)
})

// approval judges what a server may do without a question.
func (r *report) approval(s server, name string) {
	for _, key := range []string{"autoApprove", "alwaysAllow", "autoApproveTools", "auto_approve", "always_allow", "allowedTools", "autoAllow"} {
		v := s.v.Get(key)
		if isTrue(v) {
			r.at(v.Offset, finding.Finding{Rule: ruleApprove, Message: fmt.Sprintf("all tools of server %q run without asking", name), Key: s.name})
		}
		var some []string
		for _, x := range list(v) {
			switch {
			case x.Text == "*" || x.Text == "all":
				if key != "allowedTools" { // there it says what is offered
					r.at(x.Offset, finding.Finding{Rule: ruleApprove, Message: fmt.Sprintf("all tools of server %q run without asking", name), Key: s.name})
				}
			case key != "allowedTools" && risky().MatchString(x.Text):
				some = append(some, x.Text)
			}
		}
		if len(some) > 0 {
			shown := text.Visible(text.Cut(strings.Join(some, ", "), 80))
			r.at(v.Offset, finding.Finding{Rule: ruleApprove, Severity: finding.Medium, Confidence: finding.Likely, Message: fmt.Sprintf("tools of server %q that change or send something run without asking: %s", name, shown), Key: s.name + shown})
		}
	}
	if v := s.v.Get("trust"); isTrue(v) { // Gemini CLI
		r.at(v.Offset, finding.Finding{Rule: ruleApprove, Message: fmt.Sprintf("all tools of server %q run without asking (\"trust\": true)", name), Key: s.name})
	}
}

// switches are settings that end the questions of a client, by their dotted path.
var switches = map[string]string{
	"permissions.defaultmode": "bypassPermissions", "chat.tools.autoapprove": "true", "chat.tools.global.autoapprove": "true", "autoaccept": "true", "yolo": "true",
	"approval_policy": "never", "sandbox_mode": "danger-full-access", "enableallprojectmcpservers": "true", "agent.always_allow_tool_actions": "true", "approvalmode": "yolo",
	"tools.autoaccept": "true", "security.disableyolomode": "", "goose_mode": "auto", "permission.bash": "allow", "permission": "allow", "permissions.allow_all": "true",
	"general.defaultapprovalmode": "yolo", "amp.dangerouslyallowall": "true", "skipdangerousmodepermissionprompt": "true", "chat.agent.terminal.autoapprove.*": "true", "approvals.mode": "never",
}

// settings judges permissions and hooks.
func (r *report) settings(file string, v *value) {
	var walk func(v *value, key string, depth int)
	walk = func(v *value, key string, depth int) {
		if depth > 10 {
			return
		}
		low := strings.ToLower(key)
		if want := switches[low]; want != "" && strings.EqualFold(v.Text, want) {
			f := finding.Finding{Rule: ruleApprove, Message: fmt.Sprintf("%s is %s: the agent acts without asking", text.Visible(text.Cut(key, 60)), v.Text), Key: key}
			if low == "enableallprojectmcpservers" {
				f.Severity, f.Message = finding.Medium, "servers that a repository names are started without asking"
			}
			r.at(v.Offset, f)
		}
		if low == "permissions.allow" && v.Kind == strictjson.String {
			for _, x := range list(v) {
				switch strings.ReplaceAll(x.Text, " ", "") {
				case "*", "Bash", "Bash(*)", "Bash(*:*)", "Bash(:*)", "Bash(**)":
					r.at(x.Offset, finding.Finding{Rule: ruleApprove, Message: "every command of the shell runs without asking: " + x.Text, Key: x.Text})
				case "Bash(curl:*)", "Bash(wget:*)", "Bash(sudo:*)", "Bash(bash:*)", "Bash(sh:*)", "Bash(python:*)", "Bash(python3:*)", "Bash(node:*)", "Bash(ssh:*)", "Bash(eval:*)":
					r.at(x.Offset, finding.Finding{Rule: ruleApprove, Severity: finding.Medium, Confidence: finding.Likely, Message: "a command that can do anything, or send anything, runs without asking: " + x.Text, Key: x.Text})
				}
			}
		}
		if strings.HasSuffix(low, ".command") && strings.HasPrefix(low, "hooks.") || strings.HasSuffix(low, "initializecommand") || strings.HasSuffix(low, "postcreatecommand") {
			for _, f := range shellcmd.FetchAndRun(v.Text) {
				r.at(v.Offset, finding.Finding{Rule: ruleFetch, Message: "a hook runs what it downloads: " + text.Visible(text.CutMiddle(f.Text, 80)), Key: f.Text})
			}
		}
		for i := range v.Members {
			sub := v.Members[i].Key
			if key != "" {
				sub = key + "." + sub
			}
			walk(&v.Members[i].Value, sub, depth+1)
		}
		for i := range v.Items {
			walk(&v.Items[i], key, depth+1)
		}
	}
	walk(v, "", 0)
}

// twins reports servers whose names are one name for a reader.
func (r *report) twins(all []server, dup []strictjson.Duplicate) {
	seen := map[string]string{}
	for _, s := range all {
		key := strings.NewReplacer("-", "", "_", "", " ", "", "0", "o", "1", "l").Replace(strings.ToLower(s.name))
		if old, ok := seen[key]; ok && old != s.name && s.name != "" {
			r.at(s.at, finding.Finding{Rule: ruleLookalike, Severity: finding.Medium, Message: fmt.Sprintf("servers %q and %q have nearly one name", text.Visible(old), text.Visible(s.name)), Key: s.name})
		}
		seen[key] = s.name
	}
	for _, d := range dup {
		if slices.ContainsFunc(all, func(s server) bool { return s.name == d.Key }) {
			r.at(d.Offset, finding.Finding{Rule: ruleShadow, Message: fmt.Sprintf("server %q is there twice", text.Visible(text.Cut(d.Key, 60))), Key: d.Key})
		}
	}
}

// abilities are what servers can do, told by their names.
var abilities = []struct {
	what string
	re   func() *regexp.Regexp
}{
	{"reads private data", word(`filesystem|postgres|mysql|sqlite|mongo|redis|snowflake|bigquery|supabase|database|gmail|mail|outlook|slack|notion|gdrive|google-drive|onedrive|sharepoint|salesforce|hubspot|stripe|1password|vault|calendar|confluence|atlassian`)},
	{"brings text of strangers", word(`fetch|browser|puppeteer|playwright|firecrawl|brave-search|tavily|exa|web-search|websearch|scrap(?:e|er|ing)|reddit|twitter|gmail|mail|slack|discord|telegram|whatsapp|github|gitlab|jira`)},
	{"can send", word(`fetch|browser|puppeteer|playwright|gmail|mail|sendgrid|slack|discord|telegram|whatsapp|twilio|webhook|http|github|gitlab|twitter|zapier`)},
}

func word(list string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(?:` + list + `)(?:$|[^a-z0-9])`)
	})
}

// trifecta reports servers that together read private data, bring text of strangers
// and can send. One server that does all of it is known for it.
func (r *report) trifecta(all []server) {
	if len(all) < 2 {
		return
	}
	var names []string
	for _, a := range abilities {
		i := slices.IndexFunc(all, func(s server) bool {
			about := s.name + " " + strings.Join(s.command[min(1, len(s.command)):], " ")
			if s.url != "" {
				about = s.name
			}
			return a.re().MatchString(about)
		})
		if i < 0 {
			return
		}
		names = append(names, fmt.Sprintf("%q %s", text.Visible(text.Cut(all[i].name, 40)), a.what))
	}
	r.at(all[0].at, finding.Finding{Rule: ruleTrifecta, Message: strings.Join(names, ", "), Key: strings.Join(names, ",")})
}

// tools reports tools that a list defines twice.
func (r *report) tools(v *value) {
	items := v.Items
	if t := v.Get("tools"); t != nil {
		items = t.Items
	}
	seen := map[string]bool{}
	var own map[string]bool
	for i := range items {
		name := first(&items[i], "name").String()
		if name == "" || items[i].Get("description") == nil {
			continue
		}
		if r.own == nil && first(&items[i], "inputSchema", "input_schema", "parameters") != nil {
			if own == nil {
				own = ownNames(v)
			}
			r.own = own
			r.toolName(first(&items[i], "name"))
			r.toolTexts(&items[i], "tool", name)
			r.own = nil
		}
		if seen[name] {
			r.at(items[i].Offset, finding.Finding{Rule: ruleShadow, Message: fmt.Sprintf("tool %q is defined twice", text.Visible(text.Cut(name, 60))), Key: name})
		}
		seen[name] = true
	}
}

// manifest judges plugin manifests and agent cards (A2A).
func (r *report) manifest(file string, v *value) {
	switch base := path.Base(file); {
	case base == "ai-plugin.json":
		if a := v.Get("auth"); a.Get("type").String() == "none" {
			r.at(a.Offset, finding.Finding{Rule: ruleOpen, Message: "the plugin asks for no authentication", Key: "auth"})
		}
		if u := v.Get("api").Get("url"); shellcmd.Plain(u.String()) {
			r.at(u.Offset, finding.Finding{Rule: ruleHTTP, Message: "the plugin is reached at " + text.Visible(text.CutMiddle(withoutQuery(u.Text), 80)), Key: "url"})
		}
	case v.Get("skills") != nil && v.Get("capabilities") != nil && (v.Get("url") != nil || v.Get("supportedInterfaces") != nil):
		if v.Get("securitySchemes") == nil && v.Get("authentication") == nil && v.Get("security") == nil {
			r.at(v.Offset, finding.Finding{Rule: ruleOpen, Message: "the agent card declares no authentication", Key: "security"})
		}
		urls := []*value{v.Get("url")}
		for _, x := range []string{"supportedInterfaces", "additionalInterfaces"} {
			if l := v.Get(x); l != nil {
				for i := range l.Items {
					urls = append(urls, l.Items[i].Get("url"))
				}
			}
		}
		for _, u := range urls {
			if shellcmd.Plain(u.String()) {
				r.at(u.Offset, finding.Finding{Rule: ruleHTTP, Message: "the agent is reached at " + text.Visible(text.CutMiddle(withoutQuery(u.Text), 80)), Key: "url"})
			}
		}
	}
}

// spoken are keys whose texts a model reads.
var spoken = []string{"description", "description_for_model", "instructions", "prompt", "systemprompt", "system_prompt", "title", "summary", "content", "system", "tooltip", "examples"}

// texts judges the descriptions in a document.
func (r *report) texts(v *value, agents bool) {
	var walk func(v *value, key string, depth int)
	walk = func(v *value, key string, depth int) {
		if depth > 100 {
			return
		}
		if v.Kind == strictjson.String {
			r.spoken(v, strings.ToLower(key), agents)
		}
		for i := range v.Members {
			walk(&v.Members[i].Value, v.Members[i].Key, depth+1)
		}
		for i := range v.Items {
			walk(&v.Items[i], key, depth+1)
		}
	}
	walk(v, "", 0)
}

func (r *report) spoken(v *value, key string, agents bool) {
	if r.judged[v.Offset] {
		return
	}
	known := slices.Contains(spoken, key)
	if !known && !agents {
		return
	}
	if h := injection.HiddenRunes(v.Text); len(h) > 0 {
		says := ""
		for _, x := range h {
			says += x.Says
		}
		f := finding.Finding{Rule: ruleHidden, Message: fmt.Sprintf("%q holds characters that are not seen (%s)", text.Visible(text.Cut(key, 40)), h[0].Kind), Key: key + h[0].Kind}
		if says != "" {
			f.Message += fmt.Sprintf(", they spell %q", text.Visible(text.Cut(says, 80)))
		}
		r.at(v.Offset, f)
	}
	if !known {
		return
	}
	if m := injection.Find(v.Text); len(m) > 0 {
		r.at(v.Offset, finding.Finding{Rule: ruleInjected, Message: fmt.Sprintf("%s says: %s", key, text.Visible(text.Cut(m[0].Text, 100))), Key: m[0].Text, Attrs: map[string]any{"kind": string(m[0].Kind)}})
	}
}
