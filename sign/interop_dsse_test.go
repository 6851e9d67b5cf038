package sign

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// TestInteropEvidence: evidence of every kind is verified by the reference
// implementations of DSSE (securesystemslib) and of in-toto statements.
func TestInteropEvidence(t *testing.T) {
	p := startPeer(t)
	dir := t.TempDir()
	for _, typ := range key.Types() {
		k := newKey(t, typ)
		pub := filepath.Join(dir, string(typ)+".pub")
		put(t, pub, string(k.PublicKey().PEM()))
		for _, kind := range evidence.Kinds() {
			b, err := os.ReadFile("../evidence/testdata/" + string(kind) + ".json")
			if err != nil {
				t.Fatal(err)
			}
			s := evidence.Statement{
				Type: evidence.StatementType, PredicateType: kind.Type(), Predicate: b,
				Subject: []evidence.Subject{{Name: "ü", Digest: map[string]string{"sha256": strings.Repeat("ab", 32)}}},
			}
			e, err := evidence.Sign(context.Background(), s, k)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := e.Encode()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "e.json")
			put(t, file, string(raw))
			if got := p.do(t, ask{Op: "dsse", Sig: file, Key: pub}); got != "ok" {
				t.Errorf("%s signed with %s: %s", kind, typ, got)
			}
			e.Payload = bytes.Replace(e.Payload, []byte("ab"), []byte("ac"), 1)
			if raw, err = e.Encode(); err != nil {
				t.Fatal(err)
			}
			put(t, file, string(raw))
			if got := p.do(t, ask{Op: "dsse", Sig: file, Key: pub}); got == "ok" {
				t.Errorf("%s signed with %s: a change is not seen", kind, typ)
			}
		}
	}
}
