package merlon

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/scan"
)

// A file that the interest of a scanner leaves out never reaches it: whatever it
// would want must be a candidate.
func checkInterest(t *testing.T, scanners []scan.Scanner, fi scan.FileInfo) {
	t.Helper()
	for _, s := range scanners {
		info := s.Info()
		if info.Interest == nil || s.Wants(fi) == scan.No {
			continue
		}
		if ok, err := info.Interest.Fits(fi); err != nil {
			t.Fatalf("%s: %v", info.ID, err)
		} else if !ok {
			t.Errorf("%s wants %s (%d bytes, %.20q, hint %q) and its interest leaves it out", info.ID, fi.Ref, fi.Size, fi.Head, fi.Hint)
		}
	}
}

func all() []scan.Scanner { return append(Scanners(), DeepScanners()...) }

// TestEveryScannerDeclaresItsInterest keeps the walk as fast as it is: one scanner
// without an interest is asked twice about every file there is.
func TestEveryScannerDeclaresItsInterest(t *testing.T) {
	for _, s := range all() {
		if info := s.Info(); info.Interest == nil {
			t.Errorf("scanner %s declares no interest: see scan.Interest", info.ID)
		}
	}
}

func TestInterestsLeaveNothingOut(t *testing.T) {
	scanners := all()
	names := []string{"", "config.json", "README.md", "model.bin", "model.PKL", "a.Zip", "m.tar", "x.xml", "saved_model.pb", "x.keras", "x.onnx"}
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == ".cache" || d.Name() == ".git" || d.Name() == "bin") {
			if d != nil && d.IsDir() && err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		f, fi, closer, err := scan.OpenFile(path, filepath.ToSlash(path))
		if err != nil {
			return nil
		}
		defer closer.Close()
		files++
		for _, name := range names {
			fi := fi
			if name != "" {
				fi.Ref = asset.Ref{Path: "dir/" + name}
			}
			checkInterest(t, scanners, fi)
		}
		for _, n := range []int{1, 3, 4, 10, 300, 1000} { // as a part of another file
			if n < len(f.Head()) {
				ref := fi.Ref.Join(asset.Step{Kind: asset.Member, Name: filepath.Base(path)})
				checkInterest(t, scanners, scan.FileInfo{Ref: ref, Size: int64(n), Head: f.Head()[:n]})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 500 {
		t.Errorf("only %d files were tried", files)
	}
}

func FuzzInterests(f *testing.F) {
	scanners := all()
	for _, path := range []string{"go.mod", "README.md", "scanners.go"} {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(path, "", b[:min(len(b), scan.HeadSize)])
	}
	f.Add("x", "pickle", []byte("\x80\x04."))
	f.Add("x", "", []byte("\x88\x00\x08\x12\x02ab"))
	f.Fuzz(func(t *testing.T, name, hint string, head []byte) {
		if len(head) > scan.HeadSize {
			return
		}
		fi := scan.FileInfo{Ref: asset.Ref{Path: name}, Hint: hint, Size: int64(len(head)), Head: head}
		if head == nil {
			fi.Head = []byte{}
		}
		checkInterest(t, scanners, fi)
	})
}
