package cli

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// public is the program of a public server, which scripts/setup.sh has installed.
func public(t *testing.T, name string) string {
	t.Helper()
	in := "node_modules/@modelcontextprotocol/" + name + "/dist/index.js"
	if name == "newest" {
		in = "newest.mjs" // made with the official SDK
	}
	file, err := filepath.Abs("../../.cache/mcp/" + in)
	if err != nil {
		t.Fatal(err)
	}
	_, noNode := exec.LookPath("node")
	if _, err := os.Stat(file); err != nil || noNode != nil {
		if os.Getenv("CI") == "" {
			t.Skip("run scripts/setup.sh to install the public servers")
		}
		t.Fatal("scripts/setup.sh has not installed the public servers")
	}
	return file
}

// publicReport is what a report in JSON says.
type publicReport struct {
	Findings []struct{ Rule, Severity, Message string }
	Coverage struct{ Errors []struct{ Error string } }
}

// inspectPublic expects a report without findings, and these tools among those saved.
func inspectPublic(t *testing.T, tools []string, args ...string) {
	t.Helper()
	saved := filepath.Join(t.TempDir(), "saved.mcp-listing.json")
	var out, errs bytes.Buffer
	code := Main(append([]string{"agent", "inspect", "--format", "json", "--save", saved, "--timeout", "90s"}, args...), nil, &out, &errs)
	var r publicReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("code %d: %v: %s", code, err, errs.String())
	}
	if code != 0 || len(r.Findings) > 0 || len(r.Coverage.Errors) > 0 {
		t.Errorf("code %d, %+v", code, r)
	}
	b, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tools {
		if !bytes.Contains(b, []byte(`"name": "`+name+`"`)) {
			t.Errorf("tool %s is not listed", name)
		}
	}
}

func TestPublicServers(t *testing.T) {
	everything := []string{"echo", "get-sum", "get-env"}
	t.Run("everything over stdio", func(t *testing.T) {
		inspectPublic(t, everything, "--stdio", "node "+public(t, "server-everything")+" stdio")
	})
	t.Run("filesystem over stdio", func(t *testing.T) {
		inspectPublic(t, []string{"read_text_file", "write_file", "list_allowed_directories"}, "--stdio", "node "+public(t, "server-filesystem")+" "+t.TempDir())
	})
	t.Run("everything over HTTP", func(t *testing.T) {
		inspectPublic(t, everything, "--url", start(t, "server-everything", "streamableHttp")+"/mcp")
	})
	t.Run("everything over HTTP with events", func(t *testing.T) {
		inspectPublic(t, everything, "--url", start(t, "server-everything", "sse")+"/sse")
	})
	t.Run("newest revision over stdio", func(t *testing.T) {
		inspectPublic(t, []string{"add"}, "--protocol", "2026-07-28", "--stdio", "node "+public(t, "newest"))
	})
	t.Run("newest revision over HTTP", func(t *testing.T) {
		inspectPublic(t, []string{"add"}, "--protocol", "2026-07-28", "--url", start(t, "newest", "")+"/mcp")
	})
}

// start runs a server on a free port of this machine.
func start(t *testing.T, name, transport string) string {
	t.Helper()
	file := public(t, name)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	args := []string{file, transport}
	if transport == "" {
		args[1] = port
	}
	cmd := exec.Command("node", args...)
	cmd.Env = append(os.Environ(), "PORT="+port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get(address + "/"); err == nil {
			_ = resp.Body.Close()
			return address
		}
	}
	t.Fatal("the server did not start")
	return ""
}
