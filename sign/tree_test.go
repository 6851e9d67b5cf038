package sign

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/sign/key"
)

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// TestHubSnapshot: the files of a snapshot in a Hugging Face cache are links to the
// blobs beside it. They are followed there, and nowhere else.
func TestHubSnapshot(t *testing.T) {
	cache := write(t, "models--org--name/blobs/b1", "config", "models--org--name/blobs/b2", "weights", "secret", "s", "models--org--other/blobs/b3", "x")
	snapshot := filepath.Join(cache, "models--org--name", "snapshots", "abc")
	symlink(t, "../../blobs/b1", filepath.Join(snapshot, "config.json"))
	symlink(t, "../../../blobs/b2", filepath.Join(snapshot, "sub", "w.bin"))
	plain := write(t, "config.json", "config", "sub/w.bin", "weights")
	k := newKey(t, key.P256)
	trust := Trust{Key: k.PublicKey()}

	// What somebody signed as plain files verifies in the cache when links are allowed.
	sig := mustSign(t, plain, k, Options{})
	r, err := Verify(context.Background(), snapshot, sig, Check{Trust: trust, AllowSymlinks: true})
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("%v %v", err, r)
	}
	r, err = Verify(context.Background(), snapshot, sig, Check{Trust: trust})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"symlink config.json", "symlink sub/w.bin"}, brief(r.Problems)); d != "" {
		t.Errorf("links that nobody allowed: %s", d)
	}
	// The identity of both is the same.
	a, err1 := Identify(context.Background(), snapshot, IdentityOptions{})
	b, err2 := Identify(context.Background(), plain, IdentityOptions{})
	if err1 != nil || err2 != nil || a.SHA256 != b.SHA256 {
		t.Errorf("%v %v, %v %v", a, err1, b, err2)
	}
	seen := map[string]bool{}
	for name, target := range map[string]string{
		"out of the repository": "../../../secret",
		"another repository":    "../../../models--org--other/blobs/b3",
		"absolute":              filepath.Join(cache, "models--org--name", "blobs", "b1"),
		"a folder":              "sub",
		"nowhere":               "nothing",
		"itself":                "link",
	} {
		link := filepath.Join(snapshot, "link")
		symlink(t, target, link)
		r, err := Verify(context.Background(), snapshot, sig, Check{Trust: trust, AllowSymlinks: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"symlink link"}, brief(r.Problems)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if _, _, err := Sign(context.Background(), snapshot, k, Options{AllowSymlinks: true}); err == nil || !strings.Contains(err.Error(), "link") {
			t.Errorf("%s: signed, %v", name, err)
		}
		// It has an identity all the same, which another target would change.
		with, err := Identify(context.Background(), snapshot, IdentityOptions{})
		if err != nil || with.SHA256 == a.SHA256 || seen[with.SHA256] {
			t.Errorf("%s: %+v, %v", name, with, err)
		}
		seen[with.SHA256] = true
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPathIsALink: what the user names is followed.
func TestPathIsALink(t *testing.T) {
	dir := write(t, "m/a.bin", "a", "f.bin", "f")
	symlink(t, "m", filepath.Join(dir, "lm"))
	symlink(t, "f.bin", filepath.Join(dir, "lf"))
	k := newKey(t, key.P256)
	for link, target := range map[string]string{"lm": "m", "lf": "f.bin"} {
		sig := mustSign(t, filepath.Join(dir, link), k, Options{})
		r, err := Verify(context.Background(), filepath.Join(dir, target), sig, Check{Trust: Trust{Key: k.PublicKey()}})
		if err != nil || len(r.Problems) > 0 {
			t.Errorf("%s: %v %v", link, err, r)
		}
	}
}

func TestIdentify(t *testing.T) {
	dir := write(t, "a.bin", "aaaa", "sub/b.bin", "bbbb", ".gitignore", "x", ".git/HEAD", "y", "model.sig", "z", "ev/x.json", "{}")
	k := newKey(t, key.P256)
	_, sum, err := Sign(context.Background(), dir, k, Options{Ignore: []string{"ev", DefaultName}})
	if err != nil {
		t.Fatal(err)
	}
	id, err := Identify(context.Background(), dir, IdentityOptions{Ignore: []string{"ev"}})
	if err != nil || id.SHA256 != sum.Digest || id.Files != 2 || id.Bytes != 8 || id.Kind != "folder" {
		t.Errorf("%+v, %v; signed %s", id, err, sum.Digest)
	}
	one, err := Identify(context.Background(), filepath.Join(dir, "a.bin"), IdentityOptions{})
	// By sha256sum: printf aaaa | sha256sum
	if want := "61be55a8e2f6b4e172338bddf184d6dbee29c98853e0a0485ecee7f27b9af0b4"; err != nil || one.SHA256 != want || one.Kind != "file" {
		t.Errorf("%+v, %v", one, err)
	}
	known, err := Identify(context.Background(), dir, IdentityOptions{Ignore: []string{"ev"}, Known: map[string]string{"a.bin": one.SHA256}})
	if err != nil || known.SHA256 != id.SHA256 {
		t.Errorf("%+v, %v", known, err)
	}
	other, err := Identify(context.Background(), dir, IdentityOptions{Ignore: []string{"ev"}, Known: map[string]string{"a.bin": strings.Repeat("00", 32)}})
	if err != nil || other.SHA256 == id.SHA256 {
		t.Errorf("known digests are not used: %+v, %v", other, err)
	}
	// By find . -type f | cut -c3- | LC_ALL=C sort | xargs sha256sum | sha256sum
	if want := "c67ac75e8e2f3d7ad40516f57f1c5803ea2f86fdbfb3bcd57366fdb520511477"; id.DirHash != want {
		t.Errorf("dirHash %s, want %s", id.DirHash, want)
	}
	moved := write(t, "a.bin", "aaaa", "z.bin", "bbbb")
	renamed, err := Identify(context.Background(), moved, IdentityOptions{})
	if err != nil || renamed.SHA256 != id.SHA256 || renamed.DirHash == id.DirHash || renamed.Subject().Matches(id.Subject()) {
		t.Errorf("%+v, %v", renamed, err)
	}
	for _, bad := range []IdentityOptions{{Ignore: []string{"a.bin", "sub", "ev"}}, {Ignore: []string{".."}}, {Ignore: []string{""}}} {
		if id, err := Identify(context.Background(), dir, bad); err == nil {
			t.Errorf("%v: %+v", bad, id)
		}
	}
}

// TestRefusedToSign: a model that cannot be signed as a whole is not signed, and every
// reason is named.
func TestRefusedToSign(t *testing.T) {
	k := newKey(t, key.P256)
	dir := write(t, "a.bin", "a", "A.bin", "A", "x\ny", "x", `b\c`, "x", "ﬁ.bin", "1", "FI.bin", "2")
	if entries, _ := os.ReadDir(dir); len(entries) < 6 {
		t.Skip("this file system folds case")
	}
	_, _, err := Sign(context.Background(), dir, k, Options{})
	r, ok := err.(*Refused)
	if !ok {
		t.Fatalf("error = %v", err)
	}
	want := []string{`bad name b\c`, "bad name x\ny", "case a.bin (A.bin)", "case ﬁ.bin (FI.bin)"}
	if d := cmp.Diff(want, brief(r.Problems)); d != "" {
		t.Error(d)
	}
	if strings.Contains(err.Error(), "x\ny") {
		t.Errorf("a name breaks the line: %s", err)
	}
	empty := write(t, ".git/HEAD", "x")
	if _, _, err := Sign(context.Background(), empty, k, Options{}); err == nil {
		t.Error("a model without files was signed")
	}
	if _, _, err := Sign(context.Background(), write(t, "a", "", "b", "x"), k, Options{ShardSize: 10}); err == nil || !strings.Contains(err.Error(), "no shards") {
		t.Errorf("an empty file in shards: %v", err)
	}
	if _, _, err := Sign(context.Background(), write(t, "a", "x"), newKey(t, key.Ed25519), Options{}); err == nil || !strings.Contains(err.Error(), "Ed25519") {
		t.Errorf("Ed25519: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Sign(ctx, write(t, "a", "x"), k, Options{}); err == nil {
		t.Error("signed after the end")
	}
}
