package agentconf

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/shellcmd"
)

// pkg is what a runner of packages is asked to run.
type pkg struct {
	text   string // as written
	name   string // without version
	index  int    // of the word
	pinned bool
	tagged bool // an image with a tag that is not "latest"
}

var exact = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^v?\d+\.\d+(\.\d+)?([-+.]?[0-9A-Za-z.+-]+)?$`) })

// runs reads the command of a runner; ok is false for any other program, and for
// programs of this machine.
func runs(words []string) (pkg, bool) {
	program := strings.TrimSuffix(strings.ToLower(path.Base(strings.ReplaceAll(words[0], `\`, "/"))), ".exe")
	program = strings.TrimSuffix(program, ".cmd")
	rest := 1
	sub := func(name string) bool { return len(words) > 1 && words[1] == name }
	switch {
	case program == "npx" || program == "bunx" || program == "pnpx":
	case (program == "pnpm" || program == "yarn") && sub("dlx"), program == "npm" && (sub("exec") || sub("x")), program == "bun" && sub("x"):
		rest = 2
	case program == "uvx":
		return python(words, 1)
	case program == "pipx" && sub("run"):
		return python(words, 2)
	case program == "uv" && sub("tool") && len(words) > 2 && words[2] == "run":
		return python(words, 3)
	case program == "docker" || program == "podman" || program == "nerdctl":
		return image(words)
	case program == "go" && sub("run"):
		return goModule(words)
	case program == "deno" && (sub("run") || sub("x")):
		for i, w := range words[2:] {
			if strings.HasPrefix(w, "npm:") || strings.HasPrefix(w, "jsr:") {
				p := npm(w[4:], i+2)
				return p, true
			}
			if shellcmd.Address(w) != "" {
				return pkg{text: w, name: w, index: i + 2, pinned: strings.Contains(w, "@") && exact().MatchString(strings.SplitN(w[strings.LastIndexByte(w, '@')+1:], "/", 2)[0])}, true
			}
		}
		return pkg{}, false
	default:
		return pkg{}, false
	}
	for i := rest; i < len(words); i++ {
		w := words[i]
		if v, ok := strings.CutPrefix(w, "--package="); ok {
			return npm(v, i), true
		}
		if (w == "-p" || w == "--package") && i+1 < len(words) {
			return npm(words[i+1], i+1), true
		}
		if strings.HasPrefix(w, "-") {
			continue
		}
		if strings.HasPrefix(w, ".") || strings.HasPrefix(w, "/") || strings.HasPrefix(w, "$") || strings.HasPrefix(w, "~") {
			return pkg{}, false
		}
		return npm(w, i), true
	}
	return pkg{}, false
}

// npm reads a specification of npm: name, @scope/name, with @version behind.
func npm(w string, i int) pkg {
	p := pkg{text: w, name: w, index: i}
	if at := strings.LastIndexByte(w, '@'); at > 0 {
		p.name = w[:at]
		p.pinned = exact().MatchString(w[at+1:]) && strings.Count(w[at+1:], ".") >= 2
	}
	if _, commit, ok := strings.Cut(w, "#"); ok { // github:org/repo#commit
		p.pinned = len(commit) == 40 && strings.Trim(commit, "0123456789abcdef") == ""
	}
	return p
}

// python reads the words of uvx and pipx run.
func python(words []string, rest int) (pkg, bool) {
	spec := func(w string, i int) pkg {
		q := shellcmd.ReadPackage(w, false)
		p := pkg{text: w, name: q.Name, index: i, pinned: q.Pinned || q.Local}
		if name, version, ok := strings.Cut(w, "@"); ok && !q.Remote {
			p.name = name
			p.pinned = exact().MatchString(version)
		}
		return p
	}
	for i := rest; i < len(words); i++ {
		w := words[i]
		if v, ok := strings.CutPrefix(w, "--from="); ok {
			return spec(v, i), true
		}
		if (w == "--from" || w == "--spec") && i+1 < len(words) {
			return spec(words[i+1], i+1), true
		}
		if slices.Contains([]string{"--with", "--python", "-p", "--index-url", "--extra-index-url", "--directory", "--index"}, w) {
			i++
			continue
		}
		if !strings.HasPrefix(w, "-") {
			if strings.HasPrefix(w, ".") || strings.HasPrefix(w, "/") || strings.HasPrefix(w, "$") {
				return pkg{}, false
			}
			return spec(w, i), true
		}
	}
	return pkg{}, false
}

// single are options of docker run without a value.
var single = []string{"-i", "-t", "-it", "-ti", "-d", "--rm", "--init", "--interactive", "--tty", "--detach", "--privileged", "--read-only", "-P", "--publish-all", "--no-healthcheck", "--oom-kill-disable", "--sig-proxy", "-q", "--quiet"}

func image(words []string) (pkg, bool) {
	i := slices.Index(words, "run")
	if i < 0 {
		return pkg{}, false
	}
	for i++; i < len(words); i++ {
		w := words[i]
		if strings.HasPrefix(w, "-") {
			if !strings.Contains(w, "=") && !slices.Contains(single, w) {
				i++
			}
			continue
		}
		p := pkg{text: w, name: w, index: i, pinned: strings.Contains(w, "@sha256:")}
		if at := strings.LastIndexByte(w, ':'); at > strings.LastIndexByte(w, '/') && !p.pinned {
			p.name = w[:at]
			p.tagged = w[at+1:] != "latest"
		}
		return p, true
	}
	return pkg{}, false
}

func goModule(words []string) (pkg, bool) {
	for i, w := range words[2:] {
		if name, version, ok := strings.Cut(w, "@"); ok && !strings.HasPrefix(w, "-") {
			return pkg{text: w, name: name, index: i + 2, pinned: exact().MatchString(version)}, true
		}
	}
	return pkg{}, false
}

// wellKnown are packages of servers that many people use, and scopes of publishers.
var (
	wellKnown = []string{
		"@modelcontextprotocol/server-filesystem", "@modelcontextprotocol/server-memory", "@modelcontextprotocol/server-everything",
		"@modelcontextprotocol/server-sequential-thinking", "@modelcontextprotocol/server-github", "@modelcontextprotocol/server-postgres",
		"@modelcontextprotocol/server-slack", "@modelcontextprotocol/server-puppeteer", "@modelcontextprotocol/server-brave-search",
		"@modelcontextprotocol/inspector", "@playwright/mcp", "@upstash/context7-mcp", "@supabase/mcp-server-supabase", "@notionhq/notion-mcp-server",
		"@sentry/mcp-server", "@stripe/mcp", "@azure/mcp", "@browserbasehq/mcp", "chrome-devtools-mcp", "firecrawl-mcp", "figma-developer-mcp", "tavily-mcp", "exa-mcp-server", "mcp-remote",
		"mcp-server-fetch", "mcp-server-git", "mcp-server-time", "mcp-server-sqlite", "awslabs.aws-api-mcp-server", "mcp-atlassian", "mcp-proxy", "markitdown-mcp",
		"ghcr.io/github/github-mcp-server", "mcp/filesystem", "mcp/fetch",
	}
	wellKnownScopes = []string{"@modelcontextprotocol", "@anthropic-ai", "@playwright", "@supabase", "@notionhq", "@cloudflare", "@browserbasehq", "@microsoft", "@mastra", "@vercel", "@elastic", "@mongodb-js", "@hubspot", "@atlassian"}
)

// lookalike returns the well-known name that a name was made to be mistaken for.
func lookalike(name string) string {
	name = strings.ToLower(name)
	if len(name) < 7 || slices.Contains(wellKnown, name) {
		return ""
	}
	scope, rest, scoped := strings.Cut(name, "/")
	if scoped && strings.HasPrefix(scope, "@") {
		if slices.Contains(wellKnownScopes, scope) {
			return "" // the publisher's own
		}
		for _, k := range wellKnownScopes {
			if len(k) >= 8 && near(scope, k) {
				return k
			}
		}
		return ""
	}
	_ = rest
	for _, k := range wellKnown {
		if len(k) >= 9 && near(name, k) {
			return k
		}
		// "modelcontextprotocol-server-filesystem": the scope became part of the name.
		if flat := strings.NewReplacer("@", "", "/", "-").Replace(k); strings.HasPrefix(k, "@") && flat == name {
			return k
		}
	}
	return ""
}

// near reports one character more, less, other or swapped, or for long names two.
func near(a, b string) bool {
	limit := 1
	if len(b) >= 16 {
		limit = 2
	}
	d := distance(a, b, limit)
	return d > 0 && d <= limit
}

// distance counts edits (Damerau-Levenshtein, adjacent swaps as one) up to a limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
