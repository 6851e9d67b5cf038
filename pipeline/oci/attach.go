package oci

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign"
)

// maxAttached is how many referrers of one model are read.
const maxAttached = 10_000

// AttachSignature attaches a signature of OpenSSF Model Signing to a manifest.
func (r *Remote) AttachSignature(ctx context.Context, to Descriptor, signature []byte) error {
	return r.attach(ctx, to, SignatureType, signature, map[string]string{titleAnnotation: sign.DefaultName})
}

// AttachEvidence attaches a signed statement to a manifest.
func (r *Remote) AttachEvidence(ctx context.Context, to Descriptor, e *evidence.Envelope) error {
	st, err := evidence.Parse(e.Payload)
	if err != nil {
		return err
	}
	b, err := e.Encode()
	if err != nil {
		return err
	}
	return r.attach(ctx, to, EvidenceType, b, map[string]string{predicateAnnotation: st.PredicateType})
}

// attach stores an artifact that refers to a manifest. The same twice is one.
func (r *Remote) attach(ctx context.Context, to Descriptor, artifactType string, b []byte, notes map[string]string) error {
	layer, err := r.pushBytes(ctx, artifactType, b)
	if err != nil {
		return err
	}
	layer.Annotations = notes
	empty, err := r.pushBytes(ctx, artifactType, []byte("{}")) // registries before 1.1 tell artifacts by the type of their configuration
	if err != nil {
		return err
	}
	_, err = r.pushManifest(ctx, manifest{
		SchemaVersion: 2, MediaType: manifestType, ArtifactType: artifactType, Config: empty, Layers: []Descriptor{layer},
		Subject: &Descriptor{MediaType: to.MediaType, Digest: to.Digest, Size: to.Size}, Annotations: notes,
	})
	return err
}

// Attached is what a model has beside it.
type Attached struct {
	Signatures [][]byte
	Evidence   []*evidence.Envelope
}

// Attached reads signatures and evidence of a manifest. They are not checked: anybody
// who may write to the repository can attach, and remove.
func (r *Remote) Attached(ctx context.Context, to Descriptor) (*Attached, error) {
	list, err := r.referrers(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("what is attached to the model: %w", err)
	}
	out := &Attached{}
	for _, d := range list {
		if d.ArtifactType != SignatureType && d.ArtifactType != EvidenceType {
			continue // of others
		}
		b, err := r.content(ctx, to, d)
		if err != nil {
			return nil, fmt.Errorf("attached %s: %w", d.Digest, err)
		}
		if d.ArtifactType == SignatureType {
			out.Signatures = append(out.Signatures, b)
			continue
		}
		e, err := evidence.ParseEnvelope(b)
		if err != nil {
			return nil, fmt.Errorf("attached %s: %w", d.Digest, err)
		}
		out.Evidence = append(out.Evidence, e)
	}
	return out, nil
}

// content reads the one layer of an artifact that refers to a manifest.
func (r *Remote) content(ctx context.Context, to, d Descriptor) ([]byte, error) {
	m, err := r.manifest(ctx, d)
	if err != nil {
		return nil, err
	}
	if m.Subject == nil || m.Subject.Digest != to.Digest || len(m.Layers) != 1 {
		return nil, errors.New("it is about another model, or has not one layer")
	}
	limit := int64(evidence.MaxStored)
	if d.ArtifactType == SignatureType {
		limit = sign.MaxSignature
	}
	return r.fetchBytes(ctx, m.Layers[0], limit)
}

// Store writes the evidence into a folder of evidence.
func (a *Attached) Store(f evidence.Folder) error {
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return err
	}
	for _, e := range a.Evidence {
		if _, err := f.Add(e); err != nil {
			return err
		}
	}
	return nil
}
