package hubfetch

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/merlon-security/merlon/engine/hubcache"
	"github.com/merlon-security/merlon/safeio"
)

// stall is how long a connection may say nothing.
const stall = 60 * time.Second

// fetch brings one file into the folder, or keeps it if it is there already.
func (h *hub) fetch(ctx context.Context, ref hubcache.HFRef, commit string, s sibling, root *os.Root) (File, error) {
	if f, err := present(root, s); err == nil {
		return f, nil
	}
	if dir := path.Dir(s.Name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return File{}, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	where := "/" + escape(ref.Name) + "/resolve/" + commit + "/" + escape(s.Name)
	if ref.Kind != "models" {
		where = "/" + ref.Kind + where
	}
	resp, err := h.get(ctx, where, "")
	if err != nil {
		return File{}, err
	}
	defer resp.Body.Close()
	if err := status(resp, "the file"); err != nil {
		return File{}, err
	}
	if n := resp.ContentLength; n >= 0 && n != s.Size {
		return File{}, fmt.Errorf("%d bytes are sent, the hub has announced %d", n, s.Size)
	}
	part := s.Name + ".merlon-part"
	_ = root.Remove(part)
	out, err := root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return File{}, err
	}
	watch := time.AfterFunc(stall, func() { cancel(fmt.Errorf("nothing was sent for %s", stall)) })
	defer watch.Stop()
	sums := newSums(s)
	// One byte more than announced is enough to know that it is too long.
	n, err := io.Copy(io.MultiWriter(out, sums), io.LimitReader(alive{resp.Body, watch}, s.Size+1))
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	err = errors.Join(err, out.Close())
	var f File
	if err == nil {
		f, err = sums.check(s, n)
	}
	if err == nil {
		err = root.Rename(part, s.Name)
	}
	if err != nil {
		_ = root.Remove(part)
		return File{}, err
	}
	return f, nil
}

// alive puts off the end while bytes come in.
type alive struct {
	r     io.Reader
	watch *time.Timer
}

func (a alive) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.watch.Reset(stall)
	}
	return n, err
}

// present checks a file of an earlier attempt.
func present(root *os.Root, s sibling) (File, error) {
	info, err := root.Lstat(s.Name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != s.Size {
		return File{}, fs.ErrNotExist
	}
	in, err := root.Open(s.Name)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	sums := newSums(s)
	n, err := io.Copy(sums, in)
	if err != nil {
		return File{}, err
	}
	return sums.check(s, n)
}

// sums are the digests of a file: SHA-256, and git's of a blob where the hub announces
// that one.
type sums struct{ sha256, git hash.Hash }

func newSums(want sibling) sums {
	s := sums{sha256: sha256.New()}
	if want.SHA256 == "" {
		s.git = sha1.New()
		fmt.Fprintf(s.git, "blob %d\x00", want.Size)
	}
	return s
}

func (s sums) Write(p []byte) (int, error) {
	if s.git != nil {
		s.git.Write(p)
	}
	return s.sha256.Write(p)
}

func (s sums) check(want sibling, n int64) (File, error) {
	f := File{Name: want.Name, Size: n, SHA256: hex.EncodeToString(s.sha256.Sum(nil))}
	if n != want.Size {
		return f, fmt.Errorf("%d bytes arrived (or more), the hub has announced %d", n, want.Size)
	}
	if s.git == nil {
		if f.SHA256 != want.SHA256 {
			return f, fmt.Errorf("its SHA-256 is %s, the hub has announced %s", f.SHA256, want.SHA256)
		}
		f.Announced = "sha256:" + want.SHA256
		return f, nil
	}
	if git := hex.EncodeToString(s.git.Sum(nil)); git != want.Blob {
		return f, fmt.Errorf("its object id is %s, the hub has announced %s", git, want.Blob)
	}
	f.Announced = "git:" + want.Blob
	return f, nil
}

// only makes sure that the folder holds what was listed and nothing else: an earlier
// attempt may have been about something else.
func only(root *os.Root, list *listing) error {
	listed := map[string]bool{}
	for _, f := range list.Files {
		listed[f.Name] = true
	}
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !listed[name] || !d.Type().IsRegular() {
			if strings.HasSuffix(name, ".merlon-part") {
				return root.Remove(name)
			}
			return fmt.Errorf("%s lies in the folder of the download, and is none of its files: remove it", name)
		}
		return nil
	})
}

// A manifest beside the folder says where it is from. The folder itself holds nothing
// but the repository.
const manifestSuffix = ".json"

func writeManifest(file string, r *Result) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return safeio.WriteFile(file, 0o600, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}

func readManifest(file string) (*Result, error) {
	b, err := safeio.ReadFile(file, maxListing)
	if err != nil {
		return nil, err
	}
	var r Result
	return &r, json.Unmarshal(b, &r)
}
