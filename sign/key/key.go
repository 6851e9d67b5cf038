// Package key holds the keys that evidence and models are signed with: ECDSA on
// P-256, P-384 and P-521, and Ed25519.
//
// For most uses call [LoadSigner] and [LoadPublic] with the name of a PEM file, and
// [Generate] to make a new pair. All of them implement [evidence.Signer] and
// [evidence.Verifier]; a key that lives elsewhere is one more implementation of these
// (package sign/transit holds one for Vault and OpenBao).
package key

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/merlon-security/merlon/evidence"
)

// Type is the kind of a key.
type Type string

// The types of key. A model signature needs one of the first three.
const (
	P256    Type = "p256"
	P384    Type = "p384"
	P521    Type = "p521"
	Ed25519 Type = "ed25519"
)

// Types lists all types, the default first.
func Types() []Type { return []Type{P256, P384, P521, Ed25519} }

// Generate makes a new private key.
func Generate(t Type) (*Private, error) {
	switch t {
	case P256, P384, P521:
		k, err := ecdsa.GenerateKey(t.curve(), rand.Reader)
		if err != nil {
			return nil, err
		}
		return NewPrivate(k)
	case Ed25519:
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return NewPrivate(k)
	}
	return nil, fmt.Errorf("unknown type of key %q (one of %v)", t, Types())
}

// curve returns the curve of a type, nil for one without.
func (t Type) curve() elliptic.Curve {
	switch t {
	case P256:
		return elliptic.P256()
	case P384:
		return elliptic.P384()
	case P521:
		return elliptic.P521()
	}
	return nil
}

// Public is a public key.
type Public struct {
	typ Type
	key crypto.PublicKey
	pem []byte
	id  string
}

// NewPublic wraps a public key of crypto/ecdsa or crypto/ed25519.
func NewPublic(k crypto.PublicKey) (*Public, error) {
	p := &Public{key: k}
	switch k := k.(type) {
	case *ecdsa.PublicKey:
		for _, t := range []Type{P256, P384, P521} {
			if k.Curve == t.curve() {
				p.typ = t
			}
		}
		if p.typ == "" {
			return nil, errors.New("ECDSA key on a curve other than P-256, P-384 and P-521")
		}
	case ed25519.PublicKey:
		p.typ = Ed25519
	default:
		return nil, fmt.Errorf("%T is not supported: use an ECDSA (P-256, P-384, P-521) or Ed25519 key", k)
	}
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return nil, err
	}
	p.pem = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	sum := sha256.Sum256(p.pem)
	p.id = hex.EncodeToString(sum[:])
	return p, nil
}

// Type returns the type of the key.
func (p *Public) Type() Type { return p.typ }

// PEM returns the key as SubjectPublicKeyInfo in PEM, with a final line break.
func (p *Public) PEM() []byte { return p.pem }

// Key returns the key for the packages below crypto.
func (p *Public) Key() crypto.PublicKey { return p.key }

// KeyID implements [evidence.Verifier]. It is what OpenSSF Model Signing calls the
// hint of a key.
func (p *Public) KeyID() string { return p.id }

// ErrInvalid is returned by [Public.Verify] if the signature is not by this key.
var ErrInvalid = errors.New("invalid signature")

// Verify implements [evidence.Verifier].
func (p *Public) Verify(message, sig []byte) error {
	ok := false
	switch k := p.key.(type) {
	case *ecdsa.PublicKey:
		digest, _ := p.typ.Digest(message)
		ok = ecdsa.VerifyASN1(k, digest, sig)
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, message, sig)
	}
	if !ok {
		return ErrInvalid
	}
	return nil
}

// Digest hashes a message with the hash that belongs to a curve (FIPS 186-5, and
// OpenSSF Model Signing v1.0), and names it as Vault does.
func (t Type) Digest(message []byte) (digest []byte, name string) {
	switch t {
	case P384:
		d := sha512.Sum384(message)
		return d[:], "sha2-384"
	case P521:
		d := sha512.Sum512(message)
		return d[:], "sha2-512"
	}
	d := sha256.Sum256(message)
	return d[:], "sha2-256"
}

// hash names what Digest computes.
func (t Type) hash() crypto.Hash {
	switch t {
	case P384:
		return crypto.SHA384
	case P521:
		return crypto.SHA512
	}
	return crypto.SHA256
}

// Private is a private key in memory.
type Private struct {
	key crypto.Signer
	pub *Public
}

// NewPrivate wraps a private key of crypto/ecdsa or crypto/ed25519.
func NewPrivate(k crypto.Signer) (*Private, error) {
	pub, err := NewPublic(k.Public())
	if err != nil {
		return nil, err
	}
	return &Private{k, pub}, nil
}

// Public implements [evidence.Signer].
func (p *Private) Public() evidence.Verifier { return p.pub }

// PublicKey is Public with its own type.
func (p *Private) PublicKey() *Public { return p.pub }

// Sign implements [evidence.Signer].
func (p *Private) Sign(_ context.Context, message []byte) ([]byte, error) {
	if p.pub.typ == Ed25519 {
		return p.key.Sign(nil, message, crypto.Hash(0))
	}
	digest, _ := p.pub.typ.Digest(message)
	return p.key.Sign(rand.Reader, digest, p.pub.typ.hash())
}

// String keeps the key out of logs.
func (p *Private) String() string { return "private key of " + p.pub.id }

// GoString keeps the key out of logs.
func (p *Private) GoString() string { return p.String() }

var (
	_ evidence.Signer   = (*Private)(nil)
	_ evidence.Verifier = (*Public)(nil)
)
