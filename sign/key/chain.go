package key

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/merlon-security/merlon/safeio"
)

// maxChain bounds the certificates in a file or a signature.
const maxChain = 64

// ErrCertificate is wrapped by the errors of [Roots.Verify].
var ErrCertificate = errors.New("certificate is not trusted")

// LoadCertificates reads the certificates of a PEM file, in order.
func LoadCertificates(path string) ([]*x509.Certificate, error) {
	b, err := safeio.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	list, err := ParseCertificates(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// ParseCertificates reads at least one certificate in PEM.
func ParseCertificates(b []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("PEM block %q among certificates", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if list = append(list, c); len(list) > maxChain {
			return nil, fmt.Errorf("more than %d certificates", maxChain)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no certificate in PEM was found")
	}
	return list, nil
}

// SelfSigned reports whether a certificate is a root.
func SelfSigned(c *x509.Certificate) bool {
	return c.IsCA && c.CheckSignatureFrom(c) == nil
}

// Roots are what certificates must lead to. Nothing is trusted that was not named:
// neither the system's roots nor certificates that came with a signature.
type Roots struct {
	roots, between *x509.CertPool
}

// NewRoots trusts the self-signed certificates of a list, of which there must be one.
// The others of it may be links on the way.
func NewRoots(list []*x509.Certificate) (*Roots, error) {
	r := &Roots{x509.NewCertPool(), x509.NewCertPool()}
	n := 0
	for _, c := range list {
		if SelfSigned(c) {
			r.roots.AddCert(c)
			n++
		} else {
			r.between.AddCert(c)
		}
	}
	if n == 0 {
		return nil, errors.New("no root among the certificates: add the self-signed certificate of the authority")
	}
	return r, nil
}

// Verify checks that the first of a chain of DER certificates may sign at a time and
// leads to a root, and returns its key and the certificate. May sign: the key usage,
// where given, includes digital signatures; the extended key usage, where given,
// includes code signing; one of the two is given.
func (r *Roots) Verify(chain [][]byte, at time.Time) (*Public, *x509.Certificate, error) {
	if len(chain) == 0 || len(chain) > maxChain {
		return nil, nil, fmt.Errorf("%w: %d certificates in the signature", ErrCertificate, len(chain))
	}
	var certs []*x509.Certificate
	between := r.between.Clone()
	for i, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: certificate %d: %w", ErrCertificate, i+1, err)
		}
		if certs = append(certs, c); i > 0 {
			between.AddCert(c)
		}
	}
	leaf := certs[0]
	switch {
	case at.Before(leaf.NotBefore):
		return nil, nil, fmt.Errorf("%w: %s is valid from %s on", ErrCertificate, leaf.Subject, day(leaf.NotBefore))
	case at.After(leaf.NotAfter):
		return nil, nil, fmt.Errorf("%w: %s expired on %s", ErrCertificate, leaf.Subject, day(leaf.NotAfter))
	case leaf.IsCA:
		return nil, nil, fmt.Errorf("%w: %s is an authority, which does not sign models itself", ErrCertificate, leaf.Subject)
	case leaf.KeyUsage == 0 && len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0:
		return nil, nil, fmt.Errorf("%w: %s does not say what it is for; it needs code signing", ErrCertificate, leaf.Subject)
	case leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return nil, nil, fmt.Errorf("%w: %s is not for digital signatures", ErrCertificate, leaf.Subject)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:         r.roots,
		Intermediates: between,
		CurrentTime:   at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrCertificate, leaf.Subject, err)
	}
	pub, err := NewPublic(leaf.PublicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrCertificate, leaf.Subject, err)
	}
	return pub, leaf, nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
