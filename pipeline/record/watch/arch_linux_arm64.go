package watch

import "golang.org/x/sys/unix"

const (
	auditArch  = unix.AUDIT_ARCH_AARCH64
	foreignBit = 0
)

// addOld adds the calls that newer architectures do without.
func addOld(m map[int32]call) {
	m[unix.SYS_RENAMEAT] = call{op: Rename, dir: 0, path: 1, dir2: 2, to: 3, flags: -1}
}
