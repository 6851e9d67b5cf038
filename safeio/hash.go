package safeio

import "context"

// SHA256 returns the digest of a content in lower-case hex.
func SHA256(ctx context.Context, c Content) (string, error) {
	whole, _, err := DigestRanges(ctx, c, true, nil)
	return whole.SHA256, err
}
