// Package mcptest is a small server of the Model Context Protocol for tests, over
// standard streams and over HTTP, in both eras of the protocol.
package mcptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Server is what the server says of itself.
type Server struct {
	Name         string
	Instructions string
	Tools        []any
	Resources    []any
	Templates    []any
	Prompts      []any
	Page         int    // entries of one page; 0 for all
	Era          string // "legacy", "modern" or "both"; empty is legacy
	Protocol     string // revision of a legacy server; empty: what the client asks for
	Events       bool   // over HTTP: answer with events instead of JSON
}

type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  struct {
		Cursor   string                     `json:"cursor"`
		Protocol string                     `json:"protocolVersion"`
		Meta     map[string]json.RawMessage `json:"_meta"`
	} `json:"params"`
}

// Stdio answers lines until in ends.
func (s Server) Stdio(in io.Reader, out io.Writer) {
	r := bufio.NewScanner(in)
	r.Buffer(nil, 1<<20)
	for r.Scan() {
		if a := s.Answer(r.Bytes()); a != nil {
			fmt.Fprintf(out, "%s\n", a)
		}
	}
}

// Answer is the answer to a message, nil for a notification.
func (s Server) Answer(body []byte) []byte {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return failure(nil, -32700, err.Error(), nil)
	}
	if m.ID == nil {
		return nil
	}
	version := strings.Trim(string(m.Params.Meta["io.modelcontextprotocol/protocolVersion"]), `"`)
	switch {
	case s.Era == "modern" && version != "2026-07-28":
		return failure(m.ID, -32022, "unsupported protocol version", map[string]any{"supported": []string{"2026-07-28"}})
	case (s.Era == "" || s.Era == "legacy") && m.Method == "server/discover":
		return failure(m.ID, -32601, "Method not found", nil)
	}
	info := map[string]any{"name": s.Name, "version": "1.0.0"}
	offers := map[string]any{"tools": map[string]any{}}
	if s.Resources != nil || s.Templates != nil {
		offers["resources"] = map[string]any{}
	}
	if s.Prompts != nil {
		offers["prompts"] = map[string]any{}
	}
	switch m.Method {
	case "initialize":
		v := s.Protocol
		if v == "" {
			v = m.Params.Protocol
		}
		return success(m.ID, map[string]any{"protocolVersion": v, "capabilities": offers, "serverInfo": info, "instructions": s.Instructions})
	case "server/discover":
		return success(m.ID, map[string]any{"resultType": "complete", "supportedVersions": []string{"2026-07-28"}, "capabilities": offers, "serverInfo": info, "instructions": s.Instructions})
	case "tools/list":
		return s.page(m, "tools", s.Tools)
	case "resources/list":
		return s.page(m, "resources", s.Resources)
	case "resources/templates/list":
		return s.page(m, "resourceTemplates", s.Templates)
	case "prompts/list":
		return s.page(m, "prompts", s.Prompts)
	}
	return failure(m.ID, -32601, "Method not found", nil)
}

func (s Server) page(m message, key string, all []any) []byte {
	from, _ := strconv.Atoi(m.Params.Cursor)
	to := len(all)
	if s.Page > 0 {
		to = min(to, from+s.Page)
	}
	r := map[string]any{key: append([]any{}, all[min(from, to):to]...)}
	if to < len(all) {
		r["nextCursor"] = strconv.Itoa(to)
	}
	return success(m.ID, r)
}

func success(id json.RawMessage, result any) []byte {
	b, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "result": result})
	return b
}

func failure(id json.RawMessage, code int, text string, data any) []byte {
	b, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "error": map[string]any{"code": code, "message": text, "data": data}})
	return b
}

// Handler is the streamable transport. Sessions are checked as a strict server does.
func (s Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			return
		}
		if r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		var m message
		_ = json.Unmarshal(body, &m)
		old := s.Era == "" || s.Era == "legacy" || s.Era == "both" && m.Params.Meta == nil
		switch {
		case m.Method == "initialize" && s.Era != "modern":
			w.Header().Set("Mcp-Session-Id", "session-1")
		case old && r.Header.Get("Mcp-Session-Id") != "session-1":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(failure(nil, -32000, "Bad Request: Server not initialized", nil))
			return
		case !old && (r.Header.Get("Mcp-Method") != m.Method || r.Header.Get("MCP-Protocol-Version") == ""):
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write(failure(m.ID, -32020, "header mismatch", nil))
			return
		}
		a := s.Answer(body)
		switch {
		case a == nil:
			w.WriteHeader(http.StatusAccepted)
		case s.Events:
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, ": keep-alive\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\nid: 7\ndata: %s\n\n", a)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(a)
		}
	})
}
