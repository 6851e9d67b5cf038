package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Changed reports whether the files below dir that git keeps are those of the commit
// that is checked out: whether git status would show a change of a tracked file. Files
// that git does not know do not count.
func (r *Repo) Changed(ctx context.Context, dir string) (bool, error) {
	staged, err := r.Staged()
	if err != nil || len(staged) > 0 {
		return len(staged) > 0, err
	}
	files, err := r.index()
	if err != nil {
		return false, err
	}
	n, err := r.committed()
	if err != nil || n != len(files) {
		return n != len(files), err // all that is staged is in the commit, so less is staged
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		same, err := r.same(f, filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil || !same {
			return !same, err
		}
	}
	return false, nil
}

// committed counts the files of the commit that is checked out.
func (r *Repo) committed() (int, error) {
	id, ok, err := r.Head()
	if err != nil || !ok {
		return 0, err
	}
	_, b, err := r.Read(id)
	if err != nil {
		return 0, err
	}
	c, err := parseCommit(id, b)
	if err != nil {
		return 0, err
	}
	files, err := r.files(c.tree, maxBlobs)
	return len(files), err
}

// same compares a file with what git keeps of it. Ends of lines that git converts, and
// files that Git LFS keeps, are no difference.
func (r *Repo) same(f File, name string) (bool, error) {
	info, err := os.Lstat(name)
	if os.IsNotExist(err) || err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.Size() <= MaxObject {
		b, err := os.ReadFile(name)
		if err != nil {
			return false, err
		}
		if r.blobID(b) == f.ID || bytes.Contains(b, []byte("\r\n")) && r.blobID(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))) == f.ID {
			return true, nil
		}
	}
	kind, pointer, err := r.Read(f.ID)
	if err != nil || kind != BlobKind || !bytes.HasPrefix(pointer, []byte("version https://git-lfs")) {
		return false, nil // another content
	}
	h, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer h.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, h); err != nil {
		return false, err
	}
	return bytes.Contains(pointer, []byte("oid sha256:"+hex.EncodeToString(sum.Sum(nil)))), nil
}

// Remote returns the address of the remote called origin, without user and password;
// "" without one.
func (r *Repo) Remote() string {
	b, err := readSmall(filepath.Join(r.common, "config"))
	if err != nil {
		return ""
	}
	in := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = line == `[remote "origin"]`
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !in || !ok || strings.TrimSpace(key) != "url" {
			continue
		}
		address := strings.TrimSpace(value)
		scheme, rest, web := strings.Cut(address, "://")
		if !web {
			return address // a path, or git@host:path, which has no password
		}
		host, _, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			rest = rest[i+1:]
		}
		return scheme + "://" + rest
	}
	return ""
}

func (r *Repo) blobID(b []byte) (id ID) {
	var h hash.Hash = sha1.New()
	if r.hash == sha256Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(b))
	h.Write(b)
	copy(id[:], h.Sum(nil))
	return id
}
