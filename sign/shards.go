package sign

import (
	"cmp"
	"fmt"
	"slices"
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

// largestFirst is an order of work in which the cores finish at about the same time.
func largestFirst(jobs []*job) []*job {
	order := slices.Clone(jobs)
	slices.SortStableFunc(order, func(a, b *job) int { return cmp.Compare(b.file.size, a.file.size) })
	return order
}
