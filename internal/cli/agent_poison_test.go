package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/mcp/mcptest"
)

// lines reads a file of texts of code/agentconf.
func lines(t *testing.T, file string) [][]string {
	t.Helper()
	b, err := os.ReadFile("../../code/agentconf/testdata/poison/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.Split(strings.TrimSpace(line), "|"))
		}
	}
	return all
}

// describe makes a tool out of a text, of which a parameter may be what it describes.
func describe(i int, text, parameter string) map[string]any {
	tool := map[string]any{"name": fmt.Sprintf("tool%02d", i), "description": text, "inputSchema": map[string]any{"type": "object"}}
	if parameter != "" {
		tool["description"] = "Does something with a text."
		tool["inputSchema"] = map[string]any{"type": "object", "properties": map[string]any{parameter: map[string]any{"type": "string", "description": text}}}
	}
	return tool
}

// hide puts a text into another so that nobody sees it.
func hide(visible, secret, how string) string {
	in := func(f func(r rune) rune) string { return visible + strings.Map(f, secret) }
	switch how {
	case "tags":
		return in(func(r rune) rune { return 0xe0000 + r })
	case "variation":
		return in(func(r rune) rune { return 0xe0100 + r - 16 })
	case "zero":
		return visible + strings.NewReplacer("0", "\u200b", "1", "\u200c").Replace(fmt.Sprintf("%b", []byte(secret)[0])+"01")
	case "between":
		return strings.Join(strings.Split(visible, ""), "\u2060")
	case "bidi":
		return visible + "\u202e" + secret + "\u202c"
	case "filler":
		return visible + strings.Repeat("\u3164", 8) + "\u2063\u2062"
	}
	panic(how)
}

var (
	snakes = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`)
)

// flagged inspects a server over stdio, and lists the tools with findings that fail the
// gate.
func flagged(t *testing.T, s mcptest.Server, more ...string) map[string]bool {
	t.Helper()
	doc, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.json")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := Main(append([]string{"agent", "inspect", "--format", "json", "--name", "server", "--stdio", "mcp-server " + file}, more...), nil, &out, &errs)
	var r struct {
		Findings []struct {
			Severity, Confidence, Message string
			Location                      struct{ Inner string }
		}
		Decision struct{ Outcome string }
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("code %d: %v %s", code, err, errs.String())
	}
	tools := map[string]bool{}
	for _, f := range r.Findings {
		if m := regexp.MustCompile(`tool\d\d`).FindString(f.Location.Inner + " " + f.Message); m != "" && (f.Severity == "high" || f.Severity == "critical") && f.Confidence != "low" {
			tools[m] = true
		}
	}
	if (len(tools) > 0) != (r.Decision.Outcome == "fail") {
		t.Errorf("%d tools with findings, and the gate says %s", len(tools), r.Decision.Outcome)
	}
	return tools
}

// TestPoisonedServers serves poisoned descriptions, and harmless ones that look like
// them: six kinds, each in ten wordings and three languages. Only the poisoned fail.
func TestPoisonedServers(t *testing.T) {
	type pair struct{ bad, good mcptest.Server }
	servers := map[string]*pair{}
	add := func(key string, bad, good map[string]any, text string) {
		p := servers[key]
		if p == nil {
			p = &pair{bad: mcptest.Server{Name: "poisoned"}, good: mcptest.Server{Name: "harmless"}}
			servers[key] = p
		}
		p.bad.Tools = append(p.bad.Tools, bad)
		p.good.Tools = append(p.good.Tools, good)
		for _, n := range snakes.FindAllString(text, -1) { // what a harmless text speaks of is there
			p.good.Tools = append(p.good.Tools, map[string]any{"name": n + "_" + good["name"].(string), "inputSchema": map[string]any{"type": "object", "properties": map[string]any{n: map[string]any{"type": "string"}}}})
		}
	}
	for i, l := range lines(t, "dev.txt") {
		add(l[0]+" "+l[1], describe(i%10, l[3], l[2]), describe(i%10, l[4], l[2]), l[4])
	}
	for i, l := range lines(t, "hidden.txt") {
		add("hidden "+l[0], describe(i%10, hide(l[2], l[3], l[1]), ""), describe(i%10, l[4], ""), "")
	}
	var all []string
	for i := range 10 {
		all = append(all, fmt.Sprintf("tool%02d", i))
	}
	want := map[string]bool{}
	for _, n := range all {
		want[n] = true
	}
	if len(servers) != 15 {
		t.Fatalf("%d servers, want 5 kinds in 3 languages", len(servers))
	}
	for key, p := range servers {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(want, flagged(t, p.bad)); d != "" {
				t.Errorf("poisoned tools (-want +got):\n%s", d)
			}
			if d := cmp.Diff(map[string]bool{}, flagged(t, p.good)); d != "" {
				t.Errorf("harmless tools (-want +got):\n%s", d)
			}
		})
	}
}

// TestPulledRugs approves servers, and serves them changed: by a word, and only in the
// order of what means the same.
func TestPulledRugs(t *testing.T) {
	before, after := map[string]*mcptest.Server{}, map[string]*mcptest.Server{}
	for i, l := range lines(t, "rug.txt") {
		if before[l[0]] == nil {
			before[l[0]], after[l[0]] = &mcptest.Server{Name: "s"}, &mcptest.Server{Name: "s"}
		}
		before[l[0]].Tools = append(before[l[0]].Tools, describe(i%10, l[1], ""))
		after[l[0]].Tools = append(after[l[0]].Tools, describe(i%10, l[2], ""))
	}
	for lang := range before {
		lock := filepath.Join(t.TempDir(), "lock.json")
		doc, _ := json.Marshal(before[lang])
		file := filepath.Join(t.TempDir(), "server.json")
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := Main([]string{"agent", "lock", "--name", "server", "--stdio", "mcp-server " + file, "-o", lock}, nil, &out, &errs); code != 0 {
			t.Fatal(errs.String())
		}
		if got := flagged(t, *after[lang], "--lock", lock); len(got) != 10 {
			t.Errorf("%s: changed tools: %v", lang, got)
		}
		same := *before[lang]
		for i, j := 0, len(same.Tools)-1; i < j; i, j = i+1, j-1 { // another order is no change
			same.Tools[i], same.Tools[j] = same.Tools[j], same.Tools[i]
		}
		for _, tool := range same.Tools {
			tool.(map[string]any)["_meta"] = map[string]any{"served": "2026-11-21"}
		}
		if got := flagged(t, same, "--lock", lock); len(got) != 0 {
			t.Errorf("%s: unchanged tools: %v", lang, got)
		}
	}
}
