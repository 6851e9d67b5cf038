package agentconf

import (
	"fmt"
	"path"
	"strings"

	"github.com/merlon-security/merlon/engine/yamlwalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/injection"
)

// dangerous are settings of LangChain, CrewAI, AutoGen and Semantic Kernel that let a
// model run code or reach anything, by their key in lower case.
var dangerous = map[string]string{
	"allow_dangerous_requests": "true", "allow_dangerous_code": "true", "allow_dangerous_deserialization": "true", "allow_dangerous_tools": "true",
	"code_execution_mode": "unsafe", "allow_unsafe_jinja": "true", "use_docker": "false", "enable_unsafe_code": "true", "allow_dangerously_set_content": "true", "trust_remote_code": "true",
}

// framework judges the YAML of agent frameworks, and the front matter of prompts.
func (r *report) framework() {
	name := strings.ToLower(r.ref.Name())
	doc, fromLine := r.doc, 0
	switch path.Ext(name) {
	case ".yaml", ".yml":
	case ".prompty", ".prompt":
		if doc = frontMatter(r.doc); doc == "" {
			return
		}
		doc, fromLine = strings.TrimPrefix(doc, "---\n"), 1
	default:
		return
	}
	res, err := yamlwalk.Read([]byte(doc))
	if err != nil {
		return // templates are not YAML before they are filled in
	}
	code := false
	for _, s := range res.Scalars {
		code = code || strings.EqualFold(s.Key, "code_execution_config") || strings.Contains(strings.ToLower(s.Path), "code_execution_config.")
	}
	flow := kindOf(name) == flow
	for _, s := range res.Scalars {
		key := strings.ToLower(s.Key)
		at := finding.Location{Ref: r.ref, Line: s.Line + fromLine}
		if want, ok := dangerous[key]; ok && strings.EqualFold(s.Value, want) && !s.Text || ok && want == "unsafe" && strings.EqualFold(s.Value, want) {
			r.sink.Report(finding.Finding{Rule: ruleExec, Message: fmt.Sprintf("%s: %s", s.Key, s.Value), Key: s.Path, Locations: []finding.Location{at}})
		}
		if key == "human_input_mode" && s.Value == "NEVER" && code {
			r.sink.Report(finding.Finding{Rule: ruleApprove, Message: "human_input_mode is NEVER, and the agent runs code", Key: s.Path, Locations: []finding.Location{at}})
		}
		if !flow || !s.Text {
			continue
		}
		if h := injection.HiddenRunes(s.Value); len(h) > 0 {
			r.sink.Report(finding.Finding{Rule: ruleHidden, Message: fmt.Sprintf("%q holds characters that are not seen (%s)", text.Visible(text.Cut(s.Key, 40)), h[0].Kind), Key: s.Path, Locations: []finding.Location{at}})
		}
		if m := injection.Find(s.Value); len(m) > 0 && m[0].Kind != injection.Secrecy {
			r.sink.Report(finding.Finding{Rule: ruleInjected, Message: fmt.Sprintf("%s says: %s", text.Visible(text.Cut(s.Key, 40)), text.Visible(text.Cut(m[0].Text, 100))), Key: m[0].Text, Locations: []finding.Location{at}})
		}
	}
}
