//go:build !amd64

package safeio

func blocks2(*[2][8]uint32, *byte, *byte, int) { panic("safeio: blocks2 is for amd64") }

func haveBlocks2() bool { return false }
