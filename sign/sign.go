// Package sign signs models and checks such signatures, as OpenSSF Model Signing v1.0
// defines them: a Sigstore bundle with an in-toto statement that lists every file of
// the model with its digest.
//
// For most uses call [Sign] and [Verify]. [Identify] computes the digest that names a
// file or a folder in evidence. What was signed by model_signing 0.3.1 to 1.1 is
// understood, and what is signed here is understood by it.
package sign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign/key"
)

// DefaultName is the file that holds a signature when nothing else is said: in a
// folder, or beside a single file.
const DefaultName = "model.sig"

// Signer is a key that can sign models: one of the three ECDSA curves.
type Signer interface {
	evidence.Signer
	PublicKey() *key.Public
}

// Options says how a model is signed.
type Options struct {
	// Ignore lists files and folders below the model, with slashes, that are not
	// signed. It goes into the signature. Optional.
	Ignore        []string
	AllowSymlinks bool     // sign what links inside the model lead to. Optional
	ShardSize     int64    // bytes; above 0: sign shards of this size instead of files. Optional
	Chain         [][]byte // DER certificates of the key, first the signer's. Optional
	Workers       int      // files read at once. Optional, default one per CPU

	// Progress is called with the bytes that were hashed, from several goroutines.
	// Optional.
	Progress func(n int64)
}

// Summary says what a signature covers.
type Summary struct {
	Name   string // last part of the model's path
	Digest string // root digest of the model, lower-case hex
	Files  int
	Bytes  int64
}

// Sign signs a file or folder and returns the signature, a Sigstore bundle in JSON.
// It refuses a model that it cannot sign completely with a [*Refused] error.
func Sign(ctx context.Context, path string, signer Signer, o Options) ([]byte, Summary, error) {
	if err := Usable(signer.PublicKey()); err != nil {
		return nil, Summary{}, err
	}
	ignore, err := CleanIgnore(o.Ignore)
	if err != nil {
		return nil, Summary{}, err
	}
	for _, p := range defaultIgnores() {
		if !slices.Contains(ignore, p) {
			ignore = append(ignore, p)
		}
	}
	t, err := openTree(path, ignore, o.AllowSymlinks)
	if err != nil {
		return nil, Summary{}, err
	}
	defer t.close()
	files, problems, err := t.list(ctx)
	if err != nil {
		return nil, Summary{}, err
	}
	if err := tooMany(files, o.ShardSize); err != nil {
		return nil, Summary{}, err
	}
	problems = append(problems, collisions(files)...)
	if o.ShardSize > 0 {
		problems = append(problems, unshardable(files)...)
	}
	if len(problems) > 0 {
		return nil, Summary{}, &Refused{problems}
	}
	if len(files) == 0 {
		return nil, Summary{}, errors.New("there is nothing to sign: no file, or all of them are ignored")
	}
	resources, problems, err := t.resources(ctx, files, o)
	if err != nil {
		return nil, Summary{}, err
	}
	if len(problems) > 0 {
		return nil, Summary{}, &Refused{problems}
	}
	m := manifest{Name: t.name, Method: methodFiles, HashType: sha256Name, AllowSymlinks: o.AllowSymlinks, Ignore: ignore, Resources: resources}
	if o.ShardSize > 0 {
		m.Method, m.ShardSize = methodShards, o.ShardSize
	}
	statement, root, err := m.statement()
	if err != nil {
		return nil, Summary{}, err
	}
	envelope, err := evidence.Sign(ctx, statement, signer)
	if err != nil {
		return nil, Summary{}, err
	}
	b, err := encodeBundle(envelope, signer.PublicKey(), o.Chain)
	if err != nil {
		return nil, Summary{}, err
	}
	sum := Summary{Name: t.name, Digest: root, Files: len(files)}
	for _, f := range files {
		sum.Bytes += f.size
	}
	return b, sum, nil
}

// Usable reports why a key cannot sign models.
func Usable(k *key.Public) error {
	if k.Type() == key.Ed25519 {
		return errors.New("OpenSSF Model Signing v1.0 signs with ECDSA keys, and this one is Ed25519: make another with merlon key generate NAME --type p256 (evidence may be signed with either)")
	}
	return nil
}

// Refused is returned by [Sign] if a model cannot be signed as a whole.
type Refused struct{ Problems []Problem }

func (r *Refused) Error() string {
	lines := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		lines[i] = p.String()
	}
	return "not signed:\n  " + strings.Join(lines, "\n  ")
}

// unshardable names the files of no bytes: a signature of shards says nothing about
// them, so that they could come and go.
func unshardable(files []file) []Problem {
	var out []Problem
	for _, f := range files {
		if f.size == 0 {
			out = append(out, Problem{Kind: Special, Path: f.name, Detail: "an empty file has no shards: sign files instead, or ignore it"})
		}
	}
	return out
}

// statement makes the in-toto statement of a manifest, and its root digest.
func (m manifest) statement() (evidence.Statement, string, error) {
	root, err := m.root()
	if err != nil {
		return evidence.Statement{}, "", err
	}
	predicate := struct {
		Serialization any        `json:"serialization"`
		Resources     []resource `json:"resources"`
	}{Resources: m.Resources}
	s := map[string]any{"method": m.Method, "hash_type": m.HashType, "allow_symlinks": m.AllowSymlinks, "ignore_paths": m.Ignore}
	if m.Method == methodShards {
		s["shard_size"] = m.ShardSize
	}
	predicate.Serialization = s
	raw, err := json.Marshal(predicate)
	if err != nil {
		return evidence.Statement{}, "", fmt.Errorf("predicate: %w", err)
	}
	st := evidence.Statement{
		Type:          evidence.StatementType,
		Subject:       []evidence.Subject{{Name: m.Name, Digest: map[string]string{sha256Name: root}}},
		PredicateType: PredicateType,
		Predicate:     raw,
	}
	return st, root, st.Check()
}
