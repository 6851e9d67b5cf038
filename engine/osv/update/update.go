// Package update makes a new index of advisories from what OSV publishes: its public
// bucket, a mirror of it, or copies in a folder for machines without a network. It takes
// the place of the old one only when it is whole.
package update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/safeio"
)

// Bucket is where OSV publishes its exports: one folder an ecosystem.
const Bucket = "https://osv-vulnerabilities.storage.googleapis.com"

// Options says what to make.
type Options struct {
	From       string   // URL of a bucket, a folder, or a zip archive. Optional, default [Bucket]
	Ecosystems []string // as OSV spells them. Optional, default those of the folder, or [Ecosystems]
	Into       string   // the index file
	KEV        string   // CISA's catalogue of known exploited vulnerabilities (JSON). Optional
	EPSS       string   // scores of EPSS (CSV, also with .gz). Optional
	Now        func() time.Time
	Progress   func(what string, bytes int64) // Optional
}

// Ecosystems are those that are fetched unless others are named.
func Ecosystems() []string {
	return []string{"PyPI", "npm", "Go", "crates.io", "Maven", "NuGet", "RubyGems", "Packagist"}
}

// Run makes the index and puts it in place. Where anything is missing or broken it
// leaves what was there.
func Run(ctx context.Context, o Options) (osv.Info, error) {
	if o.Progress == nil {
		o.Progress = func(string, int64) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	b := osv.NewBuilder()
	if o.KEV != "" {
		ids, err := readKEV(o.KEV)
		if err != nil {
			return osv.Info{}, err
		}
		b.Exploited(ids)
	}
	if o.EPSS != "" {
		scores, err := readEPSS(o.EPSS)
		if err != nil {
			return osv.Info{}, err
		}
		b.EPSS(scores)
	}
	if err := o.gather(ctx, b); err != nil {
		return osv.Info{}, err
	}
	if err := os.MkdirAll(filepath.Dir(o.Into), 0o755); err != nil {
		return osv.Info{}, err
	}
	if err := safeio.WriteFile(o.Into, 0o644, func(w io.Writer) error { return b.Write(w, o.Now()) }); err != nil {
		return osv.Info{}, fmt.Errorf("%w; the index that was there is still there", err)
	}
	x, err := osv.Open(o.Into)
	if err != nil {
		return osv.Info{}, err
	}
	defer x.Close()
	return x.Info(), x.Verify()
}

func (o *Options) gather(ctx context.Context, b *osv.Builder) error {
	from := o.From
	if from == "" {
		from = Bucket
	}
	if u, err := url.Parse(from); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return o.fromBucket(ctx, b, strings.TrimSuffix(from, "/"))
	}
	st, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return o.addFile(ctx, b, filepath.Base(from), from)
	}
	return o.fromFolder(ctx, b, from)
}

// fromFolder takes DIR/ECOSYSTEM/all.zip, or every .zip of DIR.
func (o *Options) fromFolder(ctx context.Context, b *osv.Builder, dir string) error {
	found := 0
	ecosystems := o.Ecosystems
	if len(ecosystems) == 0 {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			switch {
			case e.IsDir():
				if _, err := os.Stat(filepath.Join(dir, e.Name(), "all.zip")); err == nil {
					ecosystems = append(ecosystems, e.Name())
				}
			case strings.HasSuffix(e.Name(), ".zip"):
				if err := o.addFile(ctx, b, e.Name(), filepath.Join(dir, e.Name())); err != nil {
					return err
				}
				found++
			}
		}
		slices.Sort(ecosystems)
	}
	for _, e := range ecosystems {
		if err := o.addFile(ctx, b, e, filepath.Join(dir, e, "all.zip")); err != nil {
			return err
		}
		found++
	}
	if found == 0 {
		return fmt.Errorf("%s: no archives of advisories: want ECOSYSTEM/all.zip as OSV publishes them (%s/PyPI/all.zip)", dir, Bucket)
	}
	return nil
}

func (o *Options) addFile(ctx context.Context, b *osv.Builder, name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: not a regular file", file, fs.ErrInvalid)
	}
	o.Progress(name, st.Size())
	return b.AddZip(ctx, name, f, st.Size())
}

// maxArchive bounds what is fetched for one ecosystem.
const maxArchive = 4 << 30

var errTooLarge = errors.New("more bytes than an archive of advisories has")
