// Package transit signs with a key in the transit engine of Vault or OpenBao. The key
// never leaves it; signatures are checked offline with the public key.
//
// A key is named vault://MOUNT/keys/NAME, with ?version=N for one version of it. Where
// the server is and who is asking come from the environment: VAULT_ADDR, VAULT_TOKEN,
// VAULT_NAMESPACE and VAULT_CACERT, or the same names with BAO.
package transit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// Scheme begins the name of a key here.
const Scheme = "vault://"

const (
	maxAnswer   = 4 << 20  // bytes
	maxMessage  = 32 << 20 // bytes; only Ed25519 has to send the message itself
	maxVersions = 1 << 20
)

// Key is a key in a transit engine. It implements [evidence.Signer].
type Key struct {
	server  *server
	mount   string
	name    string
	version int
	pub     *key.Public
}

// reference is what a name of a key says.
type reference struct {
	mount, name string
	version     int // 0: the latest
}

// parse reads vault://MOUNT/keys/NAME[?version=N]. Nothing in it can lead to another
// path of the server.
func parse(ref string) (reference, error) {
	bad := func(why string) (reference, error) {
		return reference{}, fmt.Errorf("%s: %s (a key is named vault://transit/keys/NAME)", ref, why)
	}
	rest, ok := strings.CutPrefix(ref, Scheme)
	if !ok {
		return bad("not a vault:// reference")
	}
	rest, query, _ := strings.Cut(rest, "?")
	i := strings.LastIndex(rest, "/keys/")
	if i < 1 {
		return bad("no /keys/ in it")
	}
	r := reference{mount: rest[:i], name: rest[i+len("/keys/"):]}
	for _, part := range append(strings.Split(r.mount, "/"), r.name) {
		if part == "" || strings.Trim(part, ".") == "" || strings.ContainsFunc(part, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
		}) {
			return bad("only letters, digits, -, _ and . are allowed in names")
		}
	}
	if query != "" {
		v, ok := strings.CutPrefix(query, "version=")
		n, err := strconv.Atoi(v)
		if !ok || err != nil || n < 1 || n > maxVersions {
			return bad("the query is not version=N")
		}
		r.version = n
	}
	return r, nil
}

// Open finds a key and reads its public part. env is os.LookupEnv.
func Open(ctx context.Context, ref string, env func(string) (string, bool)) (*Key, error) {
	r, err := parse(ref)
	if err != nil {
		return nil, err
	}
	s, err := newServer(env)
	if err != nil {
		return nil, err
	}
	var about struct {
		Type   string `json:"type"`
		Latest int    `json:"latest_version"`
		Keys   map[string]struct {
			PublicKey string `json:"public_key"`
		} `json:"keys"`
	}
	if err := s.do(ctx, http.MethodGet, r.mount+"/keys/"+r.name, nil, &about); err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	if r.version == 0 {
		r.version = about.Latest
	}
	k := &Key{server: s, mount: r.mount, name: r.name, version: r.version}
	version, ok := about.Keys[strconv.Itoa(r.version)]
	if !ok {
		return nil, fmt.Errorf("%s: the key has no version %d", ref, r.version)
	}
	if k.pub, err = public(about.Type, version.PublicKey); err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	return k, nil
}

// public reads a public key as the transit engine gives it: PEM for ECDSA, base64 of
// the raw key for Ed25519.
func public(typ, text string) (*key.Public, error) {
	switch typ {
	case "ecdsa-p256", "ecdsa-p384", "ecdsa-p521":
		p, err := key.ParsePublic([]byte(text))
		if err == nil && "ecdsa-"+string(p.Type()) != typ {
			err = fmt.Errorf("the server says %s and gives a key of type %s", typ, p.Type())
		}
		return p, err
	case "ed25519":
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, errors.New("malformed Ed25519 public key")
		}
		return key.NewPublic(ed25519.PublicKey(raw))
	}
	return nil, fmt.Errorf("keys of type %q do not sign here: use ecdsa-p256, ecdsa-p384, ecdsa-p521 or ed25519", typ)
}

// Public implements [evidence.Signer].
func (k *Key) Public() evidence.Verifier { return k.pub }

// PublicKey is Public with its own type.
func (k *Key) PublicKey() *key.Public { return k.pub }

// Sign implements [evidence.Signer]. For ECDSA only the digest is sent.
func (k *Key) Sign(ctx context.Context, message []byte) ([]byte, error) {
	request := map[string]any{"key_version": k.version}
	path := k.mount + "/sign/" + k.name
	if k.pub.Type() == key.Ed25519 {
		if len(message) > maxMessage {
			return nil, fmt.Errorf("message of %d bytes; at most %d are sent to be signed", len(message), maxMessage)
		}
		request["input"] = message
	} else {
		digest, name := k.pub.Type().Digest(message)
		path += "/" + name
		request["input"] = digest
		request["prehashed"] = true
		request["marshaling_algorithm"] = "asn1"
	}
	var answer struct {
		Signature string `json:"signature"`
	}
	if err := k.server.do(ctx, http.MethodPost, path, request, &answer); err != nil {
		return nil, err
	}
	// "vault:v3:BASE64"; OpenBao says vault too.
	text, ok := strings.CutPrefix(answer.Signature, "vault:v"+strconv.Itoa(k.version)+":")
	if !ok {
		return nil, fmt.Errorf("the server did not sign with version %d of the key", k.version)
	}
	sig, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the server gave a signature that is not base64")
	}
	return sig, nil
}

// do makes one request and reads the data of the answer.
func (s *server) do(ctx context.Context, method, path string, request, data any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body io.Reader
	if request != nil {
		b, err := json.Marshal(request)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.base+"/v1/"+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("X-Vault-Request", "true")
	r.Header.Set("X-Vault-Token", s.token)
	if s.namespace != "" {
		r.Header.Set("X-Vault-Namespace", s.namespace)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the URL, which the caller knows
		}
		return fmt.Errorf("ask %s: %w", s.base, err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("ask %s: %w", s.base, err)
	case len(b) > maxAnswer:
		return fmt.Errorf("%s answered with more than %d bytes", s.base, maxAnswer)
	case answer.StatusCode != http.StatusOK:
		return refusal(s.base, path, answer.StatusCode, b)
	}
	outer := struct {
		Data any `json:"data"`
	}{data}
	if err := json.Unmarshal(b, &outer); err != nil {
		return fmt.Errorf("%s gave an answer that is not understood: %w", s.base, err)
	}
	return nil
}

// refusal says why a request failed and what to do.
func refusal(base, path string, status int, body []byte) error {
	var e struct {
		Errors []string `json:"errors"`
	}
	_ = json.Unmarshal(body, &e) // whatever it says is a help only
	why := strings.Join(e.Errors, "; ")
	switch {
	case status/100 == 3:
		return fmt.Errorf("%s sends to another server: set VAULT_ADDR to the active one (the token is not sent elsewhere)", base)
	case status == http.StatusForbidden:
		return fmt.Errorf("%s refuses /v1/%s: the token's policy must allow it", base, path)
	case status == http.StatusNotFound:
		return fmt.Errorf("%s has no /v1/%s", base, path)
	case status == http.StatusServiceUnavailable:
		return fmt.Errorf("%s is sealed or starting", base)
	case why == "":
		why = http.StatusText(status)
	}
	return fmt.Errorf("%s answered %d to /v1/%s: %.300q", base, status, path, why)
}

var _ evidence.Signer = (*Key)(nil)
