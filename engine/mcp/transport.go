package mcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Transport carries messages to one server and back.
type Transport interface {
	// Kind is "stdio", "http" or "sse".
	Kind() string
	// Call sends a request and waits for its answer. An answer that is an error is no
	// error of Call. It returns [ErrClosed] if the server is gone.
	Call(ctx context.Context, r Request) (Message, error)
	// Notify sends what has no answer.
	Notify(ctx context.Context, r Request) error
	// Close ends the server's process or the session, and frees everything. It may be
	// called more than once.
	Close() error
}

// Request is a request, or without an ID a notification.
type Request struct {
	ID       int    // from 1; 0 for a notification
	Method   string // for headers
	Protocol string // revision, for headers; empty before it is known
	Body     []byte // JSON without line ends
}

// Dialer makes a connection. It may be called again, after the first one broke.
type Dialer func(ctx context.Context, b *Budget) (Transport, error)

// ErrClosed is in the errors of a [Transport] whose server is gone.
var ErrClosed = errors.New("the server has ended the connection")

// StatusError is an answer of an HTTP server that carries no message.
type StatusError struct {
	Status int
	Text   string
}

func (e *StatusError) Error() string { return e.Text }

// Limits bound what a server may cost.
type Limits struct {
	Message int   // bytes of one message. Optional, default 8 MB
	Total   int64 // bytes of all messages. Optional, default 64 MB
	Items   int   // entries of all lists. Optional, default 10,000
	Pages   int   // of one list. Optional, default 1,000
	Stray   int   // messages that nobody asked for. Optional, default 10,000
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Message, 8<<20)
	set(&l.Items, 10_000)
	set(&l.Pages, 1000)
	set(&l.Stray, 10_000)
	if l.Total <= 0 {
		l.Total = 64 << 20
	}
	return l
}

// Budget counts what a server has cost so far. It serves any number of goroutines.
type Budget struct {
	limits Limits
	mu     sync.Mutex
	total  int64
	stray  int
}

// Message is the size that one message may have, in bytes.
func (b *Budget) Message() int { return b.limits.Message }

// Spend takes bytes from the budget.
func (b *Budget) Spend(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total += int64(n)
	if b.total > b.limits.Total {
		return fmt.Errorf("the server has sent more than %d MB", b.limits.Total>>20)
	}
	return nil
}

// Stray counts a message that nobody asked for.
func (b *Budget) Stray() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stray++
	if b.stray > b.limits.Stray {
		return fmt.Errorf("the server has sent more than %d messages that nobody asked for", b.limits.Stray)
	}
	return nil
}

// Wait reads messages until the answer to a request is there. next gives one message;
// send answers requests of the server.
func Wait(ctx context.Context, b *Budget, id int, next func(context.Context) ([]byte, error), send func(context.Context, []byte) error) (Message, error) {
	for {
		line, err := next(ctx)
		if err != nil {
			return Message{}, err
		}
		if err := b.Spend(len(line)); err != nil {
			return Message{}, err
		}
		m, err := Parse(line)
		if err != nil {
			return Message{}, fmt.Errorf("the server has sent %w", err)
		}
		if m.answers(id) {
			if m.Result == nil && m.Error == nil {
				return Message{}, errors.New("the server has sent an answer with neither result nor error")
			}
			return m, nil
		}
		if m.Method == "" && m.ID == nil && m.Error != nil {
			return m, nil // an error about a request that the server could not read
		}
		if err := b.Stray(); err != nil {
			return Message{}, err
		}
		if m.Method != "" && m.ID != nil && send != nil {
			if err := send(ctx, reply(&m)); err != nil && !errors.Is(err, io.EOF) {
				return Message{}, err
			}
		}
	}
}
