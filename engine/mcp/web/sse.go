package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/merlon-security/merlon/engine/mcp"
)

// events reads a stream of server-sent events (HTML standard, section 9.2).
type events struct {
	r      *bufio.Reader
	budget *mcp.Budget
}

type event struct {
	kind string // "message" where none is given
	data []byte
}

func newEvents(r io.Reader, b *mcp.Budget) *events { return &events{bufio.NewReaderSize(r, 32<<10), b} }

// next reads an event that has data.
func (s *events) next() (event, error) {
	e := event{kind: "message"}
	filled := false
	for {
		line, err := s.line(s.budget.Message() - len(e.data))
		if err != nil {
			return event{}, err
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0 && filled:
			return e, nil
		case len(line) == 0:
			e.kind = "message"
		case string(field) == "data":
			if filled {
				e.data = append(e.data, '\n')
			}
			e.data, filled = append(e.data, value...), true
			continue
		case string(field) == "event":
			e.kind = string(value[:min(len(value), 64)])
		}
		// Comments, keep-alives and other fields are not counted by anybody else.
		if err := s.budget.Spend(len(line) + 1); err != nil {
			return event{}, err
		}
	}
}

func (s *events) line(limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := s.r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, fmt.Errorf("the server has sent a message that is too long: more than %d MB", s.budget.Message()>>20)
		}
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w before its answer was complete", mcp.ErrClosed)
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}

// message is the next event that carries a message of the protocol.
func (s *events) message(ctx context.Context) ([]byte, error) {
	for {
		e, err := s.next()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || e.kind == "message" && len(bytes.TrimSpace(e.data)) > 0 {
			return e.data, err
		}
		if err := s.budget.Spend(len(e.data) + 1); err != nil {
			return nil, err
		}
	}
}

// stream is the transport of 2024-11-05: messages go out as POST and come back as
// events of one stream.
type stream struct {
	endpoint *endpoint
	to       string
	body     io.Closer
	cancel   context.CancelFunc
	messages chan []byte
	err      error // why reading ended; set before messages is closed
	stop     <-chan struct{}
}

func (s *stream) read(e *events) {
	defer close(s.messages)
	for {
		b, err := e.message(context.Background())
		if err != nil {
			s.err = err
			return
		}
		select {
		case s.messages <- b:
		case <-s.stop:
			return
		}
	}
}

// Kind implements [mcp.Transport].
func (*stream) Kind() string { return "sse" }

// Call implements [mcp.Transport].
func (s *stream) Call(ctx context.Context, r mcp.Request) (mcp.Message, error) {
	if err := s.Notify(ctx, r); err != nil {
		return mcp.Message{}, err
	}
	return mcp.Wait(ctx, s.endpoint.budget, r.ID, s.next, func(ctx context.Context, body []byte) error {
		return s.Notify(ctx, mcp.Request{Body: body})
	})
}

func (s *stream) next(ctx context.Context) ([]byte, error) {
	select {
	case b, ok := <-s.messages:
		if !ok && s.err != nil {
			return nil, s.err
		}
		if !ok {
			return nil, mcp.ErrClosed
		}
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Notify implements [mcp.Transport].
func (s *stream) Notify(ctx context.Context, r mcp.Request) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to, bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	s.endpoint.headers(req)
	req.Header.Set("Content-Type", "application/json")
	resp, err := do(s.endpoint.client, req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return status(resp, "")
	}
	return nil
}

// Close implements [mcp.Transport].
func (s *stream) Close() error {
	s.cancel()
	_ = s.body.Close()
	return s.endpoint.Close()
}
