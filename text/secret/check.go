package secret

import (
	"encoding/base64"
	"hash/crc32"
	"math/big"
	"strings"
)

// refuse is the verdict on what only looks like a credential.
var refuse = Verdict{Refuse: true}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// crc62 is the checksum that GitHub and npm write behind their tokens: CRC-32 of the
// random part, in base 62, padded to six characters. Source: GitHub, "Behind
// GitHub's new authentication token formats" (2021).
func crc62(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var b [6]byte
	for i := 5; i >= 0; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	return string(b[:])
}

func splitPrefix(v string) (prefix, body string) {
	i := strings.LastIndexByte(v, '_') + 1
	return v[:i], v[i:]
}

func checkCRC62(v string) Verdict {
	_, body := splitPrefix(v)
	if len(body) == 76 {
		return Verdict{} // a refresh token; GitHub's own example has no checksum
	}
	if len(body) < 7 || crc62(body[:len(body)-6]) != body[len(body)-6:] {
		return refuse
	}
	return Verdict{}
}

func fixCRC62(v string) string {
	prefix, body := splitPrefix(v)
	return prefix + body[:len(body)-6] + crc62(body[:len(body)-6])
}

// Grafana service account tokens end with the CRC-32 of the random part in
// hexadecimal digits (grafana/grafana, pkg/components/satokengen).
func checkCRCHex(v string) Verdict {
	prefix, sum := splitPrefix(v)
	_, body := splitPrefix(strings.TrimSuffix(prefix, "_"))
	if crcHex(body) != sum {
		return refuse
	}
	return Verdict{}
}

func fixCRCHex(v string) string {
	prefix, _ := splitPrefix(v)
	_, body := splitPrefix(strings.TrimSuffix(prefix, "_"))
	return prefix + crcHex(body)
}

func crcHex(s string) string {
	const digits = "0123456789abcdef"
	n := crc32.ChecksumIEEE([]byte(s))
	var b [8]byte
	for i := 7; i >= 0; i-- {
		b[i] = digits[n&15]
		n >>= 4
	}
	return string(b[:])
}

// checkAWSKeyID refuses documentation keys. The 16 characters are base 32; the
// account number stands in bits 9 to 48 behind the type (AWS, "IAM identifiers").
func checkAWSKeyID(v string) Verdict {
	if strings.HasSuffix(v, "EXAMPLE") {
		return refuse
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var n big.Int
	for _, c := range v[4:] {
		i := strings.IndexRune(alphabet, c)
		if i < 0 {
			return refuse
		}
		n.Add(n.Lsh(&n, 5), big.NewInt(int64(i)))
	}
	return Verdict{}
}

// unbase64 decodes any of the alphabets, padded or not; nil when it is none.
func unbase64(v string) []byte {
	v = strings.TrimRight(v, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(v, "-_") {
		enc = base64.RawURLEncoding
	}
	b, err := enc.DecodeString(v)
	if err != nil {
		return nil
	}
	return b
}

func encode64(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }
