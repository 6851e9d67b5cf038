//go:build amd64 || arm64

package watch

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// notification is struct seccomp_notif.
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// response is struct seccomp_notif_resp.
type response struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// Listener receives what watched programs are about to do.
type Listener struct {
	fd    int
	calls map[int32]call
}

// Sockets returns the two ends over which a child hands its listener over.
func Sockets() (parent, child *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "watch"), os.NewFile(uintptr(fds[1]), "watched"), nil
}

// Receive waits for the listener of a child. Where it has none the error is
// [ErrUnsupported], and the child executes nothing.
func Receive(parent *os.File) (*Listener, error) {
	data, oob := make([]byte, 512), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(int(parent.Fd()), data, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnsupported, err)
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, data[:n])
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("%w: no listener came", ErrUnsupported)
	}
	return &Listener{fds[0], calls()}, nil
}

// Close ends the watch. Programs that are still watched can open nothing any more.
func (l *Listener) Close() error { return unix.Close(l.fd) }

// Serve calls handle for each operation before it happens, until all watched programs
// have ended, or, after done was closed, until the rest of them had the time given.
// left reports that some are still there.
func (l *Listener) Serve(done <-chan struct{}, grace time.Duration, handle func(Event)) (left bool, err error) {
	var deadline time.Time
	for {
		select {
		case <-done:
			deadline = time.Now().Add(grace)
			done = nil
		default:
		}
		if !deadline.IsZero() && time.Now().After(deadline) {
			return true, nil
		}
		poll := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, 100)
		switch {
		case errors.Is(err, unix.EINTR) || err == nil && n == 0:
			continue
		case err != nil:
			return true, os.NewSyscallError("poll", err)
		case poll[0].Revents&unix.POLLIN == 0:
			return false, nil // no program is left
		}
		if err := l.one(handle); err != nil {
			return true, err
		}
	}
}

func (l *Listener) one(handle func(Event)) error {
	var n notification
	if err := l.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EINTR) {
			return nil // the program was killed meanwhile
		}
		return os.NewSyscallError("seccomp", err)
	}
	for _, e := range l.events(n) {
		handle(e)
	}
	r := response{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	if err := l.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r)); err != nil && !errors.Is(err, unix.ENOENT) {
		return os.NewSyscallError("seccomp", err)
	}
	return nil
}

func (l *Listener) ioctl(request uint, p unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), uintptr(request), uintptr(p)); errno != 0 {
		return errno
	}
	return nil
}
