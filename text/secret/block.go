package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// keyTypes are private keys in files and strings (RFC 7468, RFC 4716, RFC 9580,
// PROTOCOL.key of OpenSSH, PuTTY's key format) and JSON web tokens (RFC 7519).
var keyTypes = []Type{
	{ID: "private-key-rsa", Provider: "the service", Title: "RSA private key", Severity: critical},
	{ID: "private-key-ec", Provider: "the service", Title: "EC private key", Severity: critical},
	{ID: "private-key-dsa", Provider: "the service", Title: "DSA private key", Severity: critical},
	{ID: "private-key-pkcs8", Provider: "the service", Title: "private key (PKCS #8)", Severity: critical},
	{ID: "private-key-openssh", Provider: "the service", Title: "OpenSSH private key", Severity: critical},
	{ID: "private-key-ssh2", Provider: "the service", Title: "SSH2 private key", Severity: critical},
	{ID: "private-key-pgp", Provider: "the service", Title: "OpenPGP private key", Severity: critical},
	{ID: "private-key-putty", Provider: "the service", Title: "PuTTY private key", Severity: critical},
	{ID: "private-key-sigstore", Provider: "the service", Title: "cosign private key", Severity: medium},
	{ID: "private-key-encrypted", Provider: "the service", Title: "encrypted private key", Severity: medium},
	{ID: "private-key-other", Provider: "the service", Title: "private key", Severity: critical},
	{ID: "jwt", Provider: "the service", Title: "JSON web token", Severity: medium},
	{ID: "kubernetes-service-account-token", Provider: "Kubernetes", Title: "service account token", Severity: high, Rotate: "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/"},
	{ID: "supabase-service-key", Provider: "Supabase", Title: "service_role key", Severity: critical, Rotate: "https://supabase.com/dashboard/project/_/settings/api-keys"},
}

var blockLiterals = []string{"-----BEGIN ", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "PuTTY-User-Key-File-"}

const (
	maxBlock = 32 << 10 // bytes of one key; RSA with 16384 bits has 13 KB
	minBlock = 48       // base64 characters: Ed25519 has 64
)

// block judges a private key whose first line begins at i.
func (s *scanState) block(i int) {
	text := s.text[i:min(len(s.text), i+maxBlock)]
	if bytes.HasPrefix(text, []byte("PuTTY")) {
		s.putty(i, text)
		return
	}
	label, rest, ok := bytes.Cut(text[len("-----BEGIN "):min(len(text), 90)], []byte("----"))
	name := strings.TrimSpace(string(label))
	if !ok || !strings.Contains(name, "PRIVATE KEY") {
		return
	}
	_ = rest
	bodyAt := bytes.Index(text[5:], []byte("----"))
	bodyAt += 5 + len("----")
	if bodyAt < len(text) && text[bodyAt] == '-' {
		bodyAt++
	}
	end := bytes.Index(text[bodyAt:], []byte("---- END "))
	if n := bytes.Index(text[bodyAt:], []byte("-----END ")); n >= 0 && (end < 0 || n < end) {
		end = n
	}
	whole := end >= 0
	if !whole {
		end = min(len(text)-bodyAt, 4096)
	}
	body, headers := keyBody(text[bodyAt : bodyAt+end])
	if len(body) < minBlock || distinct(body) < 20 || token.IsPattern(string(body[8:min(len(body), 40)])) || token.Score(string(body[:min(len(body), 64)])) > 0.3 {
		return
	}
	id, conf := keyType(name, headers), finding.Likely
	der := unbase64(string(body))
	switch {
	case bytes.HasPrefix(der, []byte("openssh-key-v1\x00")):
		conf = finding.Sure
		if !bytes.HasPrefix(der[15:], []byte("\x00\x00\x00\x04none")) {
			id = "private-key-encrypted"
		}
	case len(der) > 4 && der[0] == 0x30, len(der) > 4 && strings.HasPrefix(name, "PGP"):
		conf = finding.Sure
	}
	if !whole {
		conf = finding.Unsure
	}
	if whole {
		end += len("-----END ") + len(name) + len("-----")
	}
	m := s.put(id, i, min(len(s.text), i+bodyAt+end), "", rankBlock, 0, conf)
	m.Strong = whole
}

// keyType chooses the type by the label of the block (RFC 7468).
func keyType(label string, headers bool) string {
	switch {
	case strings.Contains(label, "SIGSTORE"), strings.Contains(label, "COSIGN"):
		return "private-key-sigstore"
	case strings.HasPrefix(label, "PGP"):
		return "private-key-pgp"
	case strings.HasPrefix(label, "SSH2"):
		return "private-key-ssh2"
	case headers, strings.Contains(label, "ENCRYPTED"):
		return "private-key-encrypted"
	case strings.HasPrefix(label, "RSA"):
		return "private-key-rsa"
	case strings.HasPrefix(label, "EC"):
		return "private-key-ec"
	case strings.HasPrefix(label, "DSA"):
		return "private-key-dsa"
	case strings.HasPrefix(label, "OPENSSH"):
		return "private-key-openssh"
	case label == "PRIVATE KEY":
		return "private-key-pkcs8"
	}
	return "private-key-other"
}

// keyBody gathers the base64 of a key in a file or in the strings of a program:
// quotes, escapes, operators and headers do not belong to it. encrypted reports a
// header that says so (RFC 1421).
func keyBody(b []byte) (body []byte, encrypted bool) {
	b = bytes.ReplaceAll(b, []byte(`\r`), nil)
	b = bytes.ReplaceAll(b, []byte(`\n`), []byte("\n"))
	for line := range bytes.Lines(b) {
		if i := bytes.Index(line, []byte(": ")); i > 0 && i < 30 {
			encrypted = encrypted || bytes.Contains(line, []byte("ENCRYPTED"))
			continue
		}
		for _, c := range bytes.Trim(line, " \t\r\n\"'`+,;\\|#/*.") {
			switch {
			case wordByte(c) && c != '_', c == '+', c == '/', c == '=':
				body = append(body, c)
			case c == ' ', c == '\t', c == '\r', c == '\\', c == '"', c == '\'', c == '\n':
			default:
				return body, encrypted // prose or code
			}
		}
	}
	if i := bytes.IndexByte(body, '='); i > 0 && len(body)-i > 2 {
		body = body[:i] // the checksum of an armour follows
	}
	return body, encrypted
}

func distinct(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// putty judges a private key of PuTTY, versions 1 to 3.
func (s *scanState) putty(i int, text []byte) {
	at := bytes.Index(text[:min(len(text), 4096)], []byte("Private-Lines:"))
	mac := bytes.Index(text, []byte("Private-MAC:"))
	if at < 0 || mac < at {
		return
	}
	id := "private-key-putty"
	if !bytes.Contains(text[:at], []byte("Encryption: none")) {
		id = "private-key-encrypted"
	}
	s.put(id, i, i+mac, "", rankBlock, 0, finding.Sure).Strong = true
}

// checkEncodedPEM wants base64 of a PEM block with a private key.
func checkEncodedPEM(v string) Verdict {
	b, _ := pem.Decode(unbase64(v))
	if b == nil || !strings.Contains(b.Type, "PRIVATE KEY") {
		return refuse
	}
	return Verdict{}
}

func fixEncodedPEM(v string) string {
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte(v[20:140])}))
}

// checkBasic wants base64 of user:password.
func checkBasic(v string) Verdict {
	b := unbase64(v)
	user, pass, ok := bytes.Cut(b, []byte(":"))
	if !ok || len(user) == 0 || len(pass) < 4 || !printable(b) || token.IsPlaceholder(string(pass)) {
		return refuse
	}
	return Verdict{}
}

func fixBasic(v string) string {
	return base64.StdEncoding.EncodeToString([]byte("robot:" + v[:12] + "9x"))
}
