// Package joblib reads what joblib.dump wrote before version 0.10: "ZF", the length of
// the content in hexadecimal, and the content as zlib data.
//
// Everything joblib writes since then is a plain or compressed pickle, which the
// scanners of archives and pickles read; of those this package only knows the name.
package joblib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return verdict.Info("joblib", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Suffixes: []string{".joblib", ".jbl"}, Magics: scan.At(0, "ZF0x")}
}

// Wants takes the old format by its beginning, and compressed files by their name.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	switch {
	case bytes.HasPrefix(fi.Head, []byte("ZF0x")):
		return scan.Yes
	case named(fi.Ref.Name()) && compressed(fi.Head):
		return scan.Yes
	}
	return scan.No
}

func named(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".joblib" || ext == ".jbl"
}

func compressed(head []byte) bool {
	f, ok := archive.Detect(head)
	return ok && f.Kind == archive.One
}

// headerLen is the length of "ZF" and of the padded number: joblib/numpy_pickle_utils.py
// pads it to that of hex(2**64).
const headerLen = 2 + 19

// maxLength is how much is decoded only to know its length.
const maxLength = 4 << 30

// Scan implements [scan.Scanner].
func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	a := asset.Asset{Kind: asset.Model, Ref: f.Ref(), Format: "joblib", Size: f.Size(), Verdict: asset.OK}
	defer func() { s.Asset(a) }()
	if !bytes.HasPrefix(f.Head(), []byte("ZF0x")) {
		return nil // the scanner of archives opens it
	}
	h := f.Head()
	if len(h) <= headerLen {
		a.Verdict = asset.Failed
		return errors.New("the file ends inside of its header; get it again from its publisher")
	}
	want, numErr := strconv.ParseInt(strings.TrimRight(string(h[4:headerLen]), " L"), 16, 64)
	start := int64(headerLen)
	if h[headerLen] == ' ' { // joblib up to 0.8.4 under Python 2
		start++
	}
	zlib, _ := archive.ByName("zlib")
	body := io.NewSectionReader(f, start, f.Size()-start)
	st, err := archive.OpenStream(zlib, body, body.Size(), archive.Limits{})
	if err != nil {
		a.Verdict = asset.Failed
		return err
	}
	defer st.Close()
	c := &counter{r: st}
	// Not always a pickle: arrays lie in files of their own beside it, as bare bytes.
	err = s.Derive(scan.Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Stream, Name: "zlib"}), Body: c})
	if err != nil && (errors.Is(err, scan.ErrBudget) || ctx.Err() != nil) {
		a.Verdict = asset.Failed
		return err
	}
	if c.err == nil { // nobody wanted it
		if n, _ := io.Copy(io.Discard, io.LimitReader(c, maxLength)); n == maxLength {
			a.Verdict = asset.Failed
			return fmt.Errorf("content of more than %d bytes: %w", int64(maxLength), scan.ErrBudget)
		}
	}
	if c.err != io.EOF {
		a.Verdict = asset.Failed
		return fmt.Errorf("content cannot be decoded to its end: %w", c.err)
	}
	if numErr != nil || want != c.n || len(st.Anomalies()) > 0 {
		a.Verdict = asset.Unverified
		s.Report(finding.Finding{
			Rule: ruleHeader, Key: "length",
			Message: fmt.Sprintf("the header says %q, the content has %d bytes", h[2:headerLen], c.n),
		})
	}
	return nil
}

// counter counts what is read and remembers how reading ended.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

var _ scan.Scanner = scanner{}
