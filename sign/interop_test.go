package sign

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/sign/key"
)

// peer is the reference implementation, running.
type peer struct {
	in  io.WriteCloser
	out *bufio.Reader
}

type ask struct {
	Op     string   `json:"op"`
	Model  string   `json:"model"`
	Sig    string   `json:"sig"`
	Key    string   `json:"key,omitempty"`
	Cert   string   `json:"cert,omitempty"`
	Chain  []string `json:"chain,omitempty"`
	Shard  int64    `json:"shard,omitempty"`
	Links  bool     `json:"links,omitempty"`
	Ignore []string `json:"ignore,omitempty"`
}

func startPeer(t *testing.T) *peer {
	t.Helper()
	for _, python := range []string{os.Getenv("MERLON_MODEL_SIGNING_PYTHON"), "python3", "../.cache/venv/bin/python"} {
		if python == "" || exec.Command(python, "-c", "import model_signing").Run() != nil {
			continue
		}
		cmd := exec.Command(python, "testdata/interop.py")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
		return &peer{in, bufio.NewReader(out)}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Python with model_signing")
	}
	t.Skip("no Python with model_signing (MERLON_MODEL_SIGNING_PYTHON may name one)")
	return nil
}

// do returns "ok" or the error.
func (p *peer) do(t *testing.T, a ask) string {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// identity is a key in files, with a certificate chain of three.
type identity struct {
	*key.Private
	key, pub, cert, middle, root string
	roots                        *key.Roots
	chain                        [][]byte
}

func newIdentity(t *testing.T, typ key.Type) identity {
	t.Helper()
	dir := t.TempDir()
	id := identity{Private: newKey(t, typ)}
	text, err := key.EncodePrivate(id.Private, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, b []byte) string {
		put(t, filepath.Join(dir, name), string(b))
		return filepath.Join(dir, name)
	}
	id.key, id.pub = file("k.pem", text), file("k.pub", id.PublicKey().PEM())

	signer := func(k *key.Private) any {
		text, _ := key.EncodePrivate(k, nil)
		block, _ := pem.Decode(text)
		raw, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var parent *x509.Certificate
	var parentKey *key.Private
	var certs []*x509.Certificate
	for i, name := range []string{"root", "middle", "signer"} {
		k := id.Private
		c := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		}
		if name == "signer" {
			c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		} else {
			k = newKey(t, key.P384)
			c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
		}
		if parent == nil {
			parent, parentKey = c, k
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, k.PublicKey().Key(), signer(parentKey))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		parent, parentKey = parsed, k
		certs = append(certs, parsed)
	}
	text3 := func(c *x509.Certificate) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	id.root, id.middle, id.cert = file("root.pem", text3(certs[0])), file("middle.pem", text3(certs[1])), file("cert.pem", text3(certs[2]))
	id.chain = [][]byte{certs[2].Raw, certs[1].Raw, certs[0].Raw}
	if id.roots, err = key.NewRoots(certs[:1]); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestInterop signs with each implementation and verifies with the other: whole
// models, and models in which something was changed.
func TestInterop(t *testing.T) {
	p := startPeer(t)
	folder := write(t, "config.json", "{}", "weights/a.bin", "aaaa", "weights/b c.bin", "bbbb", "weights.d/ü.bin", "umlaut", "empty", "", ".gitignore", "x", ".git/HEAD", "ref")
	models := map[string]string{
		"folder": folder,
		"file":   filepath.Join(write(t, "model.onnx", "weights"), "model.onnx"),
	}
	for _, typ := range []key.Type{key.P256, key.P384, key.P521} {
		id := newIdentity(t, typ)
		for kind, model := range models {
			for _, how := range []string{"key", "certificate"} {
				t.Run(fmt.Sprintf("%s/%s/%s", typ, kind, how), func(t *testing.T) {
					dir := t.TempDir()
					trust, o := Trust{Key: id.PublicKey()}, Options{}
					mine, theirs := filepath.Join(dir, "mine.sig"), filepath.Join(dir, "theirs.sig")
					signing := ask{Op: "sign", Model: model, Sig: theirs, Key: id.key}
					verifying := ask{Op: "verify", Model: model, Sig: mine, Key: id.pub}
					if how == "certificate" {
						trust, o = Trust{Roots: id.roots}, Options{Chain: id.chain}
						signing.Cert, signing.Chain = id.cert, []string{id.middle}
						verifying.Key, verifying.Chain = "", []string{id.root}
					}
					put(t, mine, string(mustSign(t, model, id, o)))
					if got := p.do(t, verifying); got != "ok" {
						t.Errorf("model_signing refuses ours: %s", got)
					}
					if got := p.do(t, signing); got != "ok" {
						t.Fatal(got)
					}
					check(t, model, theirs, trust, "")

					// One byte, in a copy.
					changed := filepath.Join(dir, filepath.Base(model))
					victim := changed
					if kind == "folder" {
						if err := os.CopyFS(changed, os.DirFS(model)); err != nil {
							t.Fatal(err)
						}
						victim = filepath.Join(changed, "weights", "a.bin")
					}
					put(t, victim, "aaab")
					verifying.Model = changed
					if got := p.do(t, verifying); got == "ok" {
						t.Error("model_signing does not see a changed byte under our signature")
					}
					name := "."
					if kind == "folder" {
						name = "weights/a.bin"
					}
					check(t, changed, theirs, trust, "changed "+name)
				})
			}
		}
	}
}

// check verifies a signature file; want is "" or what the only problem is.
func check(t *testing.T, model, sig string, trust Trust, want string) {
	t.Helper()
	b, err := os.ReadFile(sig)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Verify(context.Background(), model, b, Check{Trust: trust, SignatureFile: sig})
	if err != nil {
		t.Errorf("we refuse theirs: %v", err)
		return
	}
	got := ""
	for _, p := range r.Problems {
		got += string(p.Kind) + " " + p.Path
	}
	if got != want {
		t.Errorf("problems %q, want %q", got, want)
	}
}

// TestInteropShards does the same with shards.
func TestInteropShards(t *testing.T) {
	p := startPeer(t)
	id := newIdentity(t, key.P256)
	model := write(t, "a.bin", strings.Repeat("0123456789", 1000), "sub/b.bin", strings.Repeat("x", 3000), "c", "1")
	sig := filepath.Join(t.TempDir(), "s.sig")
	for _, size := range []int64{100, 999, 1000, 3000, 1 << 30} {
		if got := p.do(t, ask{Op: "sign", Model: model, Sig: sig, Key: id.key, Shard: size}); got != "ok" {
			t.Fatal(got)
		}
		check(t, model, sig, Trust{Key: id.PublicKey()}, "")
		put(t, sig, string(mustSign(t, model, id, Options{ShardSize: size})))
		check(t, model, sig, Trust{Key: id.PublicKey()}, "")
		if got := p.do(t, ask{Op: "verify", Model: model, Sig: sig, Key: id.pub}); got != "ok" {
			t.Errorf("shards of %d: model_signing refuses ours: %s", size, got)
		}
	}
}

// TestInteropManyFiles signs 10,000 files in each direction.
func TestInteropManyFiles(t *testing.T) {
	p := startPeer(t)
	id := newIdentity(t, key.P256)
	model := t.TempDir()
	for i := range 10_000 {
		put(t, filepath.Join(model, fmt.Sprintf("d%02d", i%100), fmt.Sprintf("f%05d.bin", i)), fmt.Sprint(i))
	}
	sig := filepath.Join(model, "model.sig")
	put(t, sig, string(mustSign(t, model, id, Options{Ignore: []string{"model.sig"}})))
	if got := p.do(t, ask{Op: "verify", Model: model, Sig: sig, Key: id.pub}); got != "ok" {
		t.Errorf("model_signing refuses ours: %s", got)
	}
	if got := p.do(t, ask{Op: "sign", Model: model, Sig: sig, Key: id.key, Ignore: []string{"model.sig"}}); got != "ok" {
		t.Fatal(got)
	}
	check(t, model, sig, Trust{Key: id.PublicKey()}, "")
	put(t, filepath.Join(model, "d77", "f05077.bin"), "5078")
	check(t, model, sig, Trust{Key: id.PublicKey()}, "changed d77/f05077.bin")
}
