package secret_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// format is a line of testdata/formats.tsv: what a credential looks like, in a
// notation of its own, and where its issuer documents it. Nothing here reads the
// patterns of the detector: a pattern that is changed by mistake no longer finds what
// the table says.
type format struct {
	id    string
	forms []string
	name  string
	exact bool // every form has one length
	self  bool // it can be told without its name
}

var hole = regexp.MustCompile(`\{(\d+)(?:-(\d+))?:([^}]+)\}`)

func readFormats(t testing.TB) []format {
	t.Helper()
	f, err := os.Open("testdata/formats.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []format
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		cells := strings.Split(s.Text(), "\t")
		if len(cells) != 4 || !strings.HasPrefix(cells[3], "https://") {
			t.Fatalf("line %q has not four cells with a document in the last", s.Text())
		}
		x := format{id: cells[0], forms: strings.Split(cells[1], " "), name: cells[2], exact: true, self: cells[2] == "TOKEN"}
		for _, form := range x.forms {
			for _, m := range hole.FindAllStringSubmatch(form, -1) {
				x.exact = x.exact && m[2] == ""
			}
		}
		list = append(list, x)
	}
	return list
}

var alphabets = map[string]string{
	"hex": "0123456789abcdef", "HEX": "0123456789ABCDEF", "digit": "0123456789",
	"lower": "abcdefghijklmnopqrstuvwxyz", "lower36": "abcdefghijklmnopqrstuvwxyz0123456789", "upper36": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "lower32": "abcdefghijklmnopqrstuvwxyz234567",
	"alnum":  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	"word":   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_",
	"b64":    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"b64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
}

// letters expands the name of an alphabet, or a set as regular expressions write it.
func letters(name string) string {
	set, ok := strings.CutPrefix(name, "set:")
	if !ok {
		return alphabets[name]
	}
	out := ""
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			for c := set[i]; c <= set[i+2]; c++ {
				out += string(c)
			}
			i += 2
			continue
		}
		out += set[i : i+1]
	}
	return strings.ReplaceAll(out, `\w`, alphabets["word"])
}

// sample makes a value of a form.
func (f format) sample(r *rand.Rand) string {
	v := hole.ReplaceAllStringFunc(f.forms[r.IntN(len(f.forms))], func(h string) string {
		m := hole.FindStringSubmatch(h)
		n, _ := strconv.Atoi(m[1])
		if m[2] != "" {
			most, _ := strconv.Atoi(m[2])
			n += r.IntN(most - n + 1)
		}
		set := letters(m[3])
		b := make([]byte, n)
		for i := range b {
			b[i] = set[r.IntN(len(set))]
		}
		return string(b)
	})
	return checksum(f.id, v, r)
}

// checksum completes the formats that carry more than characters, as their issuers
// document it.
func checksum(id, v string, r *rand.Rand) string {
	switch {
	case strings.HasPrefix(id, "github-") && id != "github-fine-grained-token", id == "npm-token":
		i := strings.IndexByte(v, '_') + 1
		body := v[i : len(v)-6]
		n, sum := crc32.ChecksumIEEE([]byte(body)), ""
		for range 6 {
			sum = string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[n%62]) + sum
			n /= 62
		}
		return v[:i] + body + sum
	case id == "grafana-service-account-token":
		body := v[len("glsa_") : len(v)-9]
		return "glsa_" + body + fmt.Sprintf("_%08x", crc32.ChecksumIEEE([]byte(body)))
	case id == "discord-bot-token":
		_, rest, _ := strings.Cut(v, ".")
		return strings.TrimRight(base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d", 1e17+r.Int64N(9e17))), "=") + "." + rest
	case id == "kubeconfig-client-key":
		b := make([]byte, 120)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: b}))
	case id == "docker-auth":
		return base64.StdEncoding.EncodeToString([]byte("builder:" + v[:14]))
	}
	return v
}

// contexts are the places where credentials lie around.
var contexts = []struct {
	name string
	text func(name, value string) string
}{
	{"code", func(n, v string) string { return "import os\n\n" + n + " = \"" + v + "\"\nprint(os.name)\n" }},
	{"env", func(n, v string) string { return "DEBUG=1\n" + n + "=" + v + "\nPORT=80\n" }},
	{"yaml", func(n, v string) string { return "service:\n  " + strings.ToLower(n) + ": " + v + "\n  port: 80\n" }},
	{"json", func(n, v string) string { return `{"a": 1, "` + strings.ToLower(n) + `": "` + v + `", "b": 2}` }},
	{"url", func(n, v string) string {
		if strings.Contains(v, "://") {
			return "curl -X POST " + v + "\n"
		}
		return "GET https://api.internal/v1/things?limit=10&" + strings.ToLower(n) + "=" + v + "\n"
	}},
	{"notebook", func(n, v string) string {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode([]string{"connected\n", "{'" + n + "': '" + v + "', 'ok': \"yes\"}\n"})
		return `{"cells":[{"cell_type":"code","outputs":[{"output_type":"stream","text":` + b.String() + `}]}],"nbformat":4}`
	}},
}
