package sign

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// mediaType is that of Sigstore bundles v0.3 in JSON.
const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// MaxSignature bounds a signature file, in bytes: about 200,000 files or shards.
const MaxSignature = evidence.MaxEnvelope

// The parts of a Sigstore bundle that matter here (protobuf-specs, bundle.proto v0.3).
type (
	bundle struct {
		MediaType string          `json:"mediaType"`
		Material  *material       `json:"verificationMaterial"`
		Envelope  json.RawMessage `json:"dsseEnvelope"`
	}
	material struct {
		PublicKey   *publicKey        `json:"publicKey,omitempty"`
		Chain       *chain            `json:"x509CertificateChain,omitempty"`
		Certificate *certificate      `json:"certificate,omitempty"`
		TlogEntries []json.RawMessage `json:"tlogEntries"`
	}
	publicKey struct {
		Hint string `json:"hint,omitempty"`
		// RawBytes was written by model_signing before 1.1 instead of a hint. It is
		// never used: a key that comes with the signature proves nothing.
		RawBytes string `json:"rawBytes,omitempty"`
	}
	chain struct {
		Certificates []certificate `json:"certificates"`
	}
	certificate struct {
		RawBytes []byte `json:"rawBytes"`
	}
)

// encodeBundle writes a signature. The root of a chain stays out: whoever verifies
// must have it already.
func encodeBundle(e *evidence.Envelope, pub *key.Public, chainDER [][]byte) ([]byte, error) {
	m := &material{TlogEntries: []json.RawMessage{}}
	if len(chainDER) == 0 {
		m.PublicKey = &publicKey{Hint: pub.KeyID()}
	} else {
		m.Chain = &chain{}
		for i, der := range chainDER {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, fmt.Errorf("certificate %d: %w", i+1, err)
			}
			if i == 0 {
				own, err := key.NewPublic(c.PublicKey)
				if err != nil || own.KeyID() != pub.KeyID() {
					return nil, fmt.Errorf("the first certificate, %s, is not that of the signing key", c.Subject)
				}
			} else if key.SelfSigned(c) {
				continue
			}
			m.Chain.Certificates = append(m.Chain.Certificates, certificate{der})
		}
	}
	// Two fields that other readers insist on, also where they are empty.
	type signature struct {
		Sig   []byte `json:"sig"`
		KeyID string `json:"keyid"`
	}
	out := struct {
		MediaType string    `json:"mediaType"`
		Material  *material `json:"verificationMaterial"`
		Envelope  any       `json:"dsseEnvelope"`
	}{mediaType, m, struct {
		Payload     []byte      `json:"payload"`
		PayloadType string      `json:"payloadType"`
		Signatures  []signature `json:"signatures"`
	}{e.Payload, e.PayloadType, []signature{{e.Signatures[0].Sig, ""}}}}
	b, err := json.Marshal(out)
	if err == nil && len(b) >= MaxSignature {
		err = fmt.Errorf("signature of %d bytes; at most %d are read", len(b), MaxSignature)
	}
	return append(b, '\n'), err
}

// parseBundle reads a signature. Nothing in the result is to be believed yet.
func parseBundle(b []byte) (*material, *evidence.Envelope, error) {
	if len(b) > MaxSignature {
		return nil, nil, fmt.Errorf("signature of %d bytes; at most %d are read", len(b), MaxSignature)
	}
	if err := evidence.Strict(b); err != nil {
		return nil, nil, fmt.Errorf("not a Sigstore bundle: %w", err)
	}
	var w bundle
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, nil, fmt.Errorf("not a Sigstore bundle: %w", err)
	}
	switch {
	case w.MediaType != mediaType && w.MediaType != "application/vnd.dev.sigstore.bundle+json;version=0.3":
		return nil, nil, fmt.Errorf("media type %.100q; a model signature has %s", w.MediaType, mediaType)
	case w.Material == nil:
		return nil, nil, errors.New("the bundle has no verification material")
	case len(w.Envelope) == 0:
		return nil, nil, errors.New("the bundle has no DSSE envelope")
	}
	e, err := evidence.ParseEnvelope(w.Envelope)
	if err != nil {
		return nil, nil, err
	}
	if len(e.Signatures) != 1 {
		return nil, nil, fmt.Errorf("%d signatures; a bundle has one", len(e.Signatures))
	}
	return w.Material, e, nil
}

// ders returns the certificates of a bundle, the signer's first.
func (m *material) ders() [][]byte {
	var out [][]byte
	if m.Chain != nil {
		for _, c := range m.Chain.Certificates {
			out = append(out, c.RawBytes)
		}
	}
	return out
}

// Looks reports whether b has the form of a model signature. It says nothing about
// its validity.
func Looks(b []byte) bool {
	_, _, err := parseBundle(b)
	return err == nil
}
