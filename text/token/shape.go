package token

import "strings"

// isUUID reports whether v has the shape of RFC 9562.
func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		c := v[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// isExpression reports whether v is code, a path, a URL or a name with parts.
func isExpression(v string, c counts) bool {
	switch {
	case strings.Contains(v, "://"), strings.Contains(v, "()"), strings.Contains(v, "::"), strings.Contains(v, "=="), strings.Contains(v, "->"):
		return !strings.HasSuffix(v, "==") || strings.Contains(v, "://")
	case strings.ContainsAny(v, "()[]{}<>;\"'`\\") && Score(v) > -2:
		return true
	case strings.HasPrefix(v, "/"), strings.HasPrefix(v, "./"), strings.HasPrefix(v, "../"), strings.HasPrefix(v, "~/"):
		return Score(v) > -1
	}
	return false
}
