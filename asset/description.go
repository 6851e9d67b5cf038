package asset

// Description is what a model file says about itself, read from its headers only.
type Description struct {
	Format  string // "safetensors", "gguf", "onnx"
	Version string // of the format; empty where it has none
	// Facts hold the rest: kinds "library", "architecture", "parameters" (count),
	// "quantisation", "tokenizer", "licence", "base_model", "operator" and
	// "metadata" (Value is a [Pair]). What follows from the bytes is proved; what
	// the file merely claims is not.
	Facts   []Fact
	Tensors []Tensor
	// Omitted counts the tensors beyond what a reader keeps.
	Omitted int
}

// Pair is a named value of free metadata.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Tensor is one array of weights.
type Tensor struct {
	Name  string  `json:"name"`
	DType string  `json:"dtype"`          // as the format spells it
	Shape []int64 `json:"shape"`          // outermost first; empty: a scalar
	Bytes int64   `json:"bytes"`          // stored size
	File  string  `json:"file,omitempty"` // where its bytes lie, if not in the described file
}

// MaxTensors is how many tensors a reader keeps in a description.
const MaxTensors = 1_000_000
