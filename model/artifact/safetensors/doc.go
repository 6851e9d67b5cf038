// Package safetensors reads safetensors files and their shard indexes.
//
// The format is eight bytes of header length (little-endian), a JSON object with
// one entry per tensor, and the bytes of the tensors without gaps
// (https://github.com/huggingface/safetensors, README "Format"; the checks are
// those of its reference reader, release 0.8.0). It holds data only. What can go
// wrong is the layout: bytes that no tensor owns, bytes that two own, names given
// twice, sizes that lie. The reference reader refuses most of it; other readers do
// not, and then see something else than a checker saw.
package safetensors
