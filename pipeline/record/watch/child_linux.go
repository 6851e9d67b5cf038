//go:build amd64 || arm64

package watch

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Child turns this process into a program that is watched: it installs the filter,
// hands the listener to the socket, and executes path. It returns only on failure.
func Child(socket int, path string, argv, env []string) error {
	unix.CloseOnExec(socket)
	runtime.LockOSThread() // a filter belongs to a thread, and execve keeps only this one
	fd, err := install()
	if err != nil {
		_ = unix.Send(socket, []byte(err.Error()), unix.MSG_NOSIGNAL)
		return err
	}
	unix.CloseOnExec(fd)
	if err := unix.Sendmsg(socket, []byte{0}, unix.UnixRights(fd), nil, unix.MSG_NOSIGNAL); err != nil {
		return fmt.Errorf("hand over the listener: %w", err)
	}
	return syscall.Exec(path, argv, env)
}

func install() (int, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, fmt.Errorf("no_new_privs: %w", err)
	}
	p := program()
	fprog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(p)
	if errno != 0 {
		return -1, os.NewSyscallError("seccomp", errno)
	}
	return int(fd), nil
}
