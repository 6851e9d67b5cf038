package token

import "strings"

// IsPlaceholder reports whether v stands where a secret belongs, as in
// documentation, templates and tests: "changeme", "<your-key>", "${TOKEN}",
// "xxxx-xxxx", "abcdef123456".
func IsPlaceholder(v string) bool {
	if IsStub(v) {
		return true
	}
	if len(v) > 40 {
		return false // chance makes short words
	}
	low := strings.ToLower(v)
	for _, w := range words {
		i := strings.Index(low, w)
		if i < 0 {
			continue
		}
		// Chance makes short words, too, with a capital before and behind them.
		if len(v) <= 12 || len(v) <= 8*len(w) && (len(w) > 3 || marked(v, i, i+len(w))) && edge(v, i, i+len(w)) && (len(v) <= 3*len(w) || parted(v, i) && parted(v, i+len(w))) {
			return true
		}
	}
	return false
}

// IsStub is [IsPlaceholder] without the words that chance makes, for values whose
// format says already that they are keys.
func IsStub(v string) bool {
	if len(v) < 4 || isTemplate(v) || IsPattern(v) {
		return true
	}
	low := strings.ToLower(v)
	for _, w := range stems {
		if (len(w) >= 6 || len(v) <= 32) && strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// stems are words that mean "not a real value" wherever they stand; long enough
// that chance does not make them.
var stems = []string{"example", "placeholder", "changeme", "change-me", "change_me", "replaceme", "replace-", "replace_",
	"redacted", "dummy", "your-", "your_", "yourkey", "yourtoken", "yoursecret", "yourpass", "my-secret", "my_secret", "mysecret", "mypass", "not-a-real", "not_a_real",
	"notareal", "notreal", "insert-", "insert_", "sample_", "sample-", "undefined", "deadbeef", "foobar", "whatever", "gibberish",
	"secret-key", "secret_key", "secretkey", "super-secret", "super_secret", "supersecret", "top-secret", "topsecret", "password",
	"passwd", "passphrase", "test-key", "test_key", "testkey", "testing", "fake", "apikey", "api-key", "api_key", "access_key", "access-key", "access_token", "access-token",
	"key-here", "key_here", "keyhere", "token-here", "token_here", "lorem", "unused", "qwerty", "hunter2", "correcthorse", "correct-horse"}

// words mean the same where they stand alone or between separators.
var words = []string{"test", "secret", "token", "sample", "none", "null", "nil", "true", "false", "todo", "fixme", "xxx", "abc", "foo", "bar",
	"baz", "default", "invalid", "bogus", "mock", "admin", "root", "user", "guest", "pass", "pwd", "key", "hidden", "masked", "string", "value", "here",
	"some", "any", "blah", "temp", "tmp", "hello", "world", "optional", "required", "empty", "unset", "auto", "omitted", "wrong", "random", "dev", "local",
	"letmein", "welcome", "credential", "credentials", "auth", "bearer", "basic", "username", "postgres", "mysql", "redis", "mongo", "rabbit", "minio", "demo", "prod", "stage", "staging", "production"}

// marked reports whether a separator stands before or behind v[i:j].
func marked(v string, i, j int) bool {
	return i > 0 && strings.IndexByte("-_. :/", v[i-1]) >= 0 || j < len(v) && strings.IndexByte("-_. :/", v[j]) >= 0
}

// parted reports whether v begins or ends at i, or is parted there by no letter.
func parted(v string, i int) bool { return i == 0 || i == len(v) || !letter(v[i-1]) || !letter(v[i]) }

// edge reports whether v[i:j] stands between separators, digits or ends, or
// changes case there.
func edge(v string, i, j int) bool {
	return (i == 0 || !letter(v[i-1]) || lowerCase(v[i-1]) && !lowerCase(v[i])) &&
		(j == len(v) || !letter(v[j]) || lowerCase(v[j-1]) && !lowerCase(v[j]))
}

func letter(c byte) bool    { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func lowerCase(c byte) bool { return 'a' <= c && c <= 'z' }

// isTemplate reports whether a program fills v in.
func isTemplate(v string) bool {
	for _, open := range []string{"${", "{{", "$(", "%(", "<%", "#{", "%{", "@{", "{%", "...", "\u2026", "***", "•"} {
		if strings.Contains(v, open) {
			return true
		}
	}
	first, last := v[0], v[len(v)-1]
	switch {
	case first == '<' && last == '>', first == '{' && last == '}', first == '[' && last == ']', first == '%' && last == '%',
		first == '(' && last == ')', first == '_' && last == '_' && v[1] == '_':
		return true
	case first == '$' && len(v) > 1 && (letter(v[1]) || v[1] == '_'):
		return strings.IndexFunc(v[1:], func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
		}) < 0
	}
	return false
}

// IsPattern reports whether a rule that fits into a sentence made v: one
// character again and again, a unit repeated, a sequence.
func IsPattern(v string) bool {
	var seen [256]bool
	distinct, run, step, pair, longestRun, longestStep, longestPair := 0, 1, 1, 1, 1, 1, 1
	for i := range len(v) {
		c := v[i]
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		if i > 0 {
			run, step = next(c == v[i-1], run), next(c == v[i-1]+1 || c == '0' && v[i-1] == '9' || c|0x20 == 'a' && v[i-1] == '9', step)
			longestRun, longestStep = max(longestRun, run), max(longestStep, step)
		}
		if i > 1 {
			pair = next(c == v[i-2]+1, pair)
			longestPair = max(longestPair, pair)
		}
	}
	switch {
	case longestRun >= 6, longestStep >= 7, longestPair >= 8:
		return true
	case len(v) >= 12 && distinct <= 4, len(v) >= 24 && distinct <= 6:
		return true
	case len(v) <= 24 && (2*longestRun >= len(v) || 2*longestStep >= len(v)+1):
		return true
	}
	return repeats(v)
}

func next(more bool, n int) int {
	if more {
		return n + 1
	}
	return 1
}

// repeats reports whether v is a unit of at most 16 bytes, again and again.
func repeats(v string) bool {
	for n := 1; n <= 16 && 3*n <= len(v); n++ {
		if v[n:] == v[:len(v)-n] {
			return true
		}
	}
	if len(v) >= 32 && len(v)%2 == 0 && v[:len(v)/2] == v[len(v)/2:] {
		return true
	}
	return false
}
