#include "textflag.h"

// Two SHA-256 computations interleaved (FIPS 180-4, 6.2.2) with the SHA extensions of
// x86-64. One computation waits for the latency of SHA256RNDS2 half of the time; the
// other one fills the gaps.

DATA k256<>+0x00(SB)/8, $0x71374491428a2f98
DATA k256<>+0x08(SB)/8, $0xe9b5dba5b5c0fbcf
DATA k256<>+0x10(SB)/8, $0x59f111f13956c25b
DATA k256<>+0x18(SB)/8, $0xab1c5ed5923f82a4
DATA k256<>+0x20(SB)/8, $0x12835b01d807aa98
DATA k256<>+0x28(SB)/8, $0x550c7dc3243185be
DATA k256<>+0x30(SB)/8, $0x80deb1fe72be5d74
DATA k256<>+0x38(SB)/8, $0xc19bf1749bdc06a7
DATA k256<>+0x40(SB)/8, $0xefbe4786e49b69c1
DATA k256<>+0x48(SB)/8, $0x240ca1cc0fc19dc6
DATA k256<>+0x50(SB)/8, $0x4a7484aa2de92c6f
DATA k256<>+0x58(SB)/8, $0x76f988da5cb0a9dc
DATA k256<>+0x60(SB)/8, $0xa831c66d983e5152
DATA k256<>+0x68(SB)/8, $0xbf597fc7b00327c8
DATA k256<>+0x70(SB)/8, $0xd5a79147c6e00bf3
DATA k256<>+0x78(SB)/8, $0x1429296706ca6351
DATA k256<>+0x80(SB)/8, $0x2e1b213827b70a85
DATA k256<>+0x88(SB)/8, $0x53380d134d2c6dfc
DATA k256<>+0x90(SB)/8, $0x766a0abb650a7354
DATA k256<>+0x98(SB)/8, $0x92722c8581c2c92e
DATA k256<>+0xa0(SB)/8, $0xa81a664ba2bfe8a1
DATA k256<>+0xa8(SB)/8, $0xc76c51a3c24b8b70
DATA k256<>+0xb0(SB)/8, $0xd6990624d192e819
DATA k256<>+0xb8(SB)/8, $0x106aa070f40e3585
DATA k256<>+0xc0(SB)/8, $0x1e376c0819a4c116
DATA k256<>+0xc8(SB)/8, $0x34b0bcb52748774c
DATA k256<>+0xd0(SB)/8, $0x4ed8aa4a391c0cb3
DATA k256<>+0xd8(SB)/8, $0x682e6ff35b9cca4f
DATA k256<>+0xe0(SB)/8, $0x78a5636f748f82ee
DATA k256<>+0xe8(SB)/8, $0x8cc7020884c87814
DATA k256<>+0xf0(SB)/8, $0xa4506ceb90befffa
DATA k256<>+0xf8(SB)/8, $0xc67178f2bef9a3f7
GLOBL k256<>(SB), RODATA|NOPTR, $256

DATA swap<>+0x00(SB)/8, $0x0405060700010203
DATA swap<>+0x08(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swap<>(SB), RODATA|NOPTR, $16

// load puts 16 bytes of the block at p, in the order of the words, into m.
#define load(off, p, m) \
	MOVOU  off(p), m \
	PSHUFB X14, m

// rounds runs four rounds with the words in m.
#define rounds(k, m, s0, s1) \
	MOVOU       k(R8), X0     \
	PADDD       m, X0         \
	SHA256RNDS2 X0, s0, s1    \
	PSHUFD      $0x0e, X0, X0 \
	SHA256RNDS2 X0, s1, s0

// extend completes the words in next from the two groups before it.
#define extend(prev, cur, next) \
	MOVO       cur, X13      \
	PALIGNR    $4, prev, X13 \
	PADDD      X13, next     \
	SHA256MSG2 cur, next

// both runs rounds on the first and the second computation.
#define both(k, ma, mb) \
	rounds(k, ma, X1, X2) \
	rounds(k, mb, X7, X8)

// step is both, with the words for four groups later and for the next group.
#define step(k, pa, ca, na, pb, cb, nb) \
	both(k, ca, cb)    \
	extend(pa, ca, na) \
	extend(pb, cb, nb) \
	SHA256MSG1 ca, pa  \
	SHA256MSG1 cb, pb

// unpack turns the state at off(DI) into the form of SHA256RNDS2: ABEF and CDGH.
#define unpack(off, s0, s1) \
	MOVOU   off(DI), s0       \
	MOVOU   (off+16)(DI), s1  \
	PSHUFD  $0xb1, s0, s0     \
	PSHUFD  $0x1b, s1, s1     \
	MOVO    s0, X13           \
	PALIGNR $8, s1, s0        \
	PBLENDW $0xf0, X13, s1

// pack turns it back.
#define pack(off, s0, s1) \
	PSHUFD  $0x1b, s0, s0     \
	PSHUFD  $0xb1, s1, s1     \
	MOVO    s0, X13           \
	PBLENDW $0xf0, s1, s0     \
	PALIGNR $8, X13, s1       \
	MOVOU   s0, off(DI)       \
	MOVOU   s1, (off+16)(DI)

// func blocks2(state *[2][8]uint32, a, b *byte, n int)
TEXT ·blocks2(SB), NOSPLIT, $64-32
	MOVQ  state+0(FP), DI
	MOVQ  a+8(FP), SI
	MOVQ  b+16(FP), DX
	MOVQ  n+24(FP), CX
	LEAQ  k256<>(SB), R8
	MOVOU swap<>(SB), X14
	unpack(0, X1, X2)
	unpack(32, X7, X8)

loop:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X7, 32(SP)
	MOVOU X8, 48(SP)

	load(0, SI, X3)
	load(0, DX, X9)
	both(0x00, X3, X9)
	load(16, SI, X4)
	load(16, DX, X10)
	both(0x10, X4, X10)
	SHA256MSG1 X4, X3
	SHA256MSG1 X10, X9
	load(32, SI, X5)
	load(32, DX, X11)
	both(0x20, X5, X11)
	SHA256MSG1 X5, X4
	SHA256MSG1 X11, X10
	load(48, SI, X6)
	load(48, DX, X12)
	step(0x30, X5, X6, X3, X11, X12, X9)
	step(0x40, X6, X3, X4, X12, X9, X10)
	step(0x50, X3, X4, X5, X9, X10, X11)
	step(0x60, X4, X5, X6, X10, X11, X12)
	step(0x70, X5, X6, X3, X11, X12, X9)
	step(0x80, X6, X3, X4, X12, X9, X10)
	step(0x90, X3, X4, X5, X9, X10, X11)
	step(0xa0, X4, X5, X6, X10, X11, X12)
	step(0xb0, X5, X6, X3, X11, X12, X9)
	step(0xc0, X6, X3, X4, X12, X9, X10)
	both(0xd0, X4, X10)
	extend(X3, X4, X5)
	extend(X9, X10, X11)
	both(0xe0, X5, X11)
	extend(X4, X5, X6)
	extend(X10, X11, X12)
	both(0xf0, X6, X12)

	MOVOU 0(SP), X13
	PADDD X13, X1
	MOVOU 16(SP), X13
	PADDD X13, X2
	MOVOU 32(SP), X13
	PADDD X13, X7
	MOVOU 48(SP), X13
	PADDD X13, X8
	ADDQ  $64, SI
	ADDQ  $64, DX
	SUBQ  $1, CX
	JNZ   loop

	pack(0, X1, X2)
	pack(32, X7, X8)
	RET

// func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	MOVL DX, edx+20(FP)
	RET
