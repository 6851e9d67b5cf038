// Package stdio starts a server of the Model Context Protocol as a program and speaks
// with it over its standard streams: one message of JSON-RPC per line.
//
// It is the only place in which merlon starts a program that a user names, and it does
// so only for a verb that says it. The program gets a small environment: no
// credentials of the user go with it, unless they are named.
package stdio

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/text"
)

// Command is the program to start.
type Command struct {
	Words []string // program and arguments
	Env   []string // NAME=VALUE, in addition to the usual ones. Optional
	Dir   string   // working folder. Optional, default the current one
}

// usual are the variables that a program gets: what is needed to find programs, its
// user's folder and a language. They are those that the SDKs of the protocol pass on.
var usual = []string{"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ",
	"APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROCESSOR_ARCHITECTURE", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "COMSPEC"}

func environment(more []string) []string {
	var env []string
	for _, n := range usual {
		if v, ok := os.LookupEnv(n); ok && !strings.HasPrefix(v, "()") { // functions of a shell
			env = append(env, n+"="+v)
		}
	}
	return append(env, more...)
}

// grace is how long a program may take to end after its input was closed, and again
// after it was asked to end.
const grace = 2 * time.Second

// Dial returns what starts the program.
func Dial(c Command) mcp.Dialer {
	return func(_ context.Context, b *mcp.Budget) (mcp.Transport, error) {
		p, err := start(c, b)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
}

type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	budget *mcp.Budget
	lines  chan []byte
	stop   chan struct{} // closed by Close
	done   chan struct{} // closed when the program is gone
	end    sync.Once
	err    error // why reading ended; set before lines is closed
	stderr tail
}

func start(c Command, b *mcp.Budget) (*process, error) {
	if len(c.Words) == 0 {
		return nil, errors.New("no program is named")
	}
	p := &process{budget: b, lines: make(chan []byte), stop: make(chan struct{}), done: make(chan struct{})}
	p.cmd = exec.Command(c.Words[0], c.Words[1:]...)
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = environment(c.Env), c.Dir, &p.stderr
	p.cmd.WaitDelay = grace // a child that keeps stderr open does not hold us
	group(p.cmd)
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	// An own pipe: that of the package is closed by Wait, before all was read.
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout = w
	err = p.cmd.Start()
	_ = w.Close()
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("start %s: %w", text.Visible(text.Cut(c.Words[0], 80)), err)
	}
	go p.read(out)
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// read hands over lines until the stream ends.
func (p *process) read(out *os.File) {
	defer close(p.lines)
	go func() {
		<-p.stop
		_ = out.Close() // ends a read that waits for a child of the program
	}()
	r := bufio.NewReaderSize(out, 64<<10)
	for {
		line, err := readLine(r, p.budget.Message())
		if len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			select {
			case p.lines <- line:
			case <-p.stop:
				return
			}
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

var errLong = errors.New("a message that is too long")

// readLine reads a line that is not empty, of at most limit bytes.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, fmt.Errorf("%w: more than %d MB", errLong, limit>>20)
		}
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		if len(line) > 0 || err != nil {
			return line, err
		}
	}
}

// Kind implements [mcp.Transport].
func (*process) Kind() string { return "stdio" }

// Call implements [mcp.Transport].
func (p *process) Call(ctx context.Context, r mcp.Request) (mcp.Message, error) {
	if err := p.send(ctx, r.Body); err != nil {
		return mcp.Message{}, err
	}
	return mcp.Wait(ctx, p.budget, r.ID, p.next, p.send)
}

// Notify implements [mcp.Transport].
func (p *process) Notify(ctx context.Context, r mcp.Request) error { return p.send(ctx, r.Body) }

// send writes one line. A program that does not read does not hold us.
func (p *process) send(ctx context.Context, body []byte) error {
	sent := make(chan error, 1)
	go func() {
		_, err := p.in.Write(append(slices.Clip(body), '\n'))
		sent <- err
	}()
	select {
	case err := <-sent:
		if err != nil {
			return p.gone()
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *process) next(ctx context.Context) ([]byte, error) {
	select {
	case line, ok := <-p.lines:
		if ok {
			return line, nil
		}
		if p.err != nil && errors.Is(p.err, errLong) {
			return nil, fmt.Errorf("the server has sent %w", p.err)
		}
		return nil, p.gone()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// gone says how the program ended, with the last that it wrote on stderr.
func (p *process) gone() error {
	how := ""
	select {
	case <-p.done:
		how = ": " + p.cmd.ProcessState.String()
	case <-time.After(grace):
	}
	if said := p.stderr.last(); said != "" {
		how += ", after it wrote: " + text.Visible(text.Cut(said, 160))
	}
	return fmt.Errorf("%w%s", mcp.ErrClosed, how)
}

// Close closes the program's input, waits, and ends it together with everything that
// it has started in its group.
func (p *process) Close() error {
	p.end.Do(func() {
		_ = p.in.Close()
		if !p.wait(grace) {
			terminate(p.cmd)
			p.wait(grace)
		}
		kill(p.cmd) // what the program has left behind, too
		close(p.stop)
		<-p.done
	})
	return nil
}

func (p *process) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-p.done:
			return true
		case <-t.C:
			return false
		case _, ok := <-p.lines: // a program that writes must not wait for a reader
			if !ok {
				select {
				case <-p.done:
					return true
				case <-t.C:
					return false
				}
			}
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[max(0, len(b)-2048):]...)
	if len(t.b) > 4096 {
		t.b = append(t.b[:0], t.b[len(t.b)-2048:]...)
	}
	return len(b), nil
}

// last is the last line.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := strings.TrimSpace(strings.ToValidUTF8(string(t.b), "?"))
	return s[strings.LastIndexByte(s, '\n')+1:]
}
