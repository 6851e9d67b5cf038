package key

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSignAndVerify(t *testing.T) {
	for _, typ := range Types() {
		t.Run(string(typ), func(t *testing.T) {
			k, err := Generate(typ)
			if err != nil {
				t.Fatal(err)
			}
			message := []byte("a message")
			sig, err := k.Sign(context.Background(), message)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.Public().Verify(message, sig); err != nil {
				t.Error(err)
			}
			if err := k.Public().Verify([]byte("a massage"), sig); err == nil {
				t.Error("another message verifies")
			}
			if err := k.Public().Verify(message, append(sig, 0)); err == nil {
				t.Error("a longer signature verifies")
			}
			other, _ := Generate(typ)
			if err := other.Public().Verify(message, sig); err == nil {
				t.Error("another key verifies")
			}
			sum := sha256.Sum256(k.PublicKey().PEM())
			if k.Public().KeyID() != hex.EncodeToString(sum[:]) {
				t.Error("key id is not the digest of the PEM text")
			}
			if s := fmt.Sprintf("%v %+v %#v", k, k, k); strings.Contains(s, "ecdsa") || strings.Contains(s, "PRIVATE") {
				t.Errorf("a private key prints as %s", s)
			}
		})
	}
}

func TestEncodeAndParse(t *testing.T) {
	for _, typ := range Types() {
		for _, pass := range []string{"", "correct horse"} {
			k, err := Generate(typ)
			if err != nil {
				t.Fatal(err)
			}
			text, err := EncodePrivate(k, []byte(pass))
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParsePrivate(text, []byte(pass))
			if err != nil || back.Public().KeyID() != k.Public().KeyID() {
				t.Errorf("%s with passphrase %q: %v", typ, pass, err)
			}
			if pass != "" {
				for _, wrong := range []string{"", "wrong"} {
					if _, err := ParsePrivate(text, []byte(wrong)); !errors.Is(err, ErrPassphrase) {
						t.Errorf("%s with passphrase %q: %v", typ, wrong, err)
					}
				}
			}
			pub, err := ParsePublic(k.PublicKey().PEM())
			if err != nil || pub.KeyID() != k.Public().KeyID() {
				t.Errorf("%s: public key: %v", typ, err)
			}
		}
	}
}

// TestOpenSSL reads the keys that OpenSSL writes, and lets it read ours.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no openssl")
		}
		t.Skip("no openssl")
	}
	dir := t.TempDir()
	openssl := func(args ...string) {
		t.Helper()
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	read := func(file, pass string) *Private {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		k, err := ParsePrivate(b, []byte(pass))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return k
	}
	openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "sec1.pem") // with EC PARAMETERS before it
	want := read("sec1.pem", "").Public().KeyID()
	for i, args := range [][]string{
		{"-nocrypt"},
		{"-v2", "aes-128-cbc"},
		{"-v2", "aes-192-cbc"},
		{"-v2", "aes-256-cbc"},
		{"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"},
		{"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA384"},
		{"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-iter", "100000"},
	} {
		file := fmt.Sprintf("k%d.pem", i)
		openssl(append([]string{"pkcs8", "-topk8", "-in", "sec1.pem", "-out", file, "-passout", "pass:secret"}, args...)...)
		if got := read(file, "secret").Public().KeyID(); got != want {
			t.Errorf("%v: another key came back", args)
		}
	}
	openssl("pkcs8", "-topk8", "-in", "sec1.pem", "-out", "scrypt.pem", "-passout", "pass:secret", "-scrypt")
	openssl("ec", "-in", "sec1.pem", "-out", "old.pem", "-aes128", "-passout", "pass:secret")
	for _, file := range []string{"scrypt.pem", "old.pem"} {
		b, _ := os.ReadFile(filepath.Join(dir, file))
		if _, err := ParsePrivate(b, []byte("secret")); err == nil || !strings.Contains(err.Error(), "openssl pkcs8 -topk8") {
			t.Errorf("%s: %v does not say what to do", file, err)
		}
	}

	k, _ := Generate(P384)
	text, err := EncodePrivate(k, []byte("ours"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ours.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	openssl("pkey", "-in", "ours.pem", "-passin", "pass:ours", "-pubout", "-out", "ours.pub")
	got, err := os.ReadFile(filepath.Join(dir, "ours.pub"))
	if err != nil || !bytes.Equal(got, k.PublicKey().PEM()) {
		t.Errorf("OpenSSL reads another key: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "msg"), []byte("a message"), 0o600); err != nil {
		t.Fatal(err)
	}
	sig, _ := k.Sign(context.Background(), []byte("a message"))
	if err := os.WriteFile(filepath.Join(dir, "sig"), sig, 0o600); err != nil {
		t.Fatal(err)
	}
	openssl("dgst", "-sha384", "-verify", "ours.pub", "-signature", "sig", "msg")
}

func TestWrongFiles(t *testing.T) {
	k, _ := Generate(P256)
	private, _ := EncodePrivate(k, nil)
	for name, tt := range map[string]struct{ text, want string }{
		"public for private": {string(k.PublicKey().PEM()), "a public key"},
		"ssh":                {"ssh-ed25519 AAAA", "ssh-keygen"},
		"certificate":        {"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "--cert-chain"},
		"other block":        {"-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n", "not supported"},
		"nothing":            {"", "no private key"},
		"garbage":            {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", "encrypted key"},
	} {
		if _, err := ParsePrivate([]byte(tt.text), []byte("x")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := ParsePublic(private); err == nil || !strings.Contains(err.Error(), "a private key") {
		t.Errorf("private for public: %v", err)
	}
	if _, err := ParsePublic(append(k.PublicKey().PEM(), k.PublicKey().PEM()...)); err == nil {
		t.Error("two public keys were accepted")
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPrivate(rsaKey); err == nil {
		t.Error("RSA was accepted")
	}
	file := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(file, private, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSigner(file, nil); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSigner(file, nil); exposed(file) != nil && (err == nil || !strings.Contains(err.Error(), "chmod 600")) {
		t.Errorf("a key that everybody may write: %v", err)
	}
}

func FuzzParsePrivate(f *testing.F) {
	k, _ := Generate(P256)
	plain, _ := EncodePrivate(k, nil)
	f.Add(plain)
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// Without a passphrase: stretching one takes as long as the file says.
		if k, err := ParsePrivate(b, nil); err == nil && k.Public().KeyID() == "" {
			t.Error("a key without an id")
		}
		_, _ = ParsePublic(b)
		_, _ = ParseCertificates(b)
	})
}
