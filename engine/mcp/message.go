package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text"
)

// Message is one message of JSON-RPC 2.0: a request has an ID and a Method, a
// notification only a Method, an answer an ID and a Result or an Error.
type Message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

// Error is what a server answers instead of a result.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("the server answers with error %d: %s", e.Code, text.Visible(text.Cut(e.Message, 160)))
}

// Codes of errors (JSON-RPC 2.0, section 5.1; MCP 2026-07-28, error codes).
const (
	codeNoMethod          = -32601
	codeHeaderMismatch    = -32020
	codeMissingCapability = -32021
	codeOtherVersion      = -32022
)

// Modern reports an error that only servers of 2026-07-28 and later send.
func (e *Error) Modern() bool {
	return e.Code == codeOtherVersion || e.Code == codeHeaderMismatch || e.Code == codeMissingCapability
}

// Parse reads one message.
func Parse(b []byte) (Message, error) {
	var m Message
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > 0 && b[0] == '[':
		return m, errors.New("a batch of messages, which the protocol does not have any more")
	case len(b) == 0 || b[0] != '{':
		return m, fmt.Errorf("no message of JSON-RPC: %q", text.Visible(text.Cut(string(b[:min(len(b), 200)]), 60)))
	case !utf8.Valid(b):
		return m, errors.New("a message that is not UTF-8")
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("no message of JSON-RPC: %w", err)
	}
	if m.Version != "2.0" {
		return m, fmt.Errorf("a message of JSON-RPC version %q instead of 2.0", text.Visible(text.Cut(m.Version, 20)))
	}
	if string(m.ID) == "null" {
		m.ID = nil
	}
	return m, nil
}

// answers reports whether the message is the answer to the request with an ID.
func (m *Message) answers(id int) bool {
	return m.Method == "" && (string(m.ID) == fmt.Sprint(id) || string(m.ID) == fmt.Sprintf("%q", fmt.Sprint(id)))
}

// reply is what a client without any abilities says to a request of the server: an
// empty answer to ping, and that it has no other methods.
func reply(m *Message) []byte {
	a := Message{Version: "2.0", ID: m.ID}
	if m.Method == "ping" {
		a.Result = json.RawMessage("{}")
	} else {
		a.Error = &Error{Code: codeNoMethod, Message: "Method not found"}
	}
	b, _ := json.Marshal(a)
	return b
}
