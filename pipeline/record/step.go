package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/merlon-security/merlon/pipeline/record/watch"
)

// grace is how long programs that a step left behind are watched after its end.
const grace = 5 * time.Second

// step is a command that runs with the terminal of merlon.
type step struct {
	path           string
	args, env      []string
	dir            string
	stdin          io.Reader
	stdout, stderr io.Writer
	signals        <-chan os.Signal
}

func (s *step) command(path string, args []string) *exec.Cmd {
	return &exec.Cmd{Path: path, Args: args, Env: s.env, Dir: s.dir, Stdin: s.stdin, Stdout: s.stdout, Stderr: s.stderr}
}

// run runs the step unobserved.
func (s *step) run() (int, error) {
	cmd := s.command(s.path, s.args)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	return s.wait(cmd)
}

// observe runs the step and notes what it does to files. helper is this program, which
// becomes the step ([Watched]); the error wraps [watch.ErrUnsupported] when files cannot
// be observed, and then nothing was started.
func (s *step) observe(helper []string, b *book) (code int, left bool, err error) {
	parent, child, err := watch.Sockets()
	if err != nil {
		return 0, false, err
	}
	defer parent.Close()
	cmd := s.command(helper[0], append(append(append([]string{}, helper[1:]...), s.path), s.args...))
	cmd.ExtraFiles = []*os.File{child}
	err = cmd.Start()
	_ = child.Close()
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	l, err := watch.Receive(parent)
	if err != nil {
		_ = cmd.Wait()
		return 0, false, err
	}
	defer l.Close()
	done, served := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		left, err = l.Serve(done, grace, b.note)
		served <- err
	}()
	code, err = s.wait(cmd)
	close(done)
	return code, left, errors.Join(err, <-served)
}

// wait passes signals on until the command ends. The exit code of one that a signal
// ended is 128 and its number, as shells have it.
func (s *step) wait(cmd *exec.Cmd) (int, error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		for {
			select {
			case sig := <-s.signals:
				_ = cmd.Process.Signal(sig)
			case <-ctx.Done():
				return
			}
		}
	}()
	err := cmd.Wait()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return 0, nil
	case !failed:
		return 0, err
	}
	if st, ok := exit.Sys().(syscall.WaitStatus); ok && st.Signaled() {
		return 128 + int(st.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// Watched turns this process into a step that is observed: args are the path of the
// program and its arguments, the name of the program first. It returns only on failure.
// Descriptor 3 leads to who observes.
func Watched(args []string) error {
	if len(args) < 2 {
		return errors.New("no program was named")
	}
	return watch.Child(3, args[0], args[1:], os.Environ())
}
