package key

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *Private
}

func issue(t *testing.T, by *authority, name string, change func(*x509.Certificate)) *authority {
	t.Helper()
	k, err := Generate(P256)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		BasicConstraintsValid: true,
	}
	change(c)
	parent, signer := c, k
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, k.PublicKey().Key(), signer.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, k}
}

func ca(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }

func leaf(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
}

func TestRoots(t *testing.T) {
	root := issue(t, nil, "root", ca)
	other := issue(t, nil, "root", ca) // of the same name
	middle := issue(t, root, "middle", ca)
	good := issue(t, middle, "signer", leaf)
	but := func(change func(*x509.Certificate)) *authority {
		return issue(t, middle, "signer", func(c *x509.Certificate) { leaf(c); change(c) })
	}
	chain := func(a ...*authority) (out [][]byte) {
		for _, a := range a {
			out = append(out, a.cert.Raw)
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		chain [][]byte
		trust []*x509.Certificate
		at    time.Time
		want  string // part of the error; "": trusted
	}{
		{name: "whole chain", chain: chain(good, middle), trust: []*x509.Certificate{root.cert}},
		{name: "chain with its root", chain: chain(good, middle, root), trust: []*x509.Certificate{root.cert}},
		{name: "link known here", chain: chain(good), trust: []*x509.Certificate{root.cert, middle.cert}},
		{name: "link missing", chain: chain(good), trust: []*x509.Certificate{root.cert}, want: "unknown authority"},
		{name: "root in the signature only", chain: chain(good, middle, root), trust: []*x509.Certificate{other.cert}, want: "unknown authority"},
		{name: "expired", chain: chain(good, middle), trust: []*x509.Certificate{root.cert}, at: now.AddDate(1, 0, 1), want: "expired on 2027-06-01"},
		{name: "not yet", chain: chain(good, middle), trust: []*x509.Certificate{root.cert}, at: now.AddDate(-1, 0, -1), want: "valid from"},
		{name: "web server", chain: chain(but(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), middle),
			trust: []*x509.Certificate{root.cert}, want: "incompatible key usage"},
		{name: "encipherment", chain: chain(but(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), middle),
			trust: []*x509.Certificate{root.cert}, want: "not for digital signatures"},
		{name: "no usage", chain: chain(but(func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = 0, nil }), middle),
			trust: []*x509.Certificate{root.cert}, want: "does not say what it is for"},
		{name: "key usage alone", chain: chain(but(func(c *x509.Certificate) { c.ExtKeyUsage = nil }), middle), trust: []*x509.Certificate{root.cert}},
		{name: "authority itself", chain: chain(middle), trust: []*x509.Certificate{root.cert}, want: "does not sign models itself"},
		{name: "issued by a signer", chain: chain(issue(t, good, "sub", leaf), good, middle), trust: []*x509.Certificate{root.cert}, want: "cannot sign this kind of certificate"},
		{name: "empty", trust: []*x509.Certificate{root.cert}, want: "0 certificates"},
		{name: "garbage", chain: [][]byte{{1, 2}}, trust: []*x509.Certificate{root.cert}, want: "certificate 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := NewRoots(tt.trust)
			if err != nil {
				t.Fatal(err)
			}
			at := now
			if !tt.at.IsZero() {
				at = tt.at
			}
			pub, _, err := r.Verify(tt.chain, at)
			switch {
			case tt.want == "" && (err != nil || pub.Type() != P256):
				t.Errorf("refused: %v", err)
			case tt.want != "" && (!errors.Is(err, ErrCertificate) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := NewRoots([]*x509.Certificate{middle.cert}); err == nil {
		t.Error("a link alone was taken for a root")
	}
}
