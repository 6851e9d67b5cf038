package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/merlon-security/merlon/text"
)

// The revisions of the protocol that are spoken, the newest first.
const (
	Newest = "2026-07-28"
	legacy = "2025-11-25" // the newest that begins with initialize
)

// Revisions lists the revisions that are spoken, the newest first.
func Revisions() []string { return []string{Newest, legacy, "2025-06-18", "2025-03-26", "2024-11-05"} }

// Options say how a server is asked.
type Options struct {
	Protocol string        // one of [Revisions]; the server is asked for no other. Optional
	Version  string        // of this program
	Probe    time.Duration // how long a server may take to answer the first question. Optional, default 10 s
	Limits   Limits        // Optional
}

// Listing is what a server says of itself, as it says it.
type Listing struct {
	Transport    string // "stdio", "http", "sse"
	Protocol     string // the revision that was agreed on
	Server       Implementation
	Instructions string
	Tools        []json.RawMessage // objects, in the order of the server
	Resources    []json.RawMessage
	Templates    []json.RawMessage
	Prompts      []json.RawMessage
	Problems     []error // what could not be listed, and why
}

// Implementation is the name that a server gives itself. Nothing proves it.
type Implementation struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Version string `json:"version,omitempty"`
}

// Inspect connects, lists everything and disconnects. An error says that no connection
// came about; what went wrong later is in the listing.
func Inspect(ctx context.Context, dial Dialer, o Options) (*Listing, error) {
	if o.Probe <= 0 {
		o.Probe = 10 * time.Second
	}
	c := &client{options: o, dial: dial, budget: &Budget{limits: o.Limits.withDefaults()}}
	defer c.close()
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	c.listing.Transport, c.listing.Protocol = c.transport.Kind(), c.protocol
	c.lists(ctx)
	return &c.listing, nil
}

// client is one inspection.
type client struct {
	options   Options
	dial      Dialer
	budget    *Budget
	transport Transport
	protocol  string
	offers    map[string]json.RawMessage // capabilities
	id        int
	items     int
	listing   Listing
}

func (c *client) close() {
	if c.transport != nil {
		_ = c.transport.Close()
	}
}

// stateless reports a revision in which each request speaks for itself.
func (c *client) stateless() bool { return c.protocol >= Newest }

func (c *client) me() map[string]string {
	v := c.options.Version
	if v == "" {
		v = "devel"
	}
	return map[string]string{"name": "merlon", "version": v}
}

// request makes a message; params may be nil.
func (c *client) request(method string, params map[string]any, notification bool) Request {
	r := Request{Method: method, Protocol: c.protocol}
	m := Message{Version: "2.0", Method: method}
	if !notification {
		c.id++
		r.ID = c.id
		m.ID = json.RawMessage(fmt.Sprint(c.id))
	}
	if c.stateless() {
		all := map[string]any{"_meta": map[string]any{
			"io.modelcontextprotocol/protocolVersion":    c.protocol,
			"io.modelcontextprotocol/clientInfo":         c.me(),
			"io.modelcontextprotocol/clientCapabilities": map[string]any{},
		}}
		for k, v := range params {
			all[k] = v
		}
		params = all
	}
	if params != nil {
		m.Params, _ = json.Marshal(params)
	}
	r.Body, _ = json.Marshal(m)
	return r
}

// call asks and decodes the result into v.
func (c *client) call(ctx context.Context, method string, params map[string]any, v any) error {
	m, err := c.transport.Call(ctx, c.request(method, params, false))
	if err != nil {
		return err
	}
	if m.Error != nil {
		return m.Error
	}
	if err := json.Unmarshal(m.Result, v); err != nil {
		return fmt.Errorf("the answer to %s is not what the protocol says: %w", method, err)
	}
	return nil
}

// connect finds out what the server speaks, after "Backward Compatibility" of both
// transports in 2026-07-28: server/discover comes first, and anything but an answer or
// an error that only new servers know means initialize.
func (c *client) connect(ctx context.Context) (err error) {
	if c.transport, err = c.dial(ctx, c.budget); err != nil {
		return err
	}
	if p := c.options.Protocol; p != "" && p < Newest {
		return c.initialize(ctx, p)
	}
	c.protocol = Newest
	probe, cancel := context.WithTimeout(ctx, c.options.Probe)
	old, err := c.discover(probe)
	cancel()
	switch {
	case err == nil && old == "":
		return nil
	case c.options.Protocol != "":
		if err == nil {
			err = fmt.Errorf("the server speaks %s, not %s", old, Newest)
		}
		return err
	case err == nil:
		return c.initialize(ctx, old)
	case ctx.Err() != nil:
		return c.late(ctx)
	}
	var status *StatusError
	if errors.As(err, &status) && (status.Status == 401 || status.Status == 403 || status.Status < 400) {
		return err
	}
	if errors.Is(err, ErrClosed) { // some old servers die of a question that they do not know
		c.close()
		if c.transport, err = c.dial(ctx, c.budget); err != nil {
			return err
		}
	}
	slow := errors.Is(err, context.DeadlineExceeded)
	err = c.initialize(ctx, legacy)
	var e *Error
	if slow && errors.As(err, &e) { // a new server that needed long to start
		c.protocol = Newest
		_, err = c.discover(ctx)
	}
	return err
}

// discover asks a server of 2026-07-28 who it is. old is the revision to use instead.
func (c *client) discover(ctx context.Context) (old string, err error) {
	var r struct {
		Versions     []string                   `json:"supportedVersions"`
		Capabilities map[string]json.RawMessage `json:"capabilities"`
		Server       Implementation             `json:"serverInfo"`
		Meta         map[string]json.RawMessage `json:"_meta"`
		Instructions string                     `json:"instructions"`
	}
	err = c.call(ctx, "server/discover", nil, &r)
	var e *Error
	if errors.As(err, &e) && e.Modern() {
		var data struct {
			Supported []string `json:"supported"`
		}
		_ = json.Unmarshal(e.Data, &data)
		if old = common(data.Supported); old == "" || old == Newest {
			return "", fmt.Errorf("%w; merlon speaks %s to %s", err, "2024-11-05", Newest)
		}
		return old, nil
	}
	if err != nil {
		return "", err
	}
	if r.Versions == nil {
		return "", errors.New("the answer to server/discover names no version")
	}
	if v := common(r.Versions); v != Newest {
		if v == "" {
			return "", fmt.Errorf("the server speaks %s, and merlon 2024-11-05 to %s", text.Visible(text.Cut(fmt.Sprint(r.Versions), 80)), Newest)
		}
		return v, nil
	}
	if r.Server.Name == "" {
		_ = json.Unmarshal(r.Meta["io.modelcontextprotocol/serverInfo"], &r.Server)
	}
	c.offers, c.listing.Server, c.listing.Instructions = r.Capabilities, r.Server, r.Instructions
	return "", nil
}

// common is the newest revision that both sides speak.
func common(theirs []string) string {
	for _, v := range Revisions() {
		if slices.Contains(theirs, v) {
			return v
		}
	}
	return ""
}

// initialize begins a session, as revisions up to 2025-11-25 do.
func (c *client) initialize(ctx context.Context, version string) error {
	c.protocol = ""
	var r struct {
		Protocol     string                     `json:"protocolVersion"`
		Capabilities map[string]json.RawMessage `json:"capabilities"`
		Server       Implementation             `json:"serverInfo"`
		Instructions string                     `json:"instructions"`
	}
	params := map[string]any{"protocolVersion": version, "capabilities": map[string]any{}, "clientInfo": c.me()}
	err := c.call(ctx, "initialize", params, &r)
	var status *StatusError
	if older, ok := c.transport.(interface {
		Older(context.Context) (Transport, error)
	}); ok && errors.As(err, &status) && (status.Status == 400 || status.Status == 404 || status.Status == 405) {
		t, olderErr := older.Older(ctx)
		if olderErr != nil {
			return fmt.Errorf("%w (and no server of 2024-11-05: %w)", err, olderErr)
		}
		c.close()
		c.transport = t
		err = c.call(ctx, "initialize", params, &r)
	}
	if err != nil {
		if ctx.Err() != nil {
			return c.late(ctx)
		}
		return err
	}
	c.protocol, c.offers, c.listing.Server, c.listing.Instructions = r.Protocol, r.Capabilities, r.Server, r.Instructions
	if !slices.Contains(Revisions(), r.Protocol) || r.Protocol >= Newest {
		c.listing.Problems = append(c.listing.Problems, fmt.Errorf("the server speaks revision %q, which merlon does not know: what it lists may be incomplete", text.Visible(text.Cut(r.Protocol, 20))))
		c.protocol = legacy
	}
	return c.transport.Notify(ctx, c.request("notifications/initialized", nil, true))
}

// late is the error of a server that did not answer in time.
func (c *client) late(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return errors.New("the server does not answer: give it more time with --timeout, or look at what it writes on its own")
}
