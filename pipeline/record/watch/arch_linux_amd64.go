package watch

import "golang.org/x/sys/unix"

const (
	auditArch  = unix.AUDIT_ARCH_X86_64
	foreignBit = 0x40000000 // calls of the x32 kind
)

// addOld adds the calls that newer architectures do without.
func addOld(m map[int32]call) {
	m[unix.SYS_OPEN] = call{op: Read, dir: -1, path: 0, flags: 1}
	m[unix.SYS_CREAT] = call{op: Write, dir: -1, path: 0, flags: -1}
	m[unix.SYS_UNLINK] = call{op: Remove, dir: -1, path: 0, flags: -1}
	m[unix.SYS_RENAME] = call{op: Rename, dir: -1, path: 0, dir2: -1, to: 1, flags: -1}
	m[unix.SYS_RENAMEAT] = call{op: Rename, dir: 0, path: 1, dir2: 2, to: 3, flags: -1}
	m[unix.SYS_LINK] = call{op: Rename, dir: -1, path: 0, dir2: -1, to: 1, flags: -1}
}
