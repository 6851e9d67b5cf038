// Package web speaks with a server of the Model Context Protocol over HTTP: the
// streamable transport of 2025-03-26 and later with answers in JSON or as events, its
// form without sessions of 2026-07-28, and HTTP with server-sent events of 2024-11-05.
//
// It follows no redirects and sends its headers to the given address alone.
package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/text"
)

// Server is where to find the server.
type Server struct {
	URL    string            // http or https
	Header map[string]string // sent with every request, for authentication. Optional
}

// Check says what is wrong with an address.
func Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q is no address of a server: write https://HOST/PATH", text.Visible(text.Cut(address, 80)))
	case u.User != nil:
		return errors.New("an address with a password in it: send it with --header")
	}
	return nil
}

// Dial returns what makes a connection.
func Dial(s Server) mcp.Dialer {
	return func(_ context.Context, b *mcp.Budget) (mcp.Transport, error) {
		if err := Check(s.URL); err != nil {
			return nil, err
		}
		return &endpoint{server: s, budget: b, client: client()}, nil
	}
}

func client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
			ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 2,
			TLSHandshakeTimeout: 15 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpoint is the streamable transport.
type endpoint struct {
	server  Server
	budget  *mcp.Budget
	client  *http.Client
	session string
	version string // that was agreed on
}

// Kind implements [mcp.Transport].
func (*endpoint) Kind() string { return "http" }

const maxSession = 1024 // bytes of Mcp-Session-Id

// Call implements [mcp.Transport].
func (e *endpoint) Call(ctx context.Context, r mcp.Request) (mcp.Message, error) {
	resp, err := e.post(ctx, r)
	if err != nil {
		return mcp.Message{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if m, err := refused(resp); m != nil || err != nil {
		if m != nil {
			return *m, nil
		}
		return mcp.Message{}, err
	}
	if id := resp.Header.Get("Mcp-Session-Id"); r.Method == "initialize" && len(id) <= maxSession {
		e.session = id
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch kind {
	case "text/event-stream":
		events := newEvents(resp.Body, e.budget)
		return mcp.Wait(ctx, e.budget, r.ID, events.message, func(ctx context.Context, body []byte) error {
			return e.Notify(ctx, mcp.Request{Protocol: r.Protocol, Body: body})
		})
	case "application/json":
		body, err := read(resp.Body, e.budget.Message())
		if err != nil {
			return mcp.Message{}, err
		}
		once := func(context.Context) ([]byte, error) {
			b := body
			if body = nil; b == nil {
				return nil, errors.New("the answer of the server has another id than the question")
			}
			return b, nil
		}
		return mcp.Wait(ctx, e.budget, r.ID, once, nil)
	}
	return mcp.Message{}, &mcp.StatusError{Status: 415, Text: fmt.Sprintf("the server answers with %q, which is neither JSON nor a stream of events: is this the address of an MCP server?", text.Visible(text.Cut(kind, 40)))}
}

// Notify implements [mcp.Transport].
func (e *endpoint) Notify(ctx context.Context, r mcp.Request) error {
	resp, err := e.post(ctx, r)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return status(resp, "")
	}
	return nil
}

func (e *endpoint) post(ctx context.Context, r mcp.Request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.server.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	e.headers(req)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if r.Protocol != "" {
		e.version = r.Protocol
		req.Header.Set("MCP-Protocol-Version", r.Protocol)
	}
	if r.Protocol >= mcp.Newest && r.Method != "" {
		req.Header.Set("Mcp-Method", r.Method)
	}
	return do(e.client, req)
}

func (e *endpoint) headers(req *http.Request) {
	for k, v := range e.server.Header {
		req.Header.Set(k, v)
	}
	req.Header.Set("User-Agent", "merlon")
	if e.session != "" {
		req.Header.Set("Mcp-Session-Id", e.session)
	}
}

// do leaves the query out of errors: it may hold a key.
func do(c *http.Client, req *http.Request) (*http.Response, error) {
	resp, err := c.Do(req)
	var u *url.Error
	if errors.As(err, &u) {
		return nil, fmt.Errorf("%s://%s: %w", req.URL.Scheme, req.URL.Host, u.Err)
	}
	return resp, err
}

// Close ends the session.
func (e *endpoint) Close() error {
	if e.session != "" {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if req, err := http.NewRequestWithContext(ctx, http.MethodDelete, e.server.URL, nil); err == nil {
			e.headers(req)
			req.Header.Set("MCP-Protocol-Version", e.version)
			if resp, err := e.client.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
		e.session = ""
	}
	e.client.CloseIdleConnections()
	return nil
}

// refused reads an answer that is no success: the error of JSON-RPC in it where it
// means something to the protocol, a [mcp.StatusError] otherwise.
func refused(resp *http.Response) (*mcp.Message, error) {
	if resp.StatusCode < 300 {
		return nil, nil
	}
	said := ""
	if resp.StatusCode >= 400 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		if m, err := mcp.Parse(body); err == nil && m.Error != nil {
			if m.Error.Modern() || m.Error.Code == -32601 {
				return &m, nil
			}
			said = m.Error.Message
		}
	}
	return nil, status(resp, said)
}

func status(resp *http.Response, said string) error {
	e := &mcp.StatusError{Status: resp.StatusCode, Text: "the server answers with HTTP status " + resp.Status}
	switch to, _ := resp.Location(); {
	case resp.StatusCode == 401 || resp.StatusCode == 403:
		e.Text += ": it wants authentication, which --header can give"
	case resp.StatusCode < 400 && to != nil:
		e.Text += ": it sends to " + text.Visible(text.CutMiddle(to.Scheme+"://"+to.Host+to.EscapedPath(), 100)) + ", and redirects are not followed; name that address if it is meant"
	case said != "":
		e.Text += ": " + text.Visible(text.Cut(said, 120))
	}
	return e
}

func read(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if len(b) > limit {
		return nil, fmt.Errorf("the server has sent a message that is too long: more than %d MB", limit>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", mcp.ErrClosed, err)
	}
	return b, nil
}

// Older tries the transport of 2024-11-05: a stream of events that names the address
// for messages.
func (e *endpoint) Older(ctx context.Context) (mcp.Transport, error) {
	life, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, cancel)
	s, err := e.stream(life, cancel)
	if err != nil {
		stop()
		cancel()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return s, nil
}

func (e *endpoint) stream(ctx context.Context, cancel context.CancelFunc) (*stream, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.server.URL, nil)
	if err != nil {
		return nil, err
	}
	e.headers(req)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := do(e.client, req)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode >= 300 || kind != "text/event-stream" {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("a GET is answered with HTTP status %s and %q", resp.Status, text.Visible(text.Cut(kind, 40)))
	}
	events := newEvents(resp.Body, e.budget)
	first, err := events.next()
	if err == nil && first.kind != "endpoint" {
		err = fmt.Errorf("the stream begins with %q instead of \"endpoint\"", text.Visible(text.Cut(first.kind, 40)))
	}
	var to *url.URL
	if err == nil {
		to, err = req.URL.Parse(strings.TrimSpace(string(first.data)))
	}
	if err == nil && (to.Scheme != req.URL.Scheme || to.Host != req.URL.Host || to.User != nil) {
		err = fmt.Errorf("the server sends messages to another one, %s", text.Visible(text.Cut(to.Scheme+"://"+to.Host, 80)))
	}
	if err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	s := &stream{endpoint: e, to: to.String(), body: resp.Body, cancel: cancel, messages: make(chan []byte), stop: ctx.Done()}
	go s.read(events)
	return s, nil
}
