package secret

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// genericTypes are told by the name alone: who issued them is unknown.
var genericTypes = []Type{
	{ID: "generic-password", Provider: "the service", Title: "password", Severity: high},
	{ID: "generic-secret", Provider: "the service", Title: "secret", Severity: high},
	{ID: "generic-token", Provider: "the service", Title: "token", Severity: high},
	{ID: "generic-api-key", Provider: "the service", Title: "API key", Severity: high},
	{ID: "bearer-token", Provider: "the service", Title: "bearer token in a header", Severity: high},
	{ID: "basic-auth", Provider: "the service", Title: "user and password in a header", Severity: high},
}

// issued reports whether a service hands out what has such a name: intermediate
// results of cryptography are called secrets, too.
func issued(name string) bool {
	n := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
	for _, w := range []string{"apikey", "secretkey", "clientsecret", "appsecret", "apisecret", "accesskey", "webhooksecret", "jwtsecret", "sessionsecret", "authsecret", "signingsecret"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	return false
}

// explains reports whether the text before i introduces an example.
func (s *scanState) explains(i int) bool {
	before := bytes.ToLower(s.text[lineStart(s.text, i, 80):i])
	return bytes.Contains(before, []byte("example")) || bytes.Contains(before, []byte("e.g."))
}

// generic judges a value that no provider's format explains, by its name and by
// whether chance made it.
func (s *scanState) generic(a assignment, c class, value string, kind token.Kind) {
	id := ""
	switch c {
	case aPassword:
		id = "generic-password"
	case aSecret:
		id = "generic-secret"
	case aToken:
		id = "generic-token"
	case apiKey:
		id = "generic-api-key"
	default:
		return
	}
	if a.scheme == "bearer" || a.scheme == "token" {
		id = "bearer-token"
	}
	sev, conf := finding.Severity(0), finding.Likely
	if part, _, _ := strings.Cut(value, "."); strings.HasPrefix(value, "eyJ") && json.Valid(unbase64(part)) {
		return // a structure, not a key; one that is signed has its own judge
	}
	switch kind {
	case token.Random:
		if c != aPassword && len(value) < 16 {
			return
		}
		if strings.ContainsAny(value, " /\\") && len(value) > 48 || strings.Count(value, "/") > 2 && len(value) < 64 || strings.Count(value, ".") > 3 {
			return // paths and data
		}
	case token.Hash, token.UUID:
		if c == aPassword {
			return // a stored digest more often than a password
		}
		sev, conf = medium, finding.Unsure
		if kind == token.Hash && issued(a.name) {
			sev, conf = high, finding.Likely
		}
	case token.Mixed:
		if c != aPassword || len(value) < 8 || len(value) > 40 || strings.ContainsAny(value, "()[]{}<>;,\\") {
			return
		}
		sev, conf = medium, finding.Unsure
	default:
		return
	}
	if sev != medium && s.explains(a.nameAt) {
		sev, conf = medium, finding.Unsure
	}
	m := s.put(id, a.start, a.end, a.name, rankGeneric, sev, conf)
	m.Strong = kind == token.Random && len(value) >= 24 || kind == token.Hash
}
