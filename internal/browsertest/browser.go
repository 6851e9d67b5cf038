// Package browsertest opens pages in a real Chromium for tests, and fails them on
// whatever the browser complains about.
//
// It speaks the DevTools protocol over two pipes (--remote-debugging-pipe), so it
// needs no module, no port and no driver: https://chromedevtools.github.io/devtools-protocol/.
package browsertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Browser is a running Chromium.
type Browser struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *os.File // to the browser
	done chan struct{}

	mu      sync.Mutex
	next    int
	waiting map[int]chan message
	pages   map[string]*Page
	closed  error
}

// message is a call, its answer or an event of the protocol.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Timeout bounds every call: a page that does not answer is a failure, not a
// hanging test.
const timeout = 60 * time.Second

// Find returns the path of a Chromium; empty when there is none.
func Find() string {
	if p := os.Getenv("MERLON_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Start runs a browser until the test ends. Without a Chromium the test is
// skipped, or fails where CI demands that nothing is skipped.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := Find()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium found: apt-get install chromium, or set MERLON_CHROMIUM")
		}
		t.Skip("no chromium found: apt-get install chromium, or set MERLON_CHROMIUM")
	}
	toRead, toWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromRead, fromWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, out: toWrite, done: make(chan struct{}), waiting: map[int]chan message{}, pages: map[string]*Page{}}
	b.cmd = exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
		"--disable-extensions", "--disable-default-apps", "--hide-scrollbars", "--force-color-profile=srgb",
		"--host-resolver-rules=MAP * ~NOTFOUND", "about:blank")
	b.cmd.ExtraFiles = []*os.File{toRead, fromWrite} // descriptors 3 and 4
	if err := b.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	_, _ = toRead.Close(), fromWrite.Close()
	go b.read(fromRead)
	t.Cleanup(func() {
		_, _ = b.call("", "Browser.close", nil)
		_ = toWrite.Close()
		stop := time.AfterFunc(10*time.Second, func() { _ = b.cmd.Process.Kill() })
		_ = b.cmd.Wait()
		stop.Stop()
		<-b.done
		_ = fromRead.Close()
	})
	return b
}

// read hands out the messages of the browser, which end in a NUL byte each.
func (b *Browser) read(f *os.File) {
	defer close(b.done)
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			b.closed = errors.New("the browser is gone")
			for _, c := range b.waiting {
				close(c)
			}
			b.waiting = nil
			b.mu.Unlock()
			return
		}
		var m message
		if json.Unmarshal(line[:len(line)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		c, p := b.waiting[m.ID], b.pages[m.SessionID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case m.ID != 0 && c != nil:
			c <- m
		case p != nil:
			p.event(m)
		}
	}
}

// call sends a command and waits for its answer.
func (b *Browser) call(session, method string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if params == nil {
		raw = nil
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	if b.closed != nil {
		b.mu.Unlock()
		return nil, b.closed
	}
	b.next++
	id := b.next
	b.waiting[id] = answer
	line, err := json.Marshal(message{ID: id, Method: method, Params: raw, SessionID: session})
	if err == nil {
		_, err = b.out.Write(append(line, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return nil, fmt.Errorf("%s: the browser is gone", method)
		case m.Error != nil:
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-timer.C:
		return nil, fmt.Errorf("%s: no answer within %v", method, timeout)
	}
}
