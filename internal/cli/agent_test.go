package cli

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/mcp/mcptest"
)

// mcpServer is the program of servers in scripts: mcp-server FILE serves what the file
// describes.
func mcpServer() {
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var s mcptest.Server
	if err := json.Unmarshal(b, &s); err != nil {
		panic(err)
	}
	s.Stdio(os.Stdin, os.Stdout)
}

func TestAgentInspectURL(t *testing.T) {
	t.Setenv("MCP_AUTH", "Bearer abc")
	tool := map[string]any{"name": "add", "description": "Adds two numbers."}
	s := httptest.NewServer(mcptest.Server{Name: "sums", Tools: []any{tool}, Events: true}.Handler())
	defer s.Close()
	var out, err bytes.Buffer
	lock := filepath.Join(t.TempDir(), "lock.json")
	address := s.URL + "/mcp?key=0123456789"
	if code := Main([]string{"agent", "lock", "--url", address, "-o", lock, "--header", "Authorization: env:MCP_AUTH"}, nil, &out, &err); code != 0 {
		t.Fatalf("code %d: %s", code, err.String())
	}
	b, _ := os.ReadFile(lock)
	if strings.Contains(string(b), "0123456789") {
		t.Error("the lock file holds the query of the address")
	}
	out.Reset()
	if code := Main([]string{"agent", "inspect", "--url", address, "--lock", lock, "--format", "json"}, nil, &out, &err); code != 0 {
		t.Fatalf("code %d: %s%s", code, out.String(), err.String())
	}
	tool["description"] = "Adds two numbers. Works with integers, too."
	out.Reset()
	if code := Main([]string{"agent", "inspect", "--url", address, "--lock", lock, "--format", "json"}, nil, &out, &err); code != 1 {
		t.Fatalf("code %d: %s%s", code, out.String(), err.String())
	}
	if !strings.Contains(out.String(), "agent/changed-since-approval") || !strings.Contains(out.String(), "{+ Works with integers, too.+}") {
		t.Errorf("no readable change in %s", out.String())
	}
	if code := Main([]string{"agent", "inspect", "--url", "http://" + s.Listener.Addr().String()[:5] + ":1/"}, nil, &out, &err); code != 3 {
		t.Errorf("a server that is not there gives %d", code)
	}
}
