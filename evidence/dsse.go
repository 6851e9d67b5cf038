package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// PayloadType is what an envelope around an in-toto statement holds.
const PayloadType = "application/vnd.in-toto+json"

// The bounds of an envelope.
const (
	MaxEnvelope   = 64 << 20        // bytes; the signature of a model with 200,000 files
	MaxPayload    = MaxEnvelope / 2 // bytes of a statement that is signed
	maxSignatures = 16
)

// ErrSignature is returned by [Envelope.Verify] if no signature on the envelope was
// made by a key that is trusted.
var ErrSignature = errors.New("no valid signature by a trusted key")

// Signer signs messages. Keys in files and in a Vault are in package sign/key and
// sign/transit; a hardware module or a cloud KMS is one more implementation.
type Signer interface {
	// Sign signs a whole message (not a digest): ECDSA gives ASN.1, Ed25519 raw
	// bytes.
	Sign(ctx context.Context, message []byte) ([]byte, error)
	Public() Verifier
}

// Verifier checks signatures of one key.
type Verifier interface {
	// KeyID is the SHA-256 of the key's PEM text (SubjectPublicKeyInfo) in
	// lower-case hex.
	KeyID() string
	// Verify returns nil when sig over message was made by this key.
	Verify(message, sig []byte) error
}

// Envelope is a payload with signatures over it (DSSE v1.0).
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"`
	Signatures  []Signature `json:"signatures"`
}

// Signature is one signature. KeyID is a hint only, and nothing is decided by it.
type Signature struct {
	KeyID string `json:"keyid,omitempty"`
	Sig   []byte `json:"sig"`
}

// PAE is the message that is signed (DSSE v1.0, "Pre-Authentication Encoding"): it
// binds the type of the payload to its bytes.
func PAE(payloadType string, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+len(payloadType)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(append(append(b, ' '), payloadType...), ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	return append(append(b, ' '), payload...)
}

// Sign puts a statement into an envelope, in canonical form, signed by every signer.
// Each signature is checked before it is handed out.
func Sign(ctx context.Context, s Statement, signers ...Signer) (*Envelope, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	payload, err := Canonical(raw)
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("statement of %d bytes; at most %d can be signed", len(payload), MaxPayload)
	}
	if len(signers) == 0 {
		return nil, errors.New("no signer")
	}
	e := &Envelope{PayloadType: PayloadType, Payload: payload}
	message := PAE(e.PayloadType, e.Payload)
	for _, signer := range signers {
		sig, err := signer.Sign(ctx, message)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		pub := signer.Public()
		if err := pub.Verify(message, sig); err != nil {
			return nil, fmt.Errorf("the signer gave a signature that its own public key refuses: %w", err)
		}
		e.Signatures = append(e.Signatures, Signature{KeyID: pub.KeyID(), Sig: sig})
	}
	return e, nil
}

// Encode returns the envelope as one line of JSON.
func (e *Envelope) Encode() ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if len(b) >= MaxEnvelope {
		return nil, fmt.Errorf("envelope of %d bytes; at most %d are read", len(b), MaxEnvelope)
	}
	return append(b, '\n'), nil
}

// wire is an envelope as it is written. Both alphabets of base64 are allowed by
// DSSE, so the bytes are decoded here and not by encoding/json.
type wire struct {
	PayloadType *string `json:"payloadType"`
	Payload     *string `json:"payload"`
	Signatures  []struct {
		KeyID string  `json:"keyid"`
		Sig   *string `json:"sig"`
	} `json:"signatures"`
}

// ParseEnvelope reads an envelope of at most [MaxEnvelope] bytes. Unknown fields are
// ignored, as DSSE demands; a key that occurs twice is refused. Nothing in the result
// is to be believed before [Envelope.Verify].
func ParseEnvelope(b []byte) (*Envelope, error) {
	if len(b) > MaxEnvelope {
		return nil, fmt.Errorf("envelope of %d bytes; at most %d are read", len(b), MaxEnvelope)
	}
	var w wire
	if err := decode(b, &w, false); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	switch {
	case w.PayloadType == nil || w.Payload == nil:
		return nil, errors.New("envelope: payloadType or payload is missing")
	case len(w.Signatures) == 0:
		return nil, errors.New("envelope: not signed")
	case len(w.Signatures) > maxSignatures:
		return nil, fmt.Errorf("envelope: %d signatures; at most %d are read", len(w.Signatures), maxSignatures)
	}
	e := &Envelope{PayloadType: *w.PayloadType}
	var err error
	if e.Payload, err = base64Bytes(*w.Payload); err != nil {
		return nil, fmt.Errorf("envelope: payload: %w", err)
	}
	for i, s := range w.Signatures {
		if s.Sig == nil {
			return nil, fmt.Errorf("envelope: signature %d is empty", i)
		}
		sig, err := base64Bytes(*s.Sig)
		if err != nil || len(sig) == 0 {
			return nil, fmt.Errorf("envelope: signature %d is not base64", i)
		}
		e.Signatures = append(e.Signatures, Signature{KeyID: s.KeyID, Sig: sig})
	}
	return e, nil
}

// base64Bytes decodes either alphabet, with padding (DSSE v1.0, "Envelope").
func base64Bytes(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("base64 with line breaks") // the decoders skip them
	}
	if strings.ContainsAny(s, "-_") {
		return base64.URLEncoding.Strict().DecodeString(s)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

// Verify returns the statement in the envelope and the ids of the trusted keys that
// signed it, at least one. Without any it returns an error wrapping [ErrSignature].
// Signatures by other keys do not matter, and neither do key ids in the envelope.
func (e *Envelope) Verify(trusted ...Verifier) (Statement, []string, error) {
	if e.PayloadType != PayloadType {
		return Statement{}, nil, fmt.Errorf("payload of type %q, not %q", e.PayloadType, PayloadType)
	}
	message := PAE(e.PayloadType, e.Payload)
	var by []string
	for _, v := range trusted {
		for _, s := range e.Signatures {
			if v.Verify(message, s.Sig) == nil {
				by = append(by, v.KeyID())
				break
			}
		}
	}
	if len(by) == 0 {
		return Statement{}, nil, ErrSignature
	}
	s, err := Parse(e.Payload)
	if err != nil {
		return Statement{}, nil, err
	}
	return s, by, nil
}

// Digest names an envelope as it is stored: the SHA-256 of its bytes, lower-case hex.
func Digest(encoded []byte) string {
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}
