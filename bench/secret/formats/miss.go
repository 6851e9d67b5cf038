package formats

import (
	"math/rand/v2"
	"strings"
)

// Miss is a value that is close to a format, and is none.
type Miss struct {
	Kind        string
	Value       string
	Placeholder bool // nobody would take it for a secret of any kind
}

// Misses makes near misses of a format. Of the length of values it makes some only
// where the issuer publishes it.
func (f Format) Misses(r *rand.Rand) []Miss {
	v := f.Sample(r)
	if strings.Contains(v, "\n") || strings.HasPrefix(v, "Authorization: ") || strings.HasPrefix(f.Type, "url-") {
		return nil // TestKnownNonsense and the tests of blocks and addresses have theirs
	}
	name := "SERVICE_TOKEN"
	if len(f.Names) > 0 {
		name = f.Names[0]
	}
	n := len(v)
	all := []Miss{
		{"stars", v[:n/4] + strings.Repeat("*", n-n/4), true},
		{"x", v[:min(4, n)] + strings.Repeat("x", n-min(4, n)), true},
		{"ellipsis", v[:min(8, n)] + "...", true},
		{"placeholder", "your-" + strings.ToLower(name) + "-here", true},
		{"brackets", "<" + strings.ToLower(name) + ">", true},
		{"template", "${" + name + "}", true},
		{"environment", "os.environ['" + name + "']", true},
	}
	if f.Exact() && f.Source == Published {
		all = append(all, Miss{"too long", v + "7", false})
		if c := v[n-1]; c != '=' {
			all = append(all, Miss{"too short", v[:n-1], false})
		}
	}
	if f.Checksum() {
		c := byte('a')
		if v[n-1] == c {
			c = 'b'
		}
		all = append(all, Miss{"checksum", v[:n-1] + string(c), false})
	}
	return all
}

// Case is a value under a name that is no credential.
type Case struct {
	What, Name, Value string
	Harmless          bool // not even worth a low finding
}

// Nonsense lists values that are no credentials although their names or forms
// promise some: examples that documentations print, hashes, identifiers.
func Nonsense(r *rand.Rand) []Case {
	all := []Case{
		{"AWS documentation", "AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", true},
		{"AWS documentation", "AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", true},
		{"AWS documentation", "aws_access_key_id", "AKIAI44QH8DHBEXAMPLE", true},
		{"Azurite's published key", "AZURE_STORAGE_KEY", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==", true},
		{"the Cosmos DB emulator's published key", "COSMOS_KEY", "C2y6yDjf5/R+ob0N8A7Cgu30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==", true},
		{"RFC 7617", "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true},
		{"Slack documentation", "SLACK_WEBHOOK", "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", true},
		{"jwt.io", "EXAMPLE_TOKEN", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", false},
		{"Heroku documentation", "HEROKU_API_KEY", "01234567-89ab-cdef-0123-456789abcdef", true},
		{"a class name", "TOKENIZER", "Qwen3ForCausalLM", true},
		{"a class name", "MODEL_KEY", "StableDiffusionXLPipeline", true},
		{"a pinned package", "TOKENIZERS_VERSION", "tokenizers==0.22.1", true},
		{"a model's name", "API_MODEL_KEY", "meta-llama/Llama-3.1-8B-Instruct", true},
		{"a path", "SECRET_FILE", "/run/secrets/db_password", true},
		{"a reference", "API_KEY", "{{ secrets.API_KEY }}", true},
		{"a reference", "PASSWORD", "$(cat /run/secrets/db)", true},
		{"a reference of Vault", "DB_PASSWORD", "vault:secret/data/db#password", true},
		{"a type", "password", "Optional[str]", true},
		{"a call", "token", "tokenizer.convert_tokens_to_ids(text)", true},
		{"an address", "TOKEN_URL", "https://login.example.com/oauth2/v2.0/token", true},
		{"user and password of an example", "DATABASE_URL", "postgresql://user:password@localhost:5432/db", false},
		{"user and password of an example", "DATABASE_URL", "postgres://username:password@hostname/database", true},
		{"a template", "DATABASE_URL", "postgres://${DB_USER}:${DB_PASS}@db/main", true},
	}
	hex := alphabets["hex"]
	for range 20 {
		all = append(all,
			Case{"a SHA-256", "SHA256", random(r, hex, 64), true},
			Case{"a SHA-1", "COMMIT", random(r, hex, 40), true},
			Case{"a SHA-1", "revision", random(r, hex, 40), true},
			Case{"an MD5", "CHECKSUM", random(r, hex, 32), true},
			Case{"a digest", "integrity", "sha512-" + std(bytesOf(r, 64)), true},
			Case{"a digest", "IMAGE", "registry.example.com/app@sha256:" + random(r, hex, 64), true},
			Case{"a UUID", "REQUEST_ID", uuid(r), true},
			Case{"a UUID", "tenant_id", uuid(r), true},
			Case{"an etag", "ETAG", random(r, hex, 32), true},
			Case{"a public key", "SSH_PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + random(r, alphabets["b64"], 43), true},
			Case{"a public key", "PUBLIC_KEY", std(bytesOf(r, 32)), true},
			Case{"a publishable key", "STRIPE_PUBLISHABLE_KEY", "pk_live_" + random(r, base62, 24), true},
			Case{"a DSN of Sentry", "SENTRY_DSN", "https://" + random(r, hex, 32) + "@o" + random(r, digits, 6) + ".ingest.sentry.io/" + random(r, digits, 7), false},
		)
	}
	return all
}
