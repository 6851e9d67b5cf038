//go:build race

package artifacttest

// MemoryFactor is what bounds of memory are multiplied by: the race detector keeps
// freed memory longer.
const MemoryFactor = 2
