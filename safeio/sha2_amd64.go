package safeio

import "sync"

// blocks2 runs SHA-256 over n blocks of 64 bytes at a and at b. n is at least 1.
//
//go:noescape
func blocks2(state *[2][8]uint32, a, b *byte, n int)

func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)

// haveBlocks2 reports whether the processor has the SHA extensions, SSSE3 and SSE4.1.
var haveBlocks2 = sync.OnceValue(func() bool {
	if top, _, _, _ := cpuid(0, 0); top < 7 {
		return false
	}
	_, _, c, _ := cpuid(1, 0)
	_, b, _, _ := cpuid(7, 0)
	return c&(1<<9) != 0 && c&(1<<19) != 0 && b&(1<<29) != 0
})
