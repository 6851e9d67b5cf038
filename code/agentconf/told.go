package agentconf

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/shellcmd"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/injection"
)

var comments = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)<!--.*?-->|\{#.*?#\}|(?m)^\[(?://|comment)\]: *# *[("'].*$`)
})

// instructions judges a text that a model reads: hidden characters, hidden comments,
// and, where it was written for an agent by others, phrases and commands.
func (r *report) instructions(told bool) {
	r.hidden(r.doc, 0)
	hiddenAt := comments().FindAllStringIndex(r.doc, 1000)
	for _, c := range hiddenAt {
		if m := injection.Find(r.doc[c[0]:c[1]]); len(m) > 0 {
			r.at(c[0], finding.Finding{Rule: ruleComment, Message: "a comment says: " + text.Visible(text.Cut(m[0].Text, 100)), Key: m[0].Text, Attrs: map[string]any{"kind": string(m[0].Kind)}})
		}
	}
	inComment := func(at int) bool {
		for _, c := range hiddenAt {
			if at >= c[0] && at < c[1] {
				return true
			}
		}
		return false
	}
	// A prompt of the project may well say what must not be told to users. Orders to
	// forget instructions, to take keys or to act unasked belong into none.
	seen := map[injection.Kind]bool{}
	for _, m := range injection.Find(r.doc) {
		if seen[m.Kind] || inComment(m.Start) || !told && (m.Kind == injection.Secrecy || m.Kind == injection.Role) || quoted(r.doc, m.Start) {
			continue
		}
		seen[m.Kind] = true
		f := finding.Finding{Rule: ruleInjected, Message: "says: " + text.Visible(text.Cut(m.Text, 100)), Key: m.Text, Attrs: map[string]any{"kind": string(m.Kind)}}
		if m.Kind == injection.Unasked {
			f.Rule, f.Message = ruleApprove, "the model may act without asking: "+text.Visible(text.Cut(m.Text, 100))
			f.Severity, f.Confidence = finding.Medium, finding.Likely
		} else if m.Kind == injection.Secrecy || m.Kind == injection.Send || m.Kind == injection.Role {
			f.Severity = finding.Medium // alone it has good reasons too
		}
		r.at(m.Start, f)
	}
	if !told {
		return
	}
	for _, c := range shellcmd.FetchAndRun(r.doc) {
		r.at(c.Start, finding.Finding{Rule: ruleFetch, Severity: finding.Medium, Confidence: finding.Likely,
			Message: "tells the agent to run what it downloads: " + text.Visible(text.CutMiddle(c.Text, 100)), Key: c.Text})
	}
	if m := allTools().FindStringIndex(frontMatter(r.doc)); m != nil {
		r.at(m[0], finding.Finding{Rule: ruleApprove, Message: "the skill or command may run any command of the shell without asking", Key: "allowed-tools"})
	}
	for _, m := range flags().FindAllStringIndex(r.doc, 5) {
		r.at(m[0], finding.Finding{Rule: ruleApprove, Severity: finding.Medium, Confidence: finding.Unsure, Message: "names " + r.doc[m[0]:m[1]], Key: r.doc[m[0]:m[1]]})
	}
}

var (
	allTools = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^allowed-tools:[^\n]*(?:\bBash(?:\(\s*\*?(?::\*)?\s*\)|\s*[,\]]|\s*$)|\*\s*$)`)
	})
	flags = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(skipFlags) })
)

// skipFlags are options of command lines of agents that end all questions.
const skipFlags = `--dangerously-skip-permissions|--dangerously-bypass-approvals-and-sandbox|--yolo\b|--allow-dangerously-skip-permissions|--trust-all-tools|--dangerously-allow-all|--allow-all-tools`

// frontMatter is the YAML at the start of a Markdown file.
func frontMatter(doc string) string {
	if !strings.HasPrefix(doc, "---\n") {
		return ""
	}
	if i := strings.Index(doc[4:], "\n---"); i >= 0 {
		return doc[:4+i]
	}
	return ""
}

// quoted tells text about attacks from attacks: an example in quotes or code.
func quoted(doc string, at int) bool {
	line := doc[strings.LastIndexByte(doc[:at], '\n')+1 : at]
	return strings.Count(line, "`")%2 == 1 || strings.Count(line, `"`)%2 == 1 || strings.Count(line, "“") > strings.Count(line, "”") || strings.HasPrefix(strings.TrimSpace(line), ">")
}

// hidden reports characters that people do not see. base is where the text begins in
// the file.
func (r *report) hidden(s string, base int) {
	found := injection.HiddenRunes(s)
	if len(found) == 0 {
		return
	}
	best := found[0]
	total := 0
	for _, h := range found {
		total += h.Count
		if h.Kind == "tag" && best.Kind != "tag" || len(h.Says) > len(best.Says) {
			best = h
		}
	}
	f := finding.Finding{Rule: ruleHidden, Message: fmt.Sprintf("%d characters that are not seen (%s)", total, best.Kind), Key: best.Kind}
	if best.Says != "" {
		f.Message += ", they spell " + fmt.Sprintf("%q", text.Visible(text.Cut(best.Says, 80)))
	}
	if best.Kind == "zero-width" && total <= 3 {
		f.Severity = finding.Medium // pasted from a web page, more often than not
	}
	r.at(base+best.Start, f)
}
