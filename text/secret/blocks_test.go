package secret_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/text/secret"
)

// keys makes private keys as the standard library and other programs write them.
func keys(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	block := func(label string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	rk, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	out["private-key-rsa"] = block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rk))
	ek, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalECPrivateKey(ek)
	out["private-key-ec"] = block("EC PRIVATE KEY", der)
	_, dk, _ := ed25519.GenerateKey(rand.Reader)
	der, _ = x509.MarshalPKCS8PrivateKey(dk)
	out["private-key-pkcs8"] = block("PRIVATE KEY", der)
	noise := make([]byte, 420)
	_, _ = rand.Read(noise)
	out["private-key-encrypted"] = block("ENCRYPTED PRIVATE KEY", append([]byte{0x30, 0x82}, noise...))
	out["private-key-dsa"] = block("DSA PRIVATE KEY", append([]byte{0x30, 0x82}, noise...))
	out["private-key-openssh"] = block("OPENSSH PRIVATE KEY", append([]byte("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none"), noise...))
	out["private-key-sigstore"] = block("ENCRYPTED SIGSTORE PRIVATE KEY", noise)
	out["private-key-pgp"] = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n" + fold(base64.StdEncoding.EncodeToString(noise)) + "=Ab1d\n-----END PGP PRIVATE KEY BLOCK-----\n"
	out["private-key-ssh2"] = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"rsa-key\"\n" + fold(base64.StdEncoding.EncodeToString(noise)) + "---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"
	out["private-key-putty"] = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ada\nPublic-Lines: 2\nAAAA\nBBBB\nPrivate-Lines: 1\n" +
		base64.StdEncoding.EncodeToString(noise[:48]) + "\nPrivate-MAC: " + strings.Repeat("0a", 32) + "\n"
	return out
}

func fold(s string) string {
	out := ""
	for len(s) > 64 {
		out, s = out+s[:64]+"\n", s[64:]
	}
	return out + s + "\n"
}

// TestKeys: every kind of private key is found in a file, in the string of a program,
// in JSON and inside a YAML block.
func TestKeys(t *testing.T) {
	for id, key := range keys(t) {
		js, _ := json.Marshal(map[string]string{"key": key})
		for form, text := range map[string]string{
			"file":   key,
			"crlf":   strings.ReplaceAll(key, "\n", "\r\n"),
			"go":     "const k = `" + key + "`\n",
			"python": "KEY = \"\"\"" + key + "\"\"\"\n",
			"json":   string(js),
			"yaml":   "data:\n  key: |\n    " + strings.ReplaceAll(key, "\n", "\n    ") + "\nx: 1\n",
			"env":    "KEY=\"" + strings.ReplaceAll(key, "\n", `\n`) + "\"\n",
		} {
			if id == "private-key-putty" && (form == "json" || form == "env") {
				continue
			}
			found := secret.Default().Find([]byte(text))
			if len(found) != 1 || found[0].Type.ID != id {
				t.Errorf("%s in %s: found %s", id, form, types(found))
			}
		}
	}
}

func types(found []secret.Match) (ids []string) {
	for _, m := range found {
		ids = append(ids, m.Type.ID)
	}
	return ids
}

// TestNotKeys: the harmless twins.
func TestNotKeys(t *testing.T) {
	for name, text := range map[string]string{
		"public":      "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n",
		"certificate": "-----BEGIN CERTIFICATE-----\n" + fold(strings.Repeat("Ab3dEf9h", 30)) + "-----END CERTIFICATE-----\n",
		"dots":        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
		"words":       "-----BEGIN RSA PRIVATE KEY-----\nyour private key goes here and nowhere else in the world\n-----END RSA PRIVATE KEY-----\n",
		"x":           "-----BEGIN RSA PRIVATE KEY-----\n" + fold(strings.Repeat("x", 300)) + "-----END RSA PRIVATE KEY-----\n",
		"code":        `if "-----BEGIN RSA PRIVATE KEY-----" in text: raise ValueError("a private key")`,
	} {
		if found := secret.Default().Find([]byte(text)); len(found) > 0 {
			t.Errorf("%s: found %s", name, types(found))
		}
	}
}

func webToken(header, claims map[string]any) string {
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	sig := make([]byte, 32)
	_, _ = rand.Read(sig)
	e := base64.RawURLEncoding.EncodeToString
	return e(h) + "." + e(c) + "." + e(sig)
}

func TestWebTokens(t *testing.T) {
	hs := map[string]any{"alg": "HS256", "typ": "JWT"}
	now := time.Now().Unix()
	for name, tt := range map[string]struct {
		token, want string
	}{
		"endless":     {webToken(hs, map[string]any{"sub": "svc-17", "role": "admin"}), "jwt high never expires"},
		"valid":       {webToken(hs, map[string]any{"sub": "svc-17", "exp": now + 86400}), "jwt medium valid until"},
		"expired":     {webToken(hs, map[string]any{"sub": "svc-17", "exp": now - 86400}), "jwt low expired on"},
		"unsigned":    {webToken(map[string]any{"alg": "none"}, map[string]any{"sub": "svc-17"}), ""},
		"jwt.io":      {webToken(hs, map[string]any{"sub": "1234567890", "name": "John Doe", "iat": 1516239022}), ""},
		"kubernetes":  {webToken(hs, map[string]any{"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:a:b"}), "kubernetes-service-account-token high"},
		"anon":        {webToken(hs, map[string]any{"iss": "supabase", "role": "anon"}), ""},
		"servicerole": {webToken(hs, map[string]any{"iss": "supabase", "role": "service_role"}), "supabase-service-key critical"},
	} {
		got := ""
		text := "AUTH = '" + tt.token + "'\n"
		for _, m := range secret.Default().Find([]byte(text)) {
			got += fmt.Sprint(m.Type.ID, " ", m.Severity, " ", m.Note)
		}
		if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
