package sign

import (
	"fmt"
	"strconv"

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

// manyShards reports how many shards a model would have, when they are too many.
func manyShards(files []file, size int64) error {
	n := int64(0)
	for _, f := range files {
		n += (f.size + size - 1) / size
	}
	if n > maxFiles {
		return fmt.Errorf("shards of %d bytes would be %d; at most %d are signed", size, n, maxFiles)
	}
	return nil
}
