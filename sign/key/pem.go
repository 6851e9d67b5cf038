package key

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/merlon-security/merlon/safeio"
)

// maxFile bounds a key file, in bytes.
const maxFile = 1 << 20

// ErrPassphrase is returned by [ParsePrivate] if the key is encrypted and the
// passphrase is missing or wrong.
var ErrPassphrase = errors.New("the key is encrypted, and the passphrase is missing or wrong")

// LoadSigner reads a private key from a PEM file. passphrase is called when the key
// is encrypted; nil when there is none to ask.
func LoadSigner(path string, passphrase func() ([]byte, error)) (*Private, error) {
	b, err := safeio.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	if err := exposed(path); err != nil {
		return nil, err
	}
	k, err := ParsePrivate(b, nil)
	if errors.Is(err, ErrPassphrase) && passphrase != nil {
		var pass []byte
		if pass, err = passphrase(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		k, err = ParsePrivate(b, pass)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

// exposed refuses a key that other users of the machine can change: whoever can,
// chooses what signs.
func exposed(path string) error {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s can be written by others (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return err
}

// ParsePrivate reads a private key in PEM: PKCS#8, SEC 1, or encrypted PKCS#8
// (PBES2, RFC 8018). Other blocks before it, such as curve parameters, are skipped.
func ParsePrivate(b, passphrase []byte) (*Private, error) {
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, notPEM(b, "private")
		}
		var k any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			k, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				return nil, errors.New("key in the old encryption of OpenSSL, which is weak: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW")
			}
			k, err = x509.ParseECPrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			var der []byte
			if der, err = decryptPKCS8(block.Bytes, passphrase); err != nil {
				return nil, err
			}
			if k, err = x509.ParsePKCS8PrivateKey(der); err != nil {
				err = ErrPassphrase // what a wrong passphrase decrypts to is no key
			}
		case "EC PARAMETERS", "PUBLIC KEY", "CERTIFICATE":
			continue
		default:
			return nil, fmt.Errorf("PEM block %q is not supported: use an ECDSA (P-256, P-384, P-521) or Ed25519 key in PKCS#8 or SEC 1", block.Type)
		}
		if err != nil {
			return nil, err
		}
		signer, ok := k.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("%T cannot sign", k)
		}
		return NewPrivate(signer)
	}
}

// notPEM says what is there instead of a key.
func notPEM(b []byte, want string) error {
	switch {
	case bytes.Contains(b, []byte("BEGIN PUBLIC KEY")):
		return fmt.Errorf("a public key, and a %s key is needed", want)
	case bytes.Contains(b, []byte("PRIVATE KEY-----")) && want == "public":
		return errors.New("a private key, and a public key is needed: give the .pub file that belongs to it")
	case bytes.Contains(b, []byte("BEGIN CERTIFICATE")):
		return fmt.Errorf("a certificate, and a %s key is needed (certificates go with --cert-chain)", want)
	case bytes.HasPrefix(b, []byte("ssh-")), bytes.HasPrefix(b, []byte("ecdsa-sha2-")):
		return errors.New("a key of OpenSSH, and PEM is needed: ssh-keygen -e -m PKCS8 -f KEY")
	}
	return fmt.Errorf("no %s key in PEM was found", want)
}

// LoadPublic reads a public key from a PEM file.
func LoadPublic(path string) (*Public, error) {
	b, err := safeio.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	p, err := ParsePublic(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// ParsePublic reads the only public key in a PEM text (SubjectPublicKeyInfo).
func ParsePublic(b []byte) (*Public, error) {
	var found *Public
	for rest := b; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil && found == nil:
			return nil, notPEM(b, "public")
		case block == nil:
			return found, nil
		case block.Type != "PUBLIC KEY":
			return nil, notPEM(b, "public")
		case found != nil:
			return nil, errors.New("more than one public key")
		}
		k, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if found, err = NewPublic(k); err != nil {
			return nil, err
		}
	}
}

// EncodePrivate returns a private key in PEM: PKCS#8, encrypted when there is a
// passphrase.
func EncodePrivate(k *Private, passphrase []byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: "PRIVATE KEY", Bytes: der}
	if len(passphrase) > 0 {
		block.Type = "ENCRYPTED PRIVATE KEY"
		if block.Bytes, err = encryptPKCS8(der, passphrase); err != nil {
			return nil, err
		}
	}
	return pem.EncodeToMemory(block), nil
}
