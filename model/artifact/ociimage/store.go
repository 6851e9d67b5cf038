package ociimage

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/scan"
)

// blob is the content of one digest.
type blob struct {
	io.ReaderAt
	size  int64
	close func() error
}

// store finds the files of a layout by their paths.
type store interface {
	// open fails with [errAbsent] for a file that is not there.
	open(name string) (*blob, error)
}

var errAbsent = errors.New("is not in the layout")

// folder is a layout on disk.
type folder struct{ dir string }

func (s folder) open(name string) (*blob, error) {
	p := filepath.Join(s.dir, filepath.FromSlash(name))
	info, err := os.Lstat(p)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errAbsent
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("is no regular file")
	}
	f, err := os.Open(p)
	if err != nil {
		return nil, err
	}
	return &blob{f, info.Size(), f.Close}, nil
}

// tarball is a layout in a tar, as skopeo, buildx and kit write it.
type tarball struct {
	tar   *archive.Tar
	names map[string]int
}

func openTar(ctx context.Context, f scan.File) (*tarball, error) {
	t, err := archive.ReadTar(ctx, f, f.Size(), archive.Limits{Members: 100_000})
	if err != nil {
		return nil, err
	}
	s := &tarball{t, map[string]int{}}
	for i := range t.Members() {
		if m := &t.Members()[i]; !m.Dir {
			s.names[path.Clean(strings.TrimPrefix(m.Name, "./"))] = i
		}
	}
	return s, nil
}

func (s *tarball) open(name string) (*blob, error) {
	i, ok := s.names[name]
	if !ok {
		return nil, errAbsent
	}
	sec := s.tar.Section(i)
	if sec == nil {
		return nil, errors.New("is not stored in one piece")
	}
	return &blob{sec, sec.Size(), func() error { return nil }}, nil
}
