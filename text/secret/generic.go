package secret

import (
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// genericTypes are told by the name alone: who issued them is unknown.
var genericTypes = []Type{
	{ID: "generic-password", Provider: "the service", Title: "password in an assignment", Severity: high},
	{ID: "generic-secret", Provider: "the service", Title: "secret in an assignment", Severity: high},
	{ID: "generic-token", Provider: "the service", Title: "token in an assignment", Severity: high},
	{ID: "generic-api-key", Provider: "the service", Title: "API key in an assignment", Severity: high},
	{ID: "bearer-token", Provider: "the service", Title: "bearer token in a header", Severity: high},
	{ID: "basic-auth", Provider: "the service", Title: "user and password in a header", Severity: high},
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
		if (c == aSecret || c == apiKey) && kind == token.Hash {
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
	m := s.put(id, a.start, a.end, a.name, rankGeneric, sev, conf)
	m.Strong = kind == token.Random && len(value) >= 24 || kind == token.Hash
}
