package beside

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

func TestShape(t *testing.T) {
	for location, want := range map[string]Kind{
		"weights.bin": Inside, "a/b.bin": Inside, "./a..b": Inside, "...": Inside, "a//b": Inside,
		"": Odd, "a\x00b": Odd, "a/../b": Odd, ".": Odd,
		"../x": Traversal, `..\x`: Traversal, "./../x": Traversal, "..": Traversal,
		"a/../../x": InnerTraversal, `a\..\..\x`: InnerTraversal,
		"/etc/passwd": Absolute, `\\host\share`: Absolute, `C:\x`: Absolute, "c:x": Absolute, "file:///etc/passwd": Absolute, "~/x": Absolute,
		"https://example.org/x": Remote, "s3://bucket/x": Remote,
	} {
		if got := Shape(location); got != want {
			t.Errorf("Shape(%q) = %v, want %v", location, got, want)
		}
	}
}

func TestLook(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "model")
	hub := filepath.Join(top, "models--a--b")
	for _, d := range []string{filepath.Join(dir, "sub"), filepath.Join(hub, "snapshots", "c"), filepath.Join(hub, "blobs")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{filepath.Join(top, "secret"), filepath.Join(dir, "data"), filepath.Join(hub, "blobs", "d")} {
		if err := os.WriteFile(f, []byte("12345"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		filepath.Join(dir, "out"): "../secret", filepath.Join(dir, "in"): "data", filepath.Join(dir, "gone"): "/nowhere/x",
		filepath.Join(dir, "up"): "..", filepath.Join(hub, "snapshots", "c", "data"): "../../blobs/d",
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	ref := asset.Ref{Path: filepath.ToSlash(filepath.Join(dir, "m"))}
	for location, want := range map[string]Kind{
		"data": Inside, "in": Inside, "none": Absent, "out": Symlink, "gone": Symlink, "up/secret": Symlink, "sub": Irregular, "../secret": Traversal,
	} {
		if got := Look(ref, location); got.Kind != want {
			t.Errorf("Look(%q) = %v, want %v", location, got.Kind, want)
		}
	}
	if got := Look(ref, "data"); got.Size != 5 {
		t.Errorf("size %d", got.Size)
	}
	if got := Look(asset.Ref{Path: filepath.ToSlash(filepath.Join(hub, "snapshots", "c", "m"))}, "data"); got.Kind != Inside {
		t.Errorf("hub snapshot: %v", got.Kind)
	}
	if got := Look(ref.Join(asset.Step{Kind: asset.Member, Name: "m"}), "data"); got.Kind != NotLooked {
		t.Errorf("archive: %v", got.Kind)
	}
}
