package sign

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/evidence"
)

// PredicateType is what a model signature states.
const PredicateType = "https://model_signing/signature/v1.0"

// oldPredicates begins the predicate types of model_signing 0.2.0.
const oldPredicates = "https://model_signing/Digest"

// errOld tells why such a signature is refused: it is over the text that Python prints
// for the payload, and nothing says that the list of files is complete.
var errOld = errors.New("signature in the format of model_signing 0.2.0, which signed something else than it meant to and does not say whether it lists all files: sign the model again")

const (
	methodFiles  = "files"
	methodShards = "shards"
	sha256Name   = "sha256"
)

// manifest is what a signature says about a model.
type manifest struct {
	Name          string
	Method        string // methodFiles or methodShards
	HashType      string
	ShardSize     int64 // bytes, of methodShards
	AllowSymlinks bool
	Ignore        []string
	Resources     []resource
	Root          string
}

// resource is a file, or a part of one.
type resource struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"`
	Digest    string `json:"digest"` // hex
}

// root is SHA-256 over the raw digests of the resources, in their order.
func (m manifest) root() (string, error) {
	h := sha256.New()
	for _, r := range m.Resources {
		d, err := hex.DecodeString(r.Digest)
		if err != nil || len(d) != sha256.Size {
			return "", fmt.Errorf("digest of %q is not a SHA-256", r.Name)
		}
		h.Write(d)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// parseManifest reads the statement of a signature and checks that it is consistent.
// Unknown fields are ignored, as the specification demands.
func parseManifest(s evidence.Statement) (manifest, error) {
	var m manifest
	switch {
	case strings.HasPrefix(s.PredicateType, oldPredicates):
		return m, errOld
	case s.PredicateType != PredicateType:
		return m, fmt.Errorf("signature of type %q, which is not a model signature (%s)", s.PredicateType, PredicateType)
	case len(s.Subject) != 1:
		return m, fmt.Errorf("%d subjects; a model signature has one", len(s.Subject))
	}
	var p struct {
		Serialization *struct {
			Method        string   `json:"method"`
			HashType      string   `json:"hash_type"`
			AllowSymlinks bool     `json:"allow_symlinks"`
			ShardSize     number   `json:"shard_size"`
			Ignore        []string `json:"ignore_paths"`
		} `json:"serialization"`
		Resources []resource `json:"resources"`
	}
	if err := json.Unmarshal(s.Predicate, &p); err != nil {
		return m, fmt.Errorf("predicate: %w", err)
	}
	if p.Serialization == nil {
		return m, errors.New("the predicate has no serialization")
	}
	z := *p.Serialization
	m = manifest{
		Name: s.Subject[0].Name, Method: z.Method, HashType: z.HashType, ShardSize: int64(z.ShardSize),
		AllowSymlinks: z.AllowSymlinks, Ignore: relevantIgnores(z.Ignore), Resources: p.Resources,
	}
	switch {
	case m.Method != methodFiles && m.Method != methodShards:
		return m, fmt.Errorf("serialization method %q is not known", m.Method)
	case m.Method == methodShards && m.HashType == shardAlgorithm(m.ShardSize): // by model_signing 0.3.1
	case m.HashType != sha256Name:
		return m, fmt.Errorf("files are hashed with %q; only sha256 is supported: sign the model again", m.HashType)
	}
	switch {
	case m.Method == methodShards && m.ShardSize <= 0:
		return m, errors.New("shards of no size")
	case len(m.Resources) == 0:
		return m, errors.New("the signature covers no file")
	}
	var err error
	if m.Root, err = m.root(); err != nil {
		return m, err
	}
	if signed := s.Subject[0].Digest[sha256Name]; signed != m.Root {
		return m, fmt.Errorf("the signature contradicts itself: the subject is %s, the files listed make %s", signed, m.Root)
	}
	for _, r := range m.Resources {
		if r.Algorithm != sha256Name && !(m.Method == methodShards && r.Algorithm == shardAlgorithm(m.ShardSize)) {
			return m, fmt.Errorf("%q is hashed with %q, which is not the %s announced", r.Name, r.Algorithm, m.HashType)
		}
	}
	return m, nil
}

// number is a whole number that some writers spell 1000.0: protobuf knows only
// floating point here.
type number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 {
		return fmt.Errorf("%.40q is not a size in bytes", b)
	}
	*n = number(f)
	return nil
}

// part is a signed stretch of a file.
type part struct {
	start, end int64 // bytes
	digest     string
}

// expected is what a signature says about one file.
type expected struct {
	digest string // of the whole file; empty with parts
	parts  []part
}

// content is the same for files with the same bytes.
func (e *expected) content() string {
	if e.digest != "" {
		return e.digest
	}
	list := make([]string, len(e.parts))
	for i, p := range e.parts {
		list[i] = p.digest
	}
	return strings.Join(list, " ")
}

// files returns the files of a manifest by name. A name that is not a plain relative
// path, or is there twice, makes the whole signature invalid: what is verified would
// depend on who reads it.
func (m manifest) files() (map[string]*expected, error) {
	out := make(map[string]*expected, len(m.Resources))
	for _, r := range m.Resources {
		name := r.Name
		var p part
		if m.Method == methodShards {
			var err error
			if name, p, err = splitShard(r); err != nil {
				return nil, err
			}
		}
		if name != "." {
			if err := checkName(name); err != nil {
				return nil, fmt.Errorf("the signature names %q: %w", name, err)
			}
		}
		e := out[name]
		switch {
		case e == nil:
			e = &expected{}
			out[name] = e
		case m.Method == methodFiles:
			return nil, fmt.Errorf("the signature names %q twice", name)
		}
		if m.Method == methodFiles {
			e.digest = strings.ToLower(r.Digest)
			continue
		}
		e.parts = append(e.parts, p)
	}
	if _, single := out["."]; single && len(out) > 1 {
		return nil, errors.New("the signature names a single file and others")
	}
	if m.Method == methodShards {
		for name, e := range out {
			if err := e.contiguous(m.ShardSize); err != nil {
				return nil, fmt.Errorf("the signature of %q: %w", name, err)
			}
		}
	}
	return out, nil
}

// contiguous checks that the parts cover the file from its start without gaps, each
// of them full but the last: the order in the signature is that.
func (e *expected) contiguous(size int64) error {
	at := int64(0)
	for i, p := range e.parts {
		full := p.end-p.start == size
		if p.start != at || p.end <= p.start || !full && (i < len(e.parts)-1 || p.end-p.start > size) {
			return fmt.Errorf("shards do not cover it: %d to %d after %d", p.start, p.end, at)
		}
		at = p.end
	}
	return nil
}

// splitShard reads NAME:START:END.
func splitShard(r resource) (string, part, error) {
	fields := strings.Split(r.Name, ":")
	n := len(fields)
	if n < 3 {
		return "", part{}, fmt.Errorf("shard %q is not NAME:START:END", r.Name)
	}
	start, err1 := strconv.ParseInt(fields[n-2], 10, 64)
	end, err2 := strconv.ParseInt(fields[n-1], 10, 64)
	if err1 != nil || err2 != nil || start < 0 {
		return "", part{}, fmt.Errorf("shard %q is not NAME:START:END", r.Name)
	}
	return strings.Join(fields[:n-2], ":"), part{start, end, strings.ToLower(r.Digest)}, nil
}

// maxName bounds the length of a name, in bytes (PATH_MAX of Linux).
const maxName = 4096

// checkName reports why name is not a normalised, relative, slash-separated path.
func checkName(name string) error {
	switch {
	case name == "" || len(name) > maxName:
		return fmt.Errorf("a name has 1 to %d bytes", maxName)
	case !utf8.ValidString(name) || strings.ContainsRune(name, utf8.RuneError):
		return errors.New("a name is text in UTF-8")
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }):
		return errors.New("control characters and backslashes are read differently by different systems")
	case path.IsAbs(name) || path.Clean(name) != name || name == "." || name == ".." || strings.HasPrefix(name, "../"):
		return errors.New("it is not a normalised path below the model")
	}
	return nil
}
