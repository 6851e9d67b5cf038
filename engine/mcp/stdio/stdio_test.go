package stdio

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/engine/mcp/mcptest"
)

// The test program is the server, too: it is started again with a role as argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

func tool(name string) map[string]any {
	return map[string]any{"name": name, "description": "does " + name, "inputSchema": map[string]any{"type": "object"}}
}

func example() mcptest.Server {
	return mcptest.Server{Name: "example", Instructions: "Use with care.", Page: 2,
		Tools: []any{tool("a"), tool("b"), tool("c"), tool("d"), tool("e")}, Resources: []any{map[string]any{"uri": "file:///x", "name": "x"}},
		Templates: []any{map[string]any{"uriTemplate": "file:///{p}", "name": "t"}}, Prompts: []any{map[string]any{"name": "p"}}}
}

func serve(role string) {
	s := example()
	in := bufio.NewScanner(os.Stdin)
	// answer lets the server behave up to a method, and then do something else.
	until := func(method string, then func(line string)) {
		for in.Scan() {
			if strings.Contains(in.Text(), `"`+method+`"`) {
				then(in.Text())
				continue
			}
			if a := s.Answer(in.Bytes()); a != nil {
				fmt.Printf("%s\n", a)
			}
		}
	}
	// second does so with the second page of tools.
	second := func(then func()) {
		until("cursor", func(string) { then() })
	}
	switch role {
	case "legacy":
		s.Stdio(os.Stdin, os.Stdout)
	case "old":
		s.Protocol = "2024-11-05"
		s.Stdio(os.Stdin, os.Stdout)
	case "modern", "both":
		s.Era = role
		s.Stdio(os.Stdin, os.Stdout)
	case "future":
		s.Protocol = "2031-01-01"
		s.Stdio(os.Stdin, os.Stdout)
	case "silent about discover":
		until("server/discover", func(string) {})
	case "dies of discover":
		until("server/discover", func(string) { os.Exit(7) })
	case "noise":
		fmt.Println(`{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"hello"}}`)
		fmt.Println(`{"jsonrpc":"2.0","id":"s-1","method":"ping"}`)
		fmt.Println(`{"jsonrpc":"2.0","id":99,"result":{}}`)
		s.Stdio(os.Stdin, os.Stdout)
	case "hangs":
		select {}
	case "dies":
		fmt.Fprintln(os.Stderr, "cannot open the database")
		os.Exit(3)
	case "garbage":
		for in.Scan() {
			fmt.Println("Hello")
		}
	case "banner":
		fmt.Println("Welcome to the server!")
		s.Stdio(os.Stdin, os.Stdout)
	case "endless":
		for {
			_, _ = os.Stdout.WriteString(strings.Repeat("x", 1<<16))
		}
	case "hangs later":
		second(func() { select {} })
	case "dies later":
		second(func() { os.Exit(1) })
	case "garbage later":
		second(func() { fmt.Println("oops") })
	case "giant later":
		second(func() {
			fmt.Printf(`{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"%s"}]}}`+"\n", strings.Repeat("x", 9<<20))
		})
	case "flood later":
		second(func() {
			w := bufio.NewWriter(os.Stdout)
			for {
				if _, err := w.WriteString(`{"jsonrpc":"2.0","method":"notifications/progress","params":{}}` + "\n"); err != nil {
					return
				}
			}
		})
	case "circle later":
		second(func() { fmt.Println(`{"jsonrpc":"2.0","id":4,"result":{"tools":[],"nextCursor":"2"}}`) })
	case "wrong id later":
		second(func() { fmt.Println(`{"jsonrpc":"2.0","id":77,"result":{"tools":[]}}`) })
	case "no list":
		until("tools/list", func(string) { fmt.Println(`{"jsonrpc":"2.0","id":3,"result":{"tools":"many"}}`) })
	case "odd entries":
		until("tools/list", func(string) {
			fmt.Printf(`{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"good"},7,{"deep":%s%s}]}}`+"\n", strings.Repeat("[", 500), strings.Repeat("]", 500))
		})
	case "error":
		until("tools/list", func(string) {
			fmt.Println(`{"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"no \u001b[31mdatabase"}}`)
		})
	case "environment":
		s.Instructions = strings.Join(os.Environ(), "\n")
		s.Stdio(os.Stdin, os.Stdout)
	case "leaves a child":
		child, err := os.StartProcess(os.Args[0], []string{os.Args[0], "serve", "hangs"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
		if err != nil {
			panic(err)
		}
		s.Instructions = strconv.Itoa(child.Pid)
		s.Stdio(os.Stdin, os.Stdout)
	}
}

func inspect(t *testing.T, role string, limit time.Duration, o mcp.Options) (*mcp.Listing, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return mcp.Inspect(ctx, Dial(Command{Words: []string{os.Args[0], "serve", role}}), o)
}

func counts(l *mcp.Listing) []int {
	return []int{len(l.Tools), len(l.Resources), len(l.Templates), len(l.Prompts)}
}

func TestEras(t *testing.T) {
	for role, want := range map[string]string{
		"legacy": "2025-11-25", "old": "2024-11-05", "modern": "2026-07-28", "both": "2026-07-28",
		"silent about discover": "2025-11-25", "dies of discover": "2025-11-25", "noise": "2025-11-25",
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			probe := 30 * time.Second
			if role == "silent about discover" {
				probe = time.Millisecond
			}
			l, err := inspect(t, role, time.Minute, mcp.Options{Probe: probe})
			if err != nil {
				t.Fatal(err)
			}
			if l.Protocol != want || l.Server.Name != "example" || l.Instructions != "Use with care." || l.Transport != "stdio" {
				t.Errorf("%s %q %q %s, want %s", l.Protocol, l.Server.Name, l.Instructions, l.Transport, want)
			}
			if d := cmp.Diff([]int{5, 1, 1, 1}, counts(l)); d != "" || len(l.Problems) > 0 {
				t.Errorf("tools, resources, templates, prompts (-want +got):\n%s%v", d, l.Problems)
			}
		})
	}
}

func TestProtocolThatIsAskedFor(t *testing.T) {
	l, err := inspect(t, "both", time.Minute, mcp.Options{Protocol: "2025-03-26"})
	if err != nil || l.Protocol != "2025-03-26" || len(l.Tools) != 5 {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := inspect(t, "legacy", time.Minute, mcp.Options{Protocol: mcp.Newest}); err == nil {
		t.Error("an old server was taken for a new one")
	}
}

// What a server did before it went wrong is kept, and the problem says what it was.
func TestHostile(t *testing.T) {
	for _, tt := range []struct {
		role    string
		tools   int    // -1: no connection
		problem string // part of the error
		limit   time.Duration
	}{
		{"hangs", -1, "does not answer", 300 * time.Millisecond},
		{"dies", -1, "cannot open the database", 0},
		{"banner", 5, "", 0}, // not allowed, and common
		{"garbage", -1, `no message of JSON-RPC: "Hello"`, 0},
		{"endless", -1, "too long", 0},
		{"hangs later", 2, "does not answer", 5 * time.Second},
		{"dies later", 2, "ended the connection", 0},
		{"garbage later", 2, `no message of JSON-RPC: "oops"`, 0},
		{"giant later", 2, "too long", 0},
		{"flood later", 2, "messages that nobody asked for", 0},
		{"circle later", 2, "in a circle", 0},
		{"wrong id later", 2, "does not answer", 5 * time.Second},
		{"no list", 0, `no list "tools"`, 0},
		{"odd entries", 1, "entry 1", 0},
		{"error", 0, "-32603", 0},
		{"future", 5, "2031-01-01", 0},
	} {
		t.Run(tt.role, func(t *testing.T) {
			t.Parallel()
			if tt.limit == 0 {
				tt.limit = time.Minute
			}
			l, err := inspect(t, tt.role, tt.limit, mcp.Options{})
			if tt.tools < 0 {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("%v, want %q", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			said := fmt.Sprint(l.Problems)
			if len(l.Tools) != tt.tools || !strings.Contains(said, tt.problem) || strings.Contains(said, "\x1b") {
				t.Errorf("%d tools, problems %q; want %d and %q", len(l.Tools), said, tt.tools, tt.problem)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	l, err := inspect(t, "legacy", time.Minute, mcp.Options{Limits: mcp.Limits{Items: 3}})
	if err != nil || len(l.Tools) != 3 || !strings.Contains(fmt.Sprint(l.Problems), "more than 3 entries") {
		t.Errorf("%v %v", l, err)
	}
	l, err = inspect(t, "legacy", time.Minute, mcp.Options{Limits: mcp.Limits{Pages: 1}})
	if err != nil || len(l.Tools) != 2 || !strings.Contains(fmt.Sprint(l.Problems), "more than 1 pages") {
		t.Errorf("%v %v", l, err)
	}
}

func TestEnvironmentIsSmall(t *testing.T) {
	t.Setenv("SERVICE_TOKEN", "not for servers")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	l, err := mcp.Inspect(ctx, Dial(Command{Words: []string{os.Args[0], "serve", "environment"}, Env: []string{"NAMED=1"}}), mcp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(l.Instructions, "SERVICE_TOKEN") || !strings.Contains(l.Instructions, "NAMED=1") || !strings.Contains(l.Instructions, "PATH=") {
		t.Error("the environment of the server is not the usual one and what was named")
	}
}

func TestChildrenEnd(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("process groups are tried on Linux")
	}
	l, err := inspect(t, "leaves a child", time.Minute, mcp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(l.Instructions)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 { // the kernel ends it in its own time
		state, err := os.ReadFile(filepath.Join("/proc", l.Instructions, "stat"))
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

func TestProgramThatIsNotThere(t *testing.T) {
	_, err := mcp.Inspect(t.Context(), Dial(Command{Words: []string{"/no/such/program"}}), mcp.Options{})
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Error(err)
	}
}
