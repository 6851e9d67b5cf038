package evidence

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFolder(t *testing.T) {
	k, other := newEdKey(1), newEdKey(2)
	f := Folder{filepath.Join(t.TempDir(), "evidence")}
	subject := digest["sha256"]
	if _, _, err := f.Read(SubjectOf(subject), k); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	add := func(key Signer, kind Kind) string {
		t.Helper()
		e, err := Sign(context.Background(), statement(kind, example(t, kind)), key)
		if err != nil {
			t.Fatal(err)
		}
		files, err := f.Add(e)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		return files[0]
	}
	scan := add(k, KindScan)
	if again := add(k, KindScan); again != scan {
		t.Errorf("the same evidence has two names: %s, %s", scan, again)
	}
	card := add(k, KindCard)
	foreign := add(other, KindApproval)
	if want := filepath.Join(f.Dir, subject, "scan-"); !strings.HasPrefix(scan, want) || !strings.HasSuffix(scan, ".dsse.json") {
		t.Errorf("%s, want %s...", scan, want)
	}
	read := func() (kinds []string, problems []Problem) {
		t.Helper()
		records, problems, err := f.Read(SubjectOf(subject), k)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			kinds = append(kinds, string(r.Kind))
			if r.When.IsZero() || len(r.Signers) != 1 || r.Signers[0] != k.KeyID() || r.Predicate == nil {
				t.Errorf("%+v", r)
			}
		}
		return kinds, problems
	}
	got, problems := read()
	if d := cmp.Diff([]string{"card", "scan"}, got); d != "" { // in order of time
		t.Error(d)
	}
	if len(problems) != 1 || !errors.Is(problems[0], ErrSignature) || filepath.Base(problems[0].File) != filepath.Base(foreign) {
		t.Errorf("problems: %v", problems)
	}
	if subjects, err := f.Subjects(); err != nil || len(subjects) != 1 || subjects[0] != subject {
		t.Errorf("subjects: %v, %v", subjects, err)
	}
	if records, problems, err := f.Read(SubjectOf(strings.Repeat("00", 32)), k); records != nil || problems != nil || err != nil {
		t.Errorf("a subject without evidence: %v %v %v", records, problems, err)
	}
	if _, _, err := f.Read(SubjectOf("../"+subject), k); err == nil {
		t.Error("a subject that is a path was accepted")
	}

	// What somebody does to the files.
	elsewhere := filepath.Join(f.Dir, strings.Repeat("11", 32))
	for name, tt := range map[string]struct {
		do   func() error
		want string
	}{
		"renamed":       {func() error { return os.Rename(card, strings.Replace(card, "card-", "scan-", 1)) }, "not named after its content"},
		"other subject": {func() error { return os.Rename(filepath.Dir(scan), elsewhere) }, "about something else"},
		"cut":           {func() error { return os.Truncate(scan, 100) }, "envelope"},
		"a link": {func() error {
			if runtime.GOOS == "windows" {
				return os.WriteFile(scan, nil, 0o600)
			}
			_ = os.Remove(scan)
			return os.Symlink("/etc/passwd", scan)
		}, ""},
		"a folder": {func() error { _ = os.Remove(scan); return os.Mkdir(scan, 0o755) }, "not a regular file"},
	} {
		scan, card = add(k, KindScan), add(k, KindCard)
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		where := subject
		if name == "other subject" {
			where = filepath.Base(elsewhere)
		}
		_, problems, err := f.Read(SubjectOf(where), k)
		found := false
		for _, p := range problems {
			found = found || !errors.Is(p, ErrSignature) && strings.Contains(p.Error(), tt.want)
		}
		if err != nil || !found {
			t.Errorf("%s: %v %v, want %q", name, problems, err, tt.want)
		}
		if err := os.RemoveAll(f.Dir); err != nil {
			t.Fatal(err)
		}
	}
}

// Evidence with several subjects is found from each of them.
func TestFolderManySubjects(t *testing.T) {
	k := newEdKey(1)
	s := statement(KindScan, example(t, KindScan))
	second := strings.Repeat("cd", 32)
	s.Subject = append(s.Subject, Subject{Name: "n", Digest: map[string]string{"sha256": second}}, s.Subject[0])
	e, err := Sign(context.Background(), s, k)
	if err != nil {
		t.Fatal(err)
	}
	f := Folder{t.TempDir()}
	if files, err := f.Add(e); err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, subject := range []string{digest["sha256"], second} {
		if records, problems, err := f.Read(SubjectOf(subject), k); len(records) != 1 || len(problems) > 0 || err != nil {
			t.Errorf("%s: %v %v %v", subject, records, problems, err)
		}
	}
}

// A predicate that is not known here is kept, and is no evidence.
func TestFolderUnknownPredicate(t *testing.T) {
	k := newEdKey(1)
	s := statement(KindScan, []byte(`{"x":1}`))
	s.PredicateType = "https://example.com/x"
	e, err := Sign(context.Background(), s, k)
	if err != nil {
		t.Fatal(err)
	}
	f := Folder{t.TempDir()}
	if files, err := f.Add(e); err != nil || !strings.Contains(files[0], "other-") {
		t.Fatal(files, err)
	}
	if records, problems, err := f.Read(SubjectOf(digest["sha256"]), k); len(records) != 0 || len(problems) != 1 || !errors.Is(problems[0], ErrUnknown) || err != nil {
		t.Errorf("%v %v %v", records, problems, err)
	}
}

// The digest of a folder does not cover the names of its files; another digest does,
// where both sides have it.
func TestFolderOtherNames(t *testing.T) {
	k := newEdKey(1)
	s := statement(KindScan, example(t, KindScan))
	s.Subject = []Subject{{Name: "m", Digest: map[string]string{"sha256": digest["sha256"], DirHash: strings.Repeat("11", 32)}}}
	e, err := Sign(context.Background(), s, k)
	if err != nil {
		t.Fatal(err)
	}
	f := Folder{t.TempDir()}
	if _, err := f.Add(e); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dirHash string
		want    int
	}{{strings.Repeat("11", 32), 1}, {"", 1}, {strings.Repeat("22", 32), 0}} {
		about := SubjectOf(digest["sha256"])
		if tt.dirHash != "" {
			about.Digest[DirHash] = tt.dirHash
		}
		records, problems, err := f.Read(about, k)
		if len(records) != tt.want || len(problems) != 1-tt.want || err != nil {
			t.Errorf("%q: %v %v %v", tt.dirHash, records, problems, err)
		}
	}
}
