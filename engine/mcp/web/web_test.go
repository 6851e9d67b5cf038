package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/engine/mcp/mcptest"
)

func example() mcptest.Server {
	s := mcptest.Server{Name: "example", Instructions: "Use with care.", Page: 2, Prompts: []any{map[string]any{"name": "p"}}}
	for _, n := range []string{"a", "b", "c"} {
		s.Tools = append(s.Tools, map[string]any{"name": n})
	}
	return s
}

func inspect(t *testing.T, address string, limit time.Duration, h map[string]string) (*mcp.Listing, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return mcp.Inspect(ctx, Dial(Server{URL: address, Header: h}), mcp.Options{})
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestEras(t *testing.T) {
	for _, tt := range []struct {
		era, protocol string
		events        bool
	}{
		{"legacy", "2025-11-25", false}, {"legacy", "2025-11-25", true}, {"modern", "2026-07-28", false}, {"both", "2026-07-28", true},
	} {
		s := example()
		s.Era, s.Events = tt.era, tt.events
		l, err := inspect(t, serve(t, s.Handler().ServeHTTP)+"/mcp", time.Minute, nil)
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		if l.Protocol != tt.protocol || l.Transport != "http" || len(l.Tools) != 3 || len(l.Prompts) != 1 || l.Problems != nil {
			t.Errorf("%+v: %+v", tt, l)
		}
	}
}

// old is a server of 2024-11-05: a stream of events, and an address for messages.
func old(messages string) http.HandlerFunc {
	answers := make(chan []byte, 10)
	s := example()
	s.Protocol = "2024-11-05"
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/sse" && r.Method == http.MethodGet:
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "event: endpoint\r\ndata: %s\r\n\r\n", messages)
			w.(http.Flusher).Flush()
			for {
				select {
				case a := <-answers:
					fmt.Fprintf(w, "event: message\ndata: %s\n\n", a)
					w.(http.Flusher).Flush()
				case <-r.Context().Done():
					return
				}
			}
		case r.URL.Path == "/messages" && r.URL.RawQuery == "session=1" && r.Method == http.MethodPost:
			b, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusAccepted)
			if a := s.Answer(b); a != nil {
				answers <- a
			}
		default:
			http.NotFound(w, r)
		}
	}
}

func TestOlderTransport(t *testing.T) {
	l, err := inspect(t, serve(t, old("/messages?session=1"))+"/sse", time.Minute, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.Protocol != "2024-11-05" || l.Transport != "sse" || len(l.Tools) != 3 || l.Problems != nil {
		t.Errorf("%+v", l)
	}
	_, err = inspect(t, serve(t, old("http://other.example/messages"))+"/sse", time.Minute, nil)
	if err == nil || !strings.Contains(err.Error(), "other.example") {
		t.Errorf("messages would go to another server: %v", err)
	}
}

func TestHostile(t *testing.T) {
	ok := func(w http.ResponseWriter, kind string) { w.Header().Set("Content-Type", kind) }
	for name, tt := range map[string]struct {
		do    http.HandlerFunc
		want  string
		limit time.Duration
	}{
		"web site":  {func(w http.ResponseWriter, _ *http.Request) { ok(w, "text/html"); fmt.Fprint(w, "<html>") }, "is this the address", 0},
		"not found": {http.NotFound, "404", 0},
		"login":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "--header", 0},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://other.example/x", http.StatusTemporaryRedirect)
		}, "other.example", 0},
		"broken":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "502", 0},
		"garbage": {func(w http.ResponseWriter, _ *http.Request) { ok(w, "application/json"); fmt.Fprint(w, "{]") }, "no message of JSON-RPC", 0},
		"other id": {func(w http.ResponseWriter, _ *http.Request) {
			ok(w, "application/json")
			fmt.Fprint(w, `{"jsonrpc":"2.0","id":70,"result":{}}`)
		}, "another id", 0},
		"stream ends": {func(w http.ResponseWriter, _ *http.Request) {
			ok(w, "text/event-stream")
			fmt.Fprint(w, "data: {\"jsonrpc\"")
		}, "ended the connection", 0},
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "does not answer", 300 * time.Millisecond},
		"hanging stream": {func(w http.ResponseWriter, r *http.Request) {
			ok(w, "text/event-stream")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "does not answer", 300 * time.Millisecond},
		"giant": {func(w http.ResponseWriter, _ *http.Request) {
			ok(w, "application/json")
			for range 10 {
				fmt.Fprint(w, strings.Repeat(" ", 1<<20))
			}
		}, "too long", 0},
		"endless comments": {func(w http.ResponseWriter, _ *http.Request) {
			ok(w, "text/event-stream")
			for line := ":" + strings.Repeat("x", 1<<20) + "\n"; ; {
				if _, err := fmt.Fprint(w, line); err != nil {
					return
				}
			}
		}, "more than 64 MB", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.limit == 0 {
				tt.limit = time.Minute
			}
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body) // the connection's end is noticed only behind the body
				tt.do(w, r)
			}))
			s.Start()
			defer s.Close()
			defer s.CloseClientConnections()
			_, err := inspect(t, s.URL, tt.limit, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestHeadersGoToTheServer(t *testing.T) {
	s := example()
	seen := map[string]bool{}
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen[r.Header.Get("Authorization")] = true
		s.Handler().ServeHTTP(w, r)
	})
	if _, err := inspect(t, address, time.Minute, map[string]string{"authorization": "Bearer x"}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]bool{"Bearer x": true}, seen); d != "" {
		t.Error(d)
	}
}

func TestCheck(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://mcp.example.com/mcp": true, "http://127.0.0.1:3000/sse": true,
		"mcp.example.com": false, "ftp://example.com": false, "https://user:pass@example.com/": false, "file:///etc/passwd": false, "": false,
	} {
		if err := Check(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add("event: message\ndata: {}\n\n: x\ndata: a\ndata: b\n\n")
	f.Fuzz(func(_ *testing.T, s string) {
		_, _ = mcp.Inspect(context.Background(), func(_ context.Context, b *mcp.Budget) (mcp.Transport, error) {
			e := newEvents(strings.NewReader(s), b)
			for {
				if _, err := e.next(); err != nil {
					return nil, err
				}
			}
		}, mcp.Options{})
	})
}
