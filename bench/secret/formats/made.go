package formats

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// sums are the checksums at the end of a form, over what stands since the last "_".
var sums = map[string]bool{"crc62": true, "crc32hex": true}

func sum(kind, value string) string {
	if kind == "crc32hex" { // glsa_BODY_ + 8 digits
		_, body, _ := strings.Cut(strings.TrimSuffix(value, "_"), "_")
		return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body)))
	}
	n, out := crc32.ChecksumIEEE([]byte(value[strings.LastIndexByte(value, '_')+1:])), ""
	for range 6 {
		out, n = base62[n%62:n%62+1]+out, n/62
	}
	return out
}

// makers make what is more than characters of an alphabet.
var makers = map[string]func(r *rand.Rand, arg string) string{
	"uuid":   func(r *rand.Rand, _ string) string { return uuid(r) },
	"b64":    func(r *rand.Rand, n string) string { return std(bytesOf(r, atoi(n))) },
	"b64raw": func(r *rand.Rand, n string) string { return base64.RawStdEncoding.EncodeToString(bytesOf(r, atoi(n))) },
	"b64url": func(r *rand.Rand, n string) string { return base64.URLEncoding.EncodeToString(bytesOf(r, atoi(n))) },

	"password": func(r *rand.Rand, _ string) string { return random(r, base62+"!#%*+?", 16) },
	"bearer":   func(r *rand.Rand, _ string) string { return "Authorization: Bearer " + random(r, base62, 40) },
	"basic": func(r *rand.Rand, _ string) string {
		return "Authorization: Basic " + std([]byte("robot:"+random(r, base62, 18)))
	},
	"dockerauth": func(r *rand.Rand, _ string) string {
		return `{"auths":{"https://index.docker.io/v1/":{"auth":"` + std([]byte("builder:"+random(r, base62, 18))) + `"}}}`
	},
	"url": func(r *rand.Rand, schemes string) string {
		list := strings.Fields(schemes)
		return list[r.IntN(len(list))] + "://app:" + random(r, base62, 14) + "@db-" + random(r, digits, 2) + ".corp.internal/main"
	},
	"kubeconfig": func(r *rand.Rand, _ string) string { return std([]byte(block(r, "EC PRIVATE KEY", 121))) },

	// AWS: the long key is base64 of a name and a secret; the short one is base64 of a
	// presigned URL.
	"bedrock": func(r *rand.Rand, _ string) string {
		return "ABSK" + std([]byte("BedrockAPIKey-"+random(r, lower+digits, 4)+"-at-"+random(r, digits, 12)+":"+std(bytesOf(r, 44))))
	},
	"bedrock-session": func(r *rand.Rand, _ string) string {
		return "bedrock-api-key-" + std([]byte("bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA"+random(r, alphabets["base32"], 16)+
			"%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=43200&X-Amz-Security-Token="+url.QueryEscape(std(bytesOf(r, 420)))+
			"&X-Amz-Signature="+random(r, alphabets["hex"], 64)+"&X-Amz-SignedHeaders=host&Version=1"))
	},
	"sas": func(r *rand.Rand, _ string) string {
		return "https://shop.blob.core.windows.net/c/f.csv?sv=2024-11-04&se=2027-01-02T03%3A04%3A05Z&sr=b&sp=r&sig=" + url.QueryEscape(std(bytesOf(r, 32)))
	},
	"discord": func(r *rand.Rand, _ string) string {
		return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d", 1e17+r.Int64N(9e17))) + "." + random(r, alphabets["b64url"], 6) + "." + random(r, alphabets["b64url"], 38)
	},
	"heygen": func(r *rand.Rand, _ string) string {
		return std([]byte(random(r, alphabets["hex"], 32) + "-1" + random(r, digits, 9)))
	},
	"inworld": func(r *rand.Rand, _ string) string { return std([]byte(random(r, base62, 64))) },
	"nx":      func(r *rand.Rand, _ string) string { return std([]byte(uuid(r) + "|read-write")) },
	"intercom": func(r *rand.Rand, _ string) string {
		return std([]byte("tok:" + strings.ReplaceAll(uuid(r), "-", "_") + ":1:0"))
	},
	"elastic": func(r *rand.Rand, _ string) string {
		return std([]byte(random(r, base62, 20) + ":" + random(r, base62, 22)))
	},
	"artifactory": func(r *rand.Rand, _ string) string {
		return std([]byte("reftkn:01:" + random(r, digits, 10) + ":" + random(r, base62, 27)))
	},
	"pypi":     func(r *rand.Rand, _ string) string { return macaroon(r, "pypi.org") },
	"testpypi": func(r *rand.Rand, _ string) string { return macaroon(r, "test.pypi.org") },

	// JSON in base64.
	"neptune": func(r *rand.Rand, _ string) string {
		return inJSON(std, `{"api_address":"https://app.neptune.ai","api_url":"https://app.neptune.ai","api_key":"%s"}`, uuid(r))
	},
	"cloudflared": func(r *rand.Rand, _ string) string {
		return inJSON(std, `{"a":"%s","t":"%s","s":"%s"}`, random(r, alphabets["hex"], 32), uuid(r), std(bytesOf(r, 32)))
	},
	"grafanacloud": func(r *rand.Rand, _ string) string {
		return "glc_" + inJSON(std, `{"o":"%s","n":"stack-ci","k":"%s","m":{"r":"prod-eu-west-2"}}`, random(r, digits, 6), random(r, base62, 24))
	},
	"grafanakey": func(r *rand.Rand, _ string) string {
		return inJSON(std, `{"k":"%s","n":"ci","id":1}`, random(r, base62, 32))
	},
	"sentry": func(r *rand.Rand, _ string) string {
		return "sntrys_" + inJSON(base64.StdEncoding.EncodeToString, `{"iat":17%s.123456,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"acme"}`, random(r, digits, 8)) +
			"_" + base64.RawStdEncoding.EncodeToString(bytesOf(r, 32))
	},
	"ops": func(r *rand.Rand, _ string) string {
		return "ops_" + inJSON(base64.RawURLEncoding.EncodeToString, `{"signInAddress":"my.1password.com","userAuth":{"method":"SRPg-4096","alg":"PBES2g-HS256","iterations":650000,"salt":"%s"},"email":"%s@1passwordserviceaccounts.com","srpX":"%s","muk":{"alg":"A256GCM","ext":true,"k":"%s","key_ops":["encrypt","decrypt"],"kty":"oct","kid":"mp"},"secretKey":"A3-%s","throttleSecret":{"seed":"%s","uuid":"%s"},"deviceUuid":"%s"}`,
			random(r, base62, 22), random(r, lower, 13), random(r, alphabets["hex"], 64), random(r, base62, 43), random(r, alphabets["upper36"], 31), random(r, alphabets["hex"], 64), random(r, alphabets["upper36"], 26), random(r, lower, 26))
	},
	"mapbox": func(r *rand.Rand, _ string) string {
		return "sk." + inJSON(base64.RawURLEncoding.EncodeToString, `{"u":"ada","a":"%s"}`, random(r, alphabets["lower36"], 25)) + "." + random(r, alphabets["b64url"], 22)
	},
	"jwt": token,

	// Keys that go over many lines.
	"pem": func(r *rand.Rand, label string) string { return block(r, label, 400) },
	"ssh2": func(r *rand.Rand, _ string) string {
		return "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"rsa-key-20260102\"\n" + fold(std(bytesOf(r, 420))) + "---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"
	},
	"pgp": func(r *rand.Rand, _ string) string {
		return "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + fold(std(bytesOf(r, 500))) + "=" + random(r, base62, 4) + "\n-----END PGP PRIVATE KEY BLOCK-----\n"
	},
	"putty": func(r *rand.Rand, _ string) string {
		return "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ada\nPublic-Lines: 2\n" + fold(std(bytesOf(r, 51))) +
			"Private-Lines: 1\n" + std(bytesOf(r, 36)) + "\nPrivate-MAC: " + random(r, alphabets["hex"], 64) + "\n"
	},
}

// token makes a JSON web token of an issuer (RFC 7519).
func token(r *rand.Rand, issuer string) string {
	raw := base64.RawURLEncoding.EncodeToString
	exp := time.Now().Unix() + 86400*int64(1+r.IntN(300))
	header, claims := `{"alg":"HS256","typ":"JWT"}`, map[string]any{"sub": random(r, digits, 10), "iat": exp - 90000, "exp": exp}
	size := 32
	switch issuer {
	case "kubernetes":
		header, size = `{"alg":"RS256","kid":"`+random(r, base62, 43)+`"}`, 256
		claims = map[string]any{"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default", "kubernetes.io/serviceaccount/secret.name": "ci-token-" + random(r, lower, 5),
			"kubernetes.io/serviceaccount/service-account.name": "ci", "kubernetes.io/serviceaccount/service-account.uid": uuid(r), "sub": "system:serviceaccount:default:ci"}
	case "supabase":
		claims = map[string]any{"iss": "supabase", "ref": random(r, lower, 20), "role": "service_role", "iat": exp - 90000, "exp": exp + 3e8}
	case "argocd":
		claims = map[string]any{"iss": "argocd", "sub": "ci:apiKey", "nbf": exp - 90000, "iat": exp - 90000, "jti": uuid(r)}
	}
	body, _ := json.Marshal(claims)
	return raw([]byte(header)) + "." + raw(body) + "." + raw(bytesOf(r, size))
}

// macaroon is the beginning of a token of PyPI: version, location and a random rest.
func macaroon(r *rand.Rand, site string) string {
	b := append([]byte{2, 1, byte(len(site))}, site...)
	b = append(b, 2, 36)
	b = append(b, uuid(r)...)
	b = append(b, 0, 2, 37, '[', '2', ',', '"')
	b = append(b, uuid(r)[1:]...)
	b = append(b, '"', ']', 0, 0, 6, 32)
	return "pypi-" + base64.RawURLEncoding.EncodeToString(append(b, bytesOf(r, 32)...))
}

func block(r *rand.Rand, label string, n int) string {
	b := bytesOf(r, n)
	switch label {
	case "OPENSSH PRIVATE KEY":
		b = append([]byte("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none\x00\x00\x00\x00\x00\x00\x00\x01"), b...)
	case "ENCRYPTED SIGSTORE PRIVATE KEY":
	default:
		b = append(binary.BigEndian.AppendUint16([]byte{0x30, 0x82}, uint16(n)), b...)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: b}))
}

func inJSON(encode func([]byte) string, format string, args ...any) string {
	return encode(fmt.Appendf(nil, format, args...))
}

func std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func fold(s string) string {
	out := ""
	for len(s) > 64 {
		out, s = out+s[:64]+"\n", s[64:]
	}
	return out + s + "\n"
}

func bytesOf(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func uuid(r *rand.Rand) string {
	b := bytesOf(r, 16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func atoi(s string) (n int) {
	_, _ = fmt.Sscan(s, &n)
	return n
}
