package formats

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
)

// Context is a kind of place where credentials lie around.
type Context struct {
	Name string
	Text func(name, value string) string
}

// Contexts are the six places that samples are put into.
func Contexts() []Context {
	return []Context{
		{"code", func(n, v string) string {
			if strings.Contains(v, "\n") {
				return "import os\n\n" + n + " = \"\"\"" + v + "\"\"\"\nprint(os.name)\n"
			}
			if strings.Contains(v, `"`) {
				return "import os\n\n" + n + " = '" + v + "'\nprint(os.name)\n"
			}
			return "import os\n\n" + n + " = \"" + v + "\"\nprint(os.name)\n"
		}},
		{"env", func(n, v string) string {
			if strings.Contains(v, "\n") {
				v = `"` + strings.ReplaceAll(v, "\n", `\n`) + `"`
			} else if strings.ContainsAny(v, "\"#;()<>&|$`") {
				v = "'" + v + "'"
			}
			return "DEBUG=1\n" + n + "=" + v + "\nPORT=80\n"
		}},
		{"yaml", func(n, v string) string {
			if strings.Contains(v, "\n") {
				v = "|\n    " + strings.ReplaceAll(strings.TrimSpace(v), "\n", "\n    ")
			} else if strings.ContainsAny(v, ":#@%&*!|<>{}[](") {
				v = strconv.Quote(v)
			}
			return "service:\n  " + strings.ToLower(n) + ": " + v + "\n  port: 80\n"
		}},
		{"json", func(n, v string) string {
			return `{"a": 1, ` + quote(strings.ToLower(n)) + `: ` + quote(v) + `, "b": 2}`
		}},
		{"url", func(n, v string) string {
			if strings.Contains(v, "\n") {
				return "curl -d '{" + quote(strings.ToLower(n)) + ": " + quote(v) + "}' https://api.corp.internal/v1/things\n"
			}
			if strings.Contains(v, "://") && !strings.ContainsAny(v, "{ ") {
				return "curl -X POST '" + v + "'\n"
			}
			if strings.HasPrefix(v, "Authorization: ") {
				return "curl -H '" + v + "' https://api.corp.internal/v1/things\n"
			}
			if strings.ContainsAny(v, "\"#<> {}") {
				v = url.QueryEscape(v)
			}
			return "GET https://api.corp.internal/v1/things?limit=10&" + strings.ToLower(n) + "=" + v + "\n"
		}},
		{"notebook", func(n, v string) string {
			line := quote("{'" + n + "': '" + strings.ReplaceAll(v, "\n", `\n`) + "', 'ok': \"yes\"}\n")
			return `{"cells":[{"cell_type":"code","outputs":[{"output_type":"stream","text":["connected\n",` + line + `]}]}],"nbformat":4}`
		}},
	}
}

// quote is a JSON string, without the escapes that only HTML needs.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}

// neutral are names that say nothing of an issuer.
var neutral = []string{"TOKEN", "CREDENTIAL", "KEY", "VALUE", "AUTH"}

// Name chooses a variable for a value.
func (f Format) Name(r *rand.Rand) string {
	if len(f.Names) == 0 {
		return neutral[r.IntN(len(neutral))]
	}
	return f.Names[r.IntN(len(f.Names))]
}
