package sign

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// ErrInvalid is wrapped by every error of [Verify] that is about the signature: it is
// not what it claims to be, or not by whom is trusted.
var ErrInvalid = errors.New("invalid signature")

// Trust is whom to believe: a key, or whoever has a certificate under some roots.
type Trust struct {
	Key   *key.Public
	Roots *key.Roots
	At    time.Time // when certificates must be valid. Optional, default now
}

// Check says how a model is verified.
type Check struct {
	Trust         Trust
	SignatureFile string // where the signature lies, to leave it out below the model. Optional
	AllowSymlinks bool   // follow links inside the model even if the signer did not. Optional
	Workers       int    // files read at once. Optional, default one per CPU

	// Progress is called with the bytes that were hashed, from several goroutines.
	// Optional.
	Progress func(n int64)
}

// Report is what is known after the signature was found to be valid. The model is as
// signed when there are no problems.
type Report struct {
	Name        string // of the model when it was signed; says nothing about it
	Digest      string // root digest of the signed model, lower-case hex
	KeyID       string
	Certificate *x509.Certificate // nil: signed with a key
	Files       int               // that were signed
	Bytes       int64             // of those that were compared
	Shards      int64             // bytes per shard; 0: whole files were signed
	Ignored     []string          // paths that are there and were left out
	Unsigned    []string          // empty files, about which a signature of shards says nothing
	OldFormat   bool              // made before model_signing 1.1: it does not name its key
	Problems    []Problem
}

// Verify checks a signature and compares a file or folder with what was signed. The
// error wraps [ErrInvalid] when the signature is not valid; then nothing was read of
// the model.
func Verify(ctx context.Context, path string, signature []byte, c Check) (*Report, error) {
	invalid := func(err error) error { return fmt.Errorf("%w: %w", ErrInvalid, err) }
	m, r, err := authenticate(signature, c.Trust)
	if err != nil {
		return nil, invalid(err)
	}
	want, err := m.files()
	if err != nil {
		return nil, invalid(err)
	}
	if clash := clashes(want); clash != nil {
		return nil, invalid(clash)
	}
	for name := range want {
		if by := ignored(m.Ignore, name); by != "" {
			return nil, invalid(fmt.Errorf("it covers %q and ignores %q", name, by))
		}
	}
	r.Files = len(want)

	t, err := openTree(path, leaveOut(m, want, path, c.SignatureFile), m.AllowSymlinks || c.AllowSymlinks)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.compare(ctx, m, want, r, c); err != nil {
		return nil, err
	}
	return r, nil
}

// authenticate checks who signed, and reads what.
func authenticate(signature []byte, trust Trust) (manifest, *Report, error) {
	material, envelope, err := parseBundle(signature)
	if err != nil {
		return manifest{}, nil, err
	}
	r := &Report{}
	pub := trust.Key
	switch {
	case material.Certificate != nil || len(material.TlogEntries) > 0:
		return manifest{}, nil, errors.New("signed with Sigstore's keyless method, which this build does not verify: use a key or certificate, or the tool model_signing")
	case trust.Roots != nil:
		chain := material.ders()
		if len(chain) == 0 {
			return manifest{}, nil, errors.New("signed with a key and not with a certificate: verify with --key PUB")
		}
		at := trust.At
		if at.IsZero() {
			at = time.Now()
		}
		if pub, r.Certificate, err = trust.Roots.Verify(chain, at); err != nil {
			return manifest{}, nil, err
		}
	case trust.Key == nil:
		return manifest{}, nil, errors.New("no key or roots to verify with")
	case material.PublicKey == nil:
		return manifest{}, nil, errors.New("signed with a certificate and not with a key: verify with --cert-chain ROOTS")
	case material.PublicKey.Hint == "":
		r.OldFormat = true
	case material.PublicKey.Hint != pub.KeyID():
		return manifest{}, nil, fmt.Errorf("signed with key %.64q and not with %s", material.PublicKey.Hint, pub.KeyID())
	}
	if err := Usable(pub); err != nil {
		return manifest{}, nil, err
	}
	statement, _, err := envelope.Verify(pub)
	if errors.Is(err, evidence.ErrSignature) {
		if bytes.Contains(envelope.Payload, []byte(oldPredicates)) {
			return manifest{}, nil, errOld
		}
		return manifest{}, nil, fmt.Errorf("the signature does not fit what it is attached to, or was made with another key than %s", pub.KeyID())
	}
	if err != nil {
		return manifest{}, nil, err
	}
	m, err := parseManifest(statement)
	if err != nil {
		return manifest{}, nil, err
	}
	r.Name, r.Digest, r.KeyID = m.Name, m.Root, pub.KeyID()
	if m.Method == methodShards {
		r.Shards = m.ShardSize
	}
	return m, r, nil
}

// leaveOut is what is not compared: what the signature says, the signature itself, and
// the files of git unless they were signed.
func leaveOut(m manifest, want map[string]*expected, path, signature string) []string {
	out := append([]string{}, m.Ignore...)
	for _, p := range defaultIgnores() {
		covered := false
		for name := range want {
			covered = covered || ignored([]string{p}, name) != ""
		}
		if !covered {
			out = append(out, p)
		}
	}
	if rel, ok := Below(path, signature); ok && want[rel] == nil {
		out = append(out, rel)
	}
	return out
}

// Below returns where a file lies below a folder, with slashes; false when it does
// not. Links on the way are resolved.
func Below(dir, file string) (string, bool) {
	if file == "" {
		return "", false
	}
	d, err1 := filepath.Abs(dir)
	f, err2 := filepath.Abs(file)
	if err1 != nil || err2 != nil {
		return "", false
	}
	if r, err := filepath.EvalSymlinks(d); err == nil {
		d = r
	}
	if r, err := filepath.EvalSymlinks(filepath.Dir(f)); err == nil {
		f = filepath.Join(r, filepath.Base(f)) // the file itself need not be there yet
	}
	rel, err := filepath.Rel(d, f)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
