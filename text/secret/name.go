package secret

import (
	"slices"
	"strings"
)

// class is what a name promises about its value.
type class uint8

const (
	noSecret  class = iota
	weakKey         // "key" and the like: only together with a provider
	apiKey          // an API key by its name
	aToken          // a token
	aSecret         // a secret
	aPassword       // a password
)

// classify judges the name of a value by its last words: "pad_token_id" is about an
// id, "tokenizer" about nothing.
func classify(name string) class {
	parts := split(name)
	for len(parts) > 1 && slices.Contains(trailing, parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return noSecret
	}
	if joined := strings.Join(parts, "_"); strings.HasSuffix(joined, "secret_key_base") || strings.HasSuffix(joined, "apikey_private") || strings.HasSuffix(joined, "api_key_private") {
		return aSecret
	}
	if slices.Contains(parts, "contribsys") {
		return weakKey
	}
	last, before := parts[len(parts)-1], ""
	if len(parts) > 1 {
		before = parts[len(parts)-2]
	}
	for _, p := range parts {
		if slices.Contains(harmless, p) {
			return noSecret
		}
	}
	switch last {
	case "password", "passwd", "pwd", "passphrase", "passcode", "userpassword", "dbpassword", "passwort", "contrasena", "senha", "mdp", "userpass", "adminpassword", "rootpassword":
		return aPassword
	case "pass":
		if before != "" && before != "first" && before != "second" && before != "by" && before != "single" && before != "forward" && before != "backward" {
			return aPassword
		}
	case "pw":
		if before != "" {
			return aPassword
		}
	case "secret", "secrets", "clientsecret", "secretkey", "appsecret", "apisecret", "secretaccesskey", "sharedsecret", "hmac", "authsecret", "consumersecret":
		return aSecret
	case "token", "authtoken", "accesstoken", "refreshtoken", "apitoken", "bearer", "pat", "jwt", "authorization", "credential", "credentials", "auth", "sessiontoken", "bottoken", "idtoken":
		return aToken
	case "apikey", "accesskey", "authkey", "apikeys", "accountkey", "privatekey", "encryptionkey", "sharedaccesskey", "primarykey", "licensekey", "masterkey", "appkey", "signingkey", "consumerkey", "storagekey", "subscriptionkey":
		return apiKey
	case "key", "keys":
		if before == "secret" {
			return aSecret
		}
		if slices.Contains(keyOf, before) {
			return apiKey
		}
		return weakKey
	case "skey":
		return weakKey
	case "sid", "id", "access", "license", "licence", "webhook", "url", "uri", "dsn", "cookie", "session", "code", "salt", "hash":
		if last == "access" || last == "license" || last == "licence" {
			return weakKey
		}
	}
	return noSecret
}

// harmless words say that a token or key is no secret: it is public, turns pages,
// or belongs to a vocabulary.
var harmless = []string{"public", "pub", "page", "paging", "pagination", "next", "continuation", "csrf", "xsrf", "cancellation", "eos", "bos", "pad", "unk", "mask",
	"sep", "cls", "cursor", "idempotency", "publishable", "placeholder", "example", "fingerprint", "checksum", "sha256", "sha1", "md5", "hash", "hashed", "digest"}

// keyOf are words before "key" that make it a secret.
var keyOf = []string{"api", "access", "private", "auth", "authorization", "encryption", "encrypt", "signing", "sign", "master", "account", "storage", "shared",
	"app", "application", "admin", "service", "server", "subscription", "license", "licence", "deploy", "ingest", "ingestion", "rest", "webhook", "hmac", "aes", "crypto", "jwt",
	"session", "cookie", "security", "client", "consumer", "write", "integration", "project", "management", "user", "personal", "live", "function", "host"}

// trailing words say how a value is written, not what it is.
var trailing = []string{"value", "val", "string", "str", "default", "plain", "plaintext", "text", "raw", "b64", "base64", "env", "prod", "production", "dev", "staging",
	"test", "data", "old", "new", "current", "primary", "secondary", "backup", "1", "2", "3", "v1", "v2", "v3"}

// split cuts a name into lower-case words, at separators and at capitals.
func split(name string) []string {
	var parts []string
	start := 0
	flush := func(end int) {
		if end > start {
			parts = append(parts, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == '.':
			flush(i)
			start = i + 1
		case i > start && 'A' <= c && c <= 'Z':
			prevLower := name[i-1] >= 'a' && name[i-1] <= 'z' || name[i-1] >= '0' && name[i-1] <= '9'
			nextLower := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if prevLower || nextLower && name[i-1] >= 'A' && name[i-1] <= 'Z' {
				flush(i)
			}
		}
	}
	flush(len(name))
	return parts
}

// Promises reports whether what has such a name may be a secret, as password or api_key.
func Promises(name string) bool {
	return len(name) <= maxName && classify(strings.ReplaceAll(strings.TrimSpace(name), " ", "_")) != noSecret
}
