package asset

// Kind says what an asset is.
type Kind = string

// The kinds of asset.
const (
	Model   Kind = "model"
	Archive Kind = "archive"
	Dataset Kind = "dataset"
	Code    Kind = "code"
)

// Verdict is what the bytes of a model allow to be said about loading it.
type Verdict string

// The verdicts, from best to worst. Unknown is the absence of a verdict.
const (
	Unknown    Verdict = ""
	OK         Verdict = "ok"         // everything in it is known and harmless
	Unverified Verdict = "unverified" // something in it is not known to be harmless
	Failed     Verdict = "error"      // it could not be read to its end
	Malicious  Verdict = "malicious"  // a known dangerous effect is reachable
)

// rank orders verdicts by how bad they are.
func (v Verdict) rank() int {
	switch v {
	case OK:
		return 1
	case Unverified:
		return 2
	case Failed:
		return 3
	case Malicious:
		return 4
	}
	return 0
}

// Worst returns the worse of two verdicts: malicious, then error, then
// unverified, then ok.
func (v Verdict) Worst(w Verdict) Verdict {
	if w.rank() > v.rank() {
		return w
	}
	return v
}

// Asset is something that can be named by its digest.
type Asset struct {
	Kind    Kind
	Ref     Ref
	Format  string  // "pickle", "torch-zip", "npy"; empty when not known
	SHA256  string  // lower-case hex of the bytes; empty when not computed
	Size    int64   // bytes
	Verdict Verdict // models only
}

// Fact is one thing known about an asset.
type Fact struct {
	Kind   string // "member", "format", "licence"
	Value  any    // encodes to JSON
	Proved bool   // read from the bytes; false: somebody says so
	At     Ref
}
