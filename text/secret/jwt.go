package secret

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

const maxToken = 8192 // bytes of a JSON web token

// jwt judges a JSON web token whose header begins at i (RFC 7519). A header without
// a signature algorithm is none; one that expired is worth less; the issuer may say
// what it opens.
func (s *scanState) jwt(i int) {
	if !boundaryBefore(s.text, i, false) {
		return
	}
	text := s.text[i:min(len(s.text), i+maxToken)]
	end := 0
	dots := [2]int{}
	n := 0
	for end < len(text) && (wordByte(text[end]) || text[end] == '-' || text[end] == '.') {
		if text[end] == '.' {
			if n == 2 {
				break
			}
			dots[n] = end
			n++
		}
		end++
	}
	if n < 2 || dots[0] < 10 || dots[1]-dots[0] < 12 || end-dots[1] < 20 {
		return
	}
	var header struct{ Alg, Typ string }
	if json.Unmarshal(unbase64(string(text[:dots[0]])), &header) != nil || header.Alg == "" || strings.EqualFold(header.Alg, "none") {
		return
	}
	var claims map[string]any
	payload := unbase64(string(text[dots[0]+1 : dots[1]]))
	if json.Unmarshal(payload, &claims) != nil {
		return
	}
	signature := string(text[dots[1]+1 : end])
	if wellKnown(claims) || token.IsPlaceholder(signature) || token.Score(signature) > 0.3 {
		return
	}
	id, conf := "jwt", finding.Likely
	iss, _ := claims["iss"].(string)
	role, _ := claims["role"].(string)
	switch {
	case strings.HasPrefix(iss, "kubernetes/serviceaccount"), claims["kubernetes.io"] != nil:
		id, conf = "kubernetes-service-account-token", finding.Sure
	case strings.HasPrefix(iss, "supabase"):
		if role == "anon" {
			return // meant to be public
		}
		id, conf = "supabase-service-key", finding.Sure
	}
	m := s.put(id, i, i+end, "", rankToken, 0, conf)
	m.Strong = true
	if exp, ok := claims["exp"].(float64); ok {
		t := time.Unix(int64(exp), 0).UTC()
		if t.Before(s.d.now()) {
			m.Severity, m.Note = low, "expired on "+t.Format(time.DateOnly)
		} else {
			m.Note = "valid until " + t.Format(time.DateOnly)
		}
	} else if id == "jwt" {
		m.Severity, m.Note = high, "never expires"
	}
}

// wellKnown reports the tokens of jwt.io and of the RFC, which half of all
// documentation shows.
func wellKnown(claims map[string]any) bool {
	sub, _ := claims["sub"].(string)
	name, _ := claims["name"].(string)
	iss, _ := claims["iss"].(string)
	return sub == "1234567890" || strings.EqualFold(name, "john doe") || strings.EqualFold(name, "jane doe") || iss == "joe" ||
		strings.Contains(sub, "example.com") || strings.Contains(sub, "foobar") || len(claims) == 0 || bytes.Equal([]byte(sub), []byte("user"))
}

// checkDiscord wants a number as the first part: the id of the bot.
func checkDiscord(v string) Verdict {
	id, _, _ := strings.Cut(v, ".")
	b := unbase64(id)
	if len(b) < 17 || len(b) > 20 || strings.Trim(string(b), "0123456789") != "" {
		return refuse
	}
	return Verdict{}
}

func fixDiscord(v string) string {
	_, rest, _ := strings.Cut(v, ".")
	n := "1"
	for i := range 17 {
		n += string('0' + rest[i]%10)
	}
	return encode64(n) + "." + rest
}
