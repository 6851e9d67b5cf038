package transit

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign"
	"github.com/merlon-security/merlon/sign/key"
)

// fake is a transit engine with the real cryptography, as its API documentation
// describes the answers.
type fake struct {
	typ  string
	keys []crypto.Signer // version i+1
}

func newFake(t *testing.T, typ string, versions int) *fake {
	t.Helper()
	f := &fake{typ: typ}
	for range versions {
		var k crypto.Signer
		var err error
		switch typ {
		case "ecdsa-p256":
			k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		case "ecdsa-p384":
			k, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		case "ecdsa-p521":
			k, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
		default:
			_, k, err = ed25519.GenerateKey(rand.Reader)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.keys = append(f.keys, k)
	}
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, why string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string][]string{"errors": {why}})
	}
	if r.Header.Get("X-Vault-Token") != "token" {
		refuse(http.StatusForbidden, "permission denied")
		return
	}
	rest, hash, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/team/transit/sign/model"), "/")
	switch {
	case r.Method == http.MethodGet && r.URL.Path == "/v1/team/transit/keys/model":
		keys := map[string]any{}
		for i, k := range f.keys {
			der, _ := x509.MarshalPKIXPublicKey(k.Public())
			text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
			if e, ok := k.Public().(ed25519.PublicKey); ok {
				text = base64.StdEncoding.EncodeToString(e)
			}
			keys[string(rune('1'+i))] = map[string]any{"public_key": text}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"type": f.typ, "latest_version": len(f.keys), "keys": keys}})
	case r.Method == http.MethodPost && rest == "":
		var in struct {
			Input      []byte `json:"input"`
			Prehashed  bool   `json:"prehashed"`
			Marshaling string `json:"marshaling_algorithm"`
			Version    int    `json:"key_version"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Version < 1 || in.Version > len(f.keys) {
			refuse(http.StatusBadRequest, "bad request")
			return
		}
		h := map[string]crypto.Hash{"sha2-256": crypto.SHA256, "sha2-384": crypto.SHA384, "sha2-512": crypto.SHA512}[hash]
		if f.typ != "ed25519" && (!in.Prehashed || in.Marshaling != "asn1" || h == 0 || len(in.Input) != h.Size()) {
			refuse(http.StatusBadRequest, "not prehashed")
			return
		}
		sig, err := f.keys[in.Version-1].Sign(rand.Reader, in.Input, h)
		if err != nil {
			refuse(http.StatusInternalServerError, err.Error())
			return
		}
		text := "vault:v" + string(rune('0'+in.Version)) + ":" + base64.StdEncoding.EncodeToString(sig)
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"signature": text}})
	default:
		refuse(http.StatusNotFound, "no handler for route")
	}
}

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

const ref = "vault://team/transit/keys/model"

func TestSign(t *testing.T) {
	for _, typ := range []string{"ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"} {
		t.Run(typ, func(t *testing.T) {
			s := httptest.NewServer(newFake(t, typ, 2))
			defer s.Close()
			ctx := context.Background()
			k, err := Open(ctx, ref, env("VAULT_ADDR", s.URL+"/", "VAULT_TOKEN", "token"))
			if err != nil {
				t.Fatal(err)
			}
			st, err := evidence.New(evidence.ScanType, map[string]any{}, evidence.Subject{Name: "m", Digest: map[string]string{"sha256": strings.Repeat("ab", 32)}})
			if err != nil {
				t.Fatal(err)
			}
			e, err := evidence.Sign(ctx, st, k)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := e.Verify(k.PublicKey()); err != nil {
				t.Error(err)
			}
			signModel(t, k)
			first, err := Open(ctx, ref+"?version=1", env("BAO_ADDR", s.URL, "BAO_TOKEN", "token"))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := e.Verify(first.PublicKey()); err == nil {
				t.Error("the key of another version verifies")
			}
			if _, err := evidence.Sign(ctx, st, first); err != nil {
				t.Errorf("version 1: %v", err)
			}
		})
	}
}

// signModel signs a model with a key that is elsewhere, and verifies it offline.
func signModel(t *testing.T, k *Key) {
	t.Helper()
	model := filepath.Join(t.TempDir(), "model.bin")
	if err := os.WriteFile(model, []byte("weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	sig, _, err := sign.Sign(context.Background(), model, k, sign.Options{})
	if k.PublicKey().Type() == key.Ed25519 {
		if err == nil {
			t.Error("a model was signed with Ed25519")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	exported, err := key.ParsePublic(k.PublicKey().PEM())
	if err != nil {
		t.Fatal(err)
	}
	r, err := sign.Verify(context.Background(), model, sig, sign.Check{Trust: sign.Trust{Key: exported}})
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("%v %v", err, r)
	}
}

// A server that signs with something else, or with nothing, gives no signature.
func TestServerLies(t *testing.T) {
	f := newFake(t, "ecdsa-p256", 1)
	other := newFake(t, "ecdsa-p256", 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			other.ServeHTTP(w, r)
			return
		}
		f.ServeHTTP(w, r)
	}))
	defer s.Close()
	k, err := Open(context.Background(), ref, env("VAULT_ADDR", s.URL, "VAULT_TOKEN", "token"))
	if err != nil {
		t.Fatal(err)
	}
	st, _ := evidence.New(evidence.ScanType, map[string]any{}, evidence.Subject{Name: "m", Digest: map[string]string{"sha256": strings.Repeat("ab", 32)}})
	if _, err := evidence.Sign(context.Background(), st, k); err == nil || !strings.Contains(err.Error(), "its own public key refuses") {
		t.Errorf("error = %v", err)
	}
}

func TestRefusals(t *testing.T) {
	s := httptest.NewServer(newFake(t, "ecdsa-p256", 1))
	defer s.Close()
	redirect := httptest.NewServer(http.RedirectHandler(s.URL, http.StatusTemporaryRedirect))
	defer redirect.Close()
	secure := httptest.NewTLSServer(newFake(t, "ecdsa-p256", 1))
	defer secure.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	good := []string{"VAULT_ADDR", s.URL, "VAULT_TOKEN", "token"}
	for _, tt := range []struct {
		name, ref string
		env       []string
		want      string // "": it opens
	}{
		{"good", ref, good, ""},
		{"own authority", ref, []string{"VAULT_ADDR", secure.URL, "VAULT_TOKEN", "token", "VAULT_CACERT", ca}, ""},
		{"unknown authority", ref, []string{"VAULT_ADDR", secure.URL, "VAULT_TOKEN", "token"}, "certificate"},
		{"no environment", ref, nil, "set VAULT_ADDR"},
		{"no token", ref, []string{"VAULT_ADDR", s.URL}, "set VAULT_ADDR and VAULT_TOKEN"},
		{"wrong token", ref, []string{"VAULT_ADDR", s.URL, "VAULT_TOKEN", "s3cr3t"}, "policy must allow"},
		{"in the clear", ref, []string{"VAULT_ADDR", "http://vault.example:8200", "VAULT_TOKEN", "token"}, "use https"},
		{"redirected", ref, []string{"VAULT_ADDR", redirect.URL, "VAULT_TOKEN", "token"}, "another server"},
		{"no such key", "vault://team/transit/keys/other", good, "has no /v1/"},
		{"no such version", ref + "?version=7", good, "no version 7"},
		{"dots", "vault://transit/keys/..", good, "only letters"},
		{"other path", "vault://transit/../keys/x", good, "only letters"},
		{"query", ref + "?x=1", good, "not version=N"},
		{"no keys", "vault://transit/model", good, "no /keys/"},
		{"escaped", "vault://transit/keys/%2e%2e", good, "only letters"},
	} {
		_, err := Open(context.Background(), tt.ref, env(tt.env...))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q in it", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: the token is in the error", tt.name)
		}
	}
}
