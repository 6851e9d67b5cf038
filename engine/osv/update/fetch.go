package update

import (
	"context"
	"crypto/md5" // #nosec G501 -- the bucket states it; it tells damage on the way, not an attacker
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/osv"
)

// fromBucket fetches BASE/ECOSYSTEM/all.zip of each ecosystem.
func (o *Options) fromBucket(ctx context.Context, b *osv.Builder, base string) error {
	ecosystems := o.Ecosystems
	if len(ecosystems) == 0 {
		ecosystems = Ecosystems()
	}
	client := &http.Client{Timeout: 30 * time.Minute, CheckRedirect: sameSecurity}
	for _, e := range ecosystems {
		address := base + "/" + url.PathEscape(e) + "/all.zip"
		err := o.fetched(ctx, client, address, func(f *os.File, size int64) error {
			o.Progress(e, size)
			return b.AddZip(ctx, e, f, size)
		})
		if err != nil {
			return fmt.Errorf("%s: %w; a copy on disk does as well: merlon db update FOLDER", address, err)
		}
	}
	return nil
}

// sameSecurity follows redirections, never from https to http.
func sameSecurity(req *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("redirected to %s without encryption", req.URL.Host)
	}
	if len(via) > 5 {
		return fmt.Errorf("redirected %d times", len(via))
	}
	return nil
}

// fetched loads an address into a temporary file and gives it to use. What arrives must
// have the length and, where the server states it, the digest that was promised.
func (o *Options) fetched(ctx context.Context, client *http.Client, address string, use func(*os.File, int64) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "merlon")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says %s", resp.Status)
	}
	if resp.ContentLength > maxArchive {
		return errTooLarge
	}
	f, err := os.CreateTemp("", "merlon-advisories-*.zip")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum := md5.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(resp.Body, maxArchive+1))
	switch {
	case err != nil:
		return err
	case n > maxArchive:
		return errTooLarge
	case resp.ContentLength >= 0 && n != resp.ContentLength:
		return fmt.Errorf("%d of %d bytes arrived", n, resp.ContentLength)
	}
	for _, h := range resp.Header.Values("X-Goog-Hash") {
		for part := range strings.SplitSeq(h, ",") {
			if want, ok := strings.CutPrefix(strings.TrimSpace(part), "md5="); ok && want != base64.StdEncoding.EncodeToString(sum.Sum(nil)) {
				return fmt.Errorf("damaged on the way: its digest is not the one that the server states")
			}
		}
	}
	return use(f, n)
}
