// Package oci keeps models in OCI registries as CNCF ModelPack artifacts
// (https://github.com/modelpack/model-spec): each file is a layer, so that the registry
// knows the digest of each, and signatures and evidence are attached to the manifest as
// referrers (OCI distribution specification 1.1).
package oci

import (
	"path"
	"slices"
	"strings"
	"time"
)

// The media types of ModelPack.
const (
	ArtifactType = "application/vnd.cncf.model.manifest.v1+json"
	configType   = "application/vnd.cncf.model.config.v1+json"
	layerPrefix  = "application/vnd.cncf.model."

	// pathAnnotation names the file of a layer, below the model with slashes.
	pathAnnotation = "org.cncf.model.filepath"
	// identityAnnotation holds what evidence calls the model: sha256:HEX.
	identityAnnotation = "dev.merlon.model.identity"
)

// What is attached to a model.
const (
	// SignatureType is a signature of OpenSSF Model Signing, which is a Sigstore bundle.
	SignatureType = "application/vnd.dev.sigstore.bundle.v0.3+json"
	// EvidenceType is an in-toto statement in a DSSE envelope.
	EvidenceType = "application/vnd.dsse.envelope.v1+json"

	predicateAnnotation = "in-toto.io/predicate-type"
	titleAnnotation     = "org.opencontainers.image.title"
)

// config is the configuration of ModelPack, as far as merlon knows it.
type config struct {
	Descriptor struct {
		CreatedAt time.Time `json:"createdAt"`
		Name      string    `json:"name,omitempty"`
	} `json:"descriptor"`
	Config struct {
		Format string `json:"format,omitempty"`
	} `json:"config"`
	ModelFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diffIds"`
	} `json:"modelfs"`
}

// categories are what ModelPack tells files apart by, with the ends of their names.
// Anything else is weights.
var categories = []struct {
	name string
	ends []string
}{
	{"weight.config", []string{".json", ".yaml", ".yml", ".toml", ".txt", ".model", ".jinja", ".cfg", ".ini", ".vocab", ".tiktoken"}},
	{"doc", []string{".md", ".rst", ".pdf", ".html", ".png", ".jpg", ".svg", "license", "notice", "readme"}},
	{"code", []string{".py", ".ipynb", ".sh", ".r", ".jl", ".js", ".cpp", ".cu"}},
	{"dataset", []string{".csv", ".parquet", ".jsonl", ".arrow", ".tsv"}},
}

// layerType is the media type of the layer of a file.
func layerType(name string) string {
	lower := strings.ToLower(path.Base(name))
	for _, c := range categories {
		if slices.ContainsFunc(c.ends, func(end string) bool { return strings.HasSuffix(lower, end) }) {
			return layerPrefix + c.name + ".v1.raw"
		}
	}
	return layerPrefix + "weight.v1.raw"
}
