package sign

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// TestUpstreamVersions verifies signatures that versions of model_signing made (see
// testdata/upstream/make.py).
func TestUpstreamVersions(t *testing.T) {
	const dir = "testdata/upstream"
	model := filepath.Join(dir, "model")
	read := func(elem ...string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(append([]string{dir}, elem...)...))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, version := range []string{"0.3.1", "1.0.1", "1.1.1"} {
		for _, tt := range []struct{ sig, key, path string }{
			{"folder-p256.sig", "p256", model},
			{"folder-p384.sig", "p384", model},
			{"folder-p521.sig", "p521", model},
			{"file.sig", "p256", filepath.Join(model, "weights", "a.bin")},
			{"shards.sig", "p256", model},
			{"certificate.sig", "", model},
		} {
			if version == "0.3.1" && tt.key == "" {
				continue // it could not
			}
			t.Run(version+"/"+tt.sig, func(t *testing.T) {
				sig := read(version, tt.sig)
				trust := Trust{At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
				var err error
				if tt.key == "" {
					list, err := key.ParseCertificates(read(version, "root.pem"))
					if err != nil {
						t.Fatal(err)
					}
					if trust.Roots, err = key.NewRoots(list); err != nil {
						t.Fatal(err)
					}
				} else if trust.Key, err = key.ParsePublic(read(version, tt.key+".pub")); err != nil {
					t.Fatal(err)
				}
				r, err := Verify(context.Background(), tt.path, sig, Check{Trust: trust})
				if err != nil || len(r.Problems) > 0 {
					t.Fatalf("refused: %v, %v", err, r)
				}
				if r.OldFormat != (version < "1.1" && tt.key != "") {
					t.Errorf("old format = %v", r.OldFormat)
				}
				if tt.path != model {
					return
				}
				changed := t.TempDir()
				if err := os.CopyFS(changed, os.DirFS(model)); err != nil {
					t.Fatal(err)
				}
				put(t, filepath.Join(changed, "weights", "b c.bin"), "weights of B")
				r, err = Verify(context.Background(), changed, sig, Check{Trust: trust})
				if err != nil || strings.Join(brief(r.Problems), ";") != "changed weights/b c.bin" {
					t.Errorf("one byte changed: %v, %v", err, r)
				}
				other := newKey(t, key.P256)
				if _, err := Verify(context.Background(), model, sig, Check{Trust: Trust{Key: other.PublicKey()}}); !errors.Is(err, ErrInvalid) {
					t.Errorf("another key: %v", err)
				}
			})
		}
	}
	pub, err := key.ParsePublic(read("0.2.0", "p256.pub"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Verify(context.Background(), model, read("0.2.0", "folder.sig"), Check{Trust: Trust{Key: pub}})
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "0.2.0") {
		t.Errorf("0.2.0: %v", err)
	}
}

// TestCertificateTime: what is expired is refused, unless somebody asks about the past.
func TestCertificateTime(t *testing.T) {
	b, err := os.ReadFile("testdata/upstream/1.1.1/root.pem")
	if err != nil {
		t.Fatal(err)
	}
	list, err := key.ParseCertificates(b)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := key.NewRoots(list)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := os.ReadFile("testdata/upstream/1.1.1/certificate.sig")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Verify(context.Background(), "testdata/upstream/model", sig, Check{Trust: Trust{Roots: roots, At: time.Date(2046, 1, 1, 0, 0, 0, 0, time.UTC)}})
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "expired on 2045-01-01") {
		t.Errorf("expired: %v", err)
	}
}

// FuzzVerify: whatever a signature holds, it is refused or the model is compared; the
// key never signed anything else than the seed.
func FuzzVerify(f *testing.F) {
	pem, err := os.ReadFile("testdata/upstream/1.1.1/p256.pub")
	if err != nil {
		f.Fatal(err)
	}
	pub, err := key.ParsePublic(pem)
	if err != nil {
		f.Fatal(err)
	}
	var payload []byte
	for _, name := range []string{"folder-p256.sig", "shards.sig", "file.sig", "certificate.sig"} {
		b, err := os.ReadFile("testdata/upstream/1.1.1/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		_, e, err := parseBundle(b)
		if err != nil {
			f.Fatal(err)
		}
		payload = append(payload, e.Payload...)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, e, err := parseBundle(b)
		if err != nil {
			return
		}
		if _, _, err := authenticate(b, Trust{Key: pub}); err == nil && !bytes.Contains(payload, e.Payload) {
			t.Error("another payload is taken for signed")
		}
		// What a signer may state, however strange, must not do harm either.
		if s, err := evidence.Parse(e.Payload); err == nil {
			if m, err := parseManifest(s); err == nil {
				if want, err := m.files(); err == nil && len(want) == 0 {
					t.Error("a signature of nothing")
				}
			}
		}
	})
}
