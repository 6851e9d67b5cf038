package evidence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/safeio"
)

// The bounds of a folder of evidence.
const (
	MaxStored     = 64 << 20  // bytes of one file
	maxAboutOne   = 10_000    // files about one subject
	maxBytesOfOne = 1 << 30   // bytes about one subject
	maxSubjects   = 1_000_000 // folders
	extension     = ".dsse.json"
)

// Folder keeps signed statements as files:
//
//	DIR/<subject>/<kind>-<digest>.dsse.json
//
// where subject is the SHA-256 of what a statement is about, kind the short name of
// its predicate ("other" for one that is not known) and digest the SHA-256 of the file.
// A folder proves nothing by what is missing from it: anybody who can write to it can
// remove a file.
type Folder struct{ Dir string }

// Record is a statement of a folder whose signature was found to be valid.
type Record struct {
	File      string // below the folder, with slashes
	Digest    string // of the file, lower-case hex
	Kind      Kind
	Statement Statement
	Predicate Predicate
	When      time.Time // as the signer says
	Signers   []string  // ids of the trusted keys that signed, at least one
}

// Problem is a file of a folder that is no evidence, and why. The error wraps
// [ErrSignature] when no trusted key signed it and [ErrUnknown] when its predicate is
// not known.
type Problem struct {
	File string
	Err  error
}

func (p Problem) Error() string { return p.File + ": " + p.Err.Error() }

// Unwrap returns why.
func (p Problem) Unwrap() error { return p.Err }

// Add stores an envelope under each of its subjects and returns the files. One that is
// there already is left alone. It does not check signatures.
func (f Folder) Add(e *Envelope) ([]string, error) {
	s, err := Parse(e.Payload)
	if err != nil {
		return nil, err
	}
	b, err := e.Encode()
	if err != nil {
		return nil, err
	}
	if len(b) > MaxStored {
		return nil, fmt.Errorf("evidence of %d bytes; at most %d are kept", len(b), MaxStored)
	}
	name := fileName(s.Kind(), Digest(b))
	var files []string
	for _, sub := range s.Subject {
		dir := filepath.Join(f.Dir, sub.Digest["sha256"])
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return files, err
		}
		file := filepath.Join(dir, name)
		if slices.Contains(files, file) {
			continue // the same subject twice
		}
		if old, err := safeio.ReadFile(file, MaxStored); err != nil || Digest(old) != Digest(b) {
			if err := safeio.WriteFile(file, 0o644, func(w io.Writer) error {
				_, err := w.Write(b)
				return err
			}); err != nil {
				return files, err
			}
		}
		files = append(files, file)
	}
	return files, nil
}

func fileName(k Kind, digest string) string {
	if k == "" {
		k = "other"
	}
	return string(k) + "-" + digest + extension
}

// Read returns all evidence about something that one of the keys signed, in order of
// time, and what is there and is not evidence. A subject without a folder has neither.
// The error is about reading the folder; then nothing is known.
//
// sign.Identify gives the subject of a path; [SubjectOf] that of a digest.
func (f Folder) Read(about Subject, trusted ...Verifier) ([]Record, []Problem, error) {
	subject := about.Digest["sha256"]
	if !IsSHA256(subject) {
		return nil, nil, fmt.Errorf("subject %.80q has no SHA-256 in lower-case hex", about.Name)
	}
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, nil, err // a folder that was named and is not there is a mistake
	}
	defer root.Close()
	names, err := list(root, subject, maxAboutOne)
	if err != nil {
		return nil, nil, err
	}
	var records []Record
	var problems []Problem
	left := int64(maxBytesOfOne)
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), ".") {
			continue // a temporary file of a writer
		}
		b, err := readIn(root, name, min(left, MaxStored))
		if err != nil {
			problems = append(problems, Problem{name, err})
			continue
		}
		if left -= int64(len(b)); left <= 0 {
			return nil, nil, fmt.Errorf("more than %d bytes of evidence about %s", maxBytesOfOne, subject)
		}
		r, err := open(name, b, about, trusted)
		if err != nil {
			problems = append(problems, Problem{name, err})
			continue
		}
		records = append(records, r)
	}
	slices.SortStableFunc(records, func(a, b Record) int { return a.When.Compare(b.When) })
	return records, problems, nil
}

// open checks one file and reads what it says.
func open(name string, b []byte, about Subject, trusted []Verifier) (Record, error) {
	e, err := ParseEnvelope(b)
	if err != nil {
		return Record{}, err
	}
	s, by, err := e.Verify(trusted...)
	if err != nil {
		return Record{}, err
	}
	r := Record{File: name, Digest: Digest(b), Kind: s.Kind(), Statement: s, Signers: by}
	if want := fileName(r.Kind, r.Digest); path.Base(name) != want {
		return Record{}, fmt.Errorf("the file is not named after its content: %s", want)
	}
	if !slices.ContainsFunc(s.Subject, about.Matches) {
		if slices.ContainsFunc(s.Subject, func(sub Subject) bool { return sub.Digest["sha256"] == about.Digest["sha256"] }) {
			return Record{}, errors.New("the statement is about files of the same content with other names")
		}
		return Record{}, errors.New("the statement is about something else than its folder")
	}
	if r.Predicate, err = s.Decode(); err != nil {
		return Record{}, err
	}
	r.When = r.Predicate.When()
	return r, nil
}

// SubjectOf is the subject that is known by its SHA-256 (lower-case hex) only.
func SubjectOf(sha256 string) Subject {
	return Subject{Digest: map[string]string{"sha256": sha256}}
}

// Subjects lists what there is evidence about, in order.
func (f Folder) Subjects() ([]string, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	names, err := list(root, ".", maxSubjects)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(n string) bool { return !IsSHA256(n) }), nil
}

// list returns the entries of a folder with their paths, in order. One that is not
// there has none.
func list(root *os.Root, dir string, limit int) ([]string, error) {
	d, err := root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(limit + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(names) > limit {
		return nil, fmt.Errorf("%s: more than %d entries", dir, limit)
	}
	for i := range names {
		names[i] = path.Join(dir, names[i])
	}
	slices.Sort(names)
	return names, nil
}

// readIn reads a regular file that lies in the root.
func readIn(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%d bytes; at most %d are read", info.Size(), limit)
	}
	h, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	b, err := io.ReadAll(io.LimitReader(h, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return b, err
}

// ReadUnverified reads a file of the folder, named below it with slashes, without
// checking who signed it: what it says is what somebody says. The record has no
// signers.
func (f Folder) ReadUnverified(name string) (Record, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return Record{}, err
	}
	defer root.Close()
	b, err := readIn(root, filepath.FromSlash(name), MaxStored)
	if err != nil {
		return Record{}, err
	}
	e, err := ParseEnvelope(b)
	if err != nil {
		return Record{}, err
	}
	s, err := Parse(e.Payload)
	if err != nil {
		return Record{}, err
	}
	r := Record{File: name, Digest: Digest(b), Kind: s.Kind(), Statement: s}
	if r.Predicate, err = s.Decode(); err != nil {
		return Record{}, err
	}
	r.When = r.Predicate.When()
	return r, nil
}

// Envelopes returns the files about something as they are, in order of their names,
// without checking who signed them.
func (f Folder) Envelopes(about Subject) ([]*Envelope, error) {
	_, problems, err := f.Read(about)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var out []*Envelope
	for _, p := range problems { // nobody is trusted, so nothing else is there
		if !errors.Is(p.Err, ErrSignature) {
			return nil, p
		}
		b, err := readIn(root, p.File, MaxStored)
		if err != nil {
			return nil, err
		}
		e, err := ParseEnvelope(b)
		if err != nil {
			return nil, Problem{p.File, err}
		}
		out = append(out, e)
	}
	return out, nil
}
