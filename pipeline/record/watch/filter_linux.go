//go:build amd64 || arm64

package watch

import (
	"golang.org/x/sys/unix"
)

// call is how the arguments of a system call say what it does to which file.
type call struct {
	op        Op
	dir, path int // places of the arguments; dir -1: relative to the working directory
	dir2, to  int // of Rename
	flags     int // place of open flags, -1 without
	how       bool
}

const at = unix.AT_FDCWD

// calls are the system calls that are watched, by number.
func calls() map[int32]call {
	m := map[int32]call{
		unix.SYS_OPENAT:    {op: Read, dir: 0, path: 1, flags: 2},
		unix.SYS_OPENAT2:   {op: Read, dir: 0, path: 1, flags: 2, how: true},
		unix.SYS_EXECVE:    {op: Read, dir: -1, path: 0, flags: -1},
		unix.SYS_EXECVEAT:  {op: Read, dir: 0, path: 1, flags: -1},
		unix.SYS_TRUNCATE:  {op: ReadWrite, dir: -1, path: 0, flags: -1},
		unix.SYS_UNLINKAT:  {op: Remove, dir: 0, path: 1, flags: -1},
		unix.SYS_RENAMEAT2: {op: Rename, dir: 0, path: 1, dir2: 2, to: 3, flags: -1},
		unix.SYS_LINKAT:    {op: Rename, dir: 0, path: 1, dir2: 2, to: 3, flags: -1},
	}
	addOld(m)
	return m
}

// denied are system calls that open files without the kernel asking anybody. Programs
// that find them missing do without.
func denied() []uint32 { return []uint32{unix.SYS_IO_URING_SETUP} }

// program is the filter: calls of the watched kinds go to the watcher, those of another
// architecture and the denied ones do not exist.
func program() []unix.SockFilter {
	const missing = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	ld := func(off uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
	}
	ret := func(v uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: v} }
	skipUnless := func(code uint16, k uint32) unix.SockFilter { // the next instruction is for what fits
		return unix.SockFilter{Code: unix.BPF_JMP | code | unix.BPF_K, Jf: 1, K: k}
	}
	p := []unix.SockFilter{
		ld(4), // architecture
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: auditArch},
		ret(missing),
		ld(0), // number
	}
	if foreignBit != 0 {
		p = append(p, skipUnless(unix.BPF_JGE, foreignBit), ret(missing))
	}
	for _, nr := range denied() {
		p = append(p, skipUnless(unix.BPF_JEQ, nr), ret(missing))
	}
	for nr := range calls() {
		p = append(p, skipUnless(unix.BPF_JEQ, uint32(nr)), ret(unix.SECCOMP_RET_USER_NOTIF))
	}
	return append(p, ret(unix.SECCOMP_RET_ALLOW))
}
