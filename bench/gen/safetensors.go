package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// The large file has 2 GiB of weights; the sharded model 200 GB in 40 files that
// take no room on the disk, because nothing but their headers was written.
const (
	hashedLayers = 32
	hashedLayer  = 64 << 20 // bytes

	shards      = 40
	perShard    = 20
	shardTensor = 250_000_000 // bytes
)

// spec is an entry of a safetensors header.
type spec struct {
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// header encodes the tensors, each as large, one behind the other.
func header(names []string, dtype string, shape []int64, size int64) ([]byte, error) {
	tensors := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	for i, n := range names {
		tensors[n] = spec{dtype, shape, [2]int64{int64(i) * size, int64(i+1) * size}}
	}
	b, err := json.Marshal(tensors)
	if err != nil {
		return nil, err
	}
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...), nil
}

func writeSafetensors(w io.Writer) error {
	var names []string
	for i := range hashedLayers {
		names = append(names, fmt.Sprintf("layers.%02d.weight", i))
	}
	h, err := header(names, "F32", []int64{4096, hashedLayer / 4 / 4096}, hashedLayer)
	if err != nil {
		return err
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	_, err = io.CopyN(w, rand.NewChaCha8([32]byte{1}), hashedLayers*hashedLayer)
	return err
}

// makeSharded writes the layout of a large language model as the Hub has it.
func makeSharded(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	index := map[string]any{"metadata": map[string]any{"total_size": int64(shards * perShard * shardTensor)}}
	where := map[string]string{}
	for s := range shards {
		file := fmt.Sprintf("model-%05d-of-%05d.safetensors", s+1, shards)
		var names []string
		for i := range perShard {
			n := fmt.Sprintf("model.layers.%d.block.%d.weight", s, i)
			names, where[n] = append(names, n), file
		}
		h, err := header(names, "BF16", []int64{12500, shardTensor / 2 / 12500}, shardTensor)
		if err != nil {
			return err
		}
		if err := sparse(filepath.Join(dir, file), h, int64(len(h))+perShard*shardTensor); err != nil {
			return err
		}
	}
	index["weight_map"] = where
	if err := writeJSON(filepath.Join(dir, "model.safetensors.index.json"), index); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "config.json"), map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "num_hidden_layers": shards, "torch_dtype": "bfloat16",
	})
}

func sparse(path string, head []byte, size int64) error {
	if err := os.WriteFile(path, head, 0o644); err != nil {
		return err
	}
	return os.Truncate(path, size)
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
