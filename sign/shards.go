package sign

import (
	"fmt"
	"strconv"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/safeio"
)

// shards cuts a file of size bytes.
func shards(size, shard int64) []safeio.Range {
	out := []safeio.Range{}
	for at := int64(0); at < size; at += shard {
		out = append(out, safeio.Range{Off: at, Len: min(shard, size-at)})
	}
	return out
}

// shardName is how a shard is signed.
func shardName(name string, r safeio.Range) string {
	return name + ":" + strconv.FormatInt(r.Off, 10) + ":" + strconv.FormatInt(r.Off+r.Len, 10)
}

// shardAlgorithm is how model_signing calls SHA-256 of shards.
func shardAlgorithm(size int64) string { return fmt.Sprintf("sha256-sharded-%d", size) }

// perResource is what a signature takes for each resource besides its name, in bytes.
const perResource = 120

// tooMany reports, before anything is hashed, that a signature would be too large.
func tooMany(files []file, shard int64) error {
	n, size := int64(0), int64(0)
	for _, f := range files {
		parts := int64(1)
		if shard > 0 {
			parts = (f.size + shard - 1) / shard
		}
		n += parts
		size += parts * (int64(len(f.name)) + perResource)
	}
	if size > evidence.MaxPayload {
		return fmt.Errorf("%d files or shards make a signature of more than %d bytes, which nobody reads: sign larger shards, or parts of the model on their own", n, evidence.MaxPayload)
	}
	return nil
}
