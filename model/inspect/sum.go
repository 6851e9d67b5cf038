package inspect

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/engine/yamlwalk"
	"github.com/merlon-security/merlon/safeio"
)

// sum draws the facts about the whole from its files.
func sum(x *asset.Inspection) {
	if x.Kind == "file" {
		if len(x.Files) == 1 {
			x.Format = x.Files[0].Format
			x.Facts = append(x.Facts, x.Files[0].Facts...)
			derived(x, x.Files)
		}
		return
	}
	groups := map[string][]asset.InspectedFile{}
	var formats []string
	for _, f := range x.Files {
		if f.Format == "" || f.Index || len(f.Tensors) == 0 && !has(f, "parameters") && !has(f, "trees") {
			continue
		}
		if groups[f.Format] == nil {
			formats = append(formats, f.Format)
		}
		groups[f.Format] = append(groups[f.Format], f)
	}
	slices.SortFunc(formats, func(a, b string) int { return rank(a) - rank(b) })
	x.Format = strings.Join(formats, ", ")
	if len(formats) > 0 {
		// The same weights often come in several formats: one is counted.
		main := groups[formats[0]]
		for _, f := range main {
			for _, k := range []string{"library", "architecture", "quantisation", "tokenizer", "licence", "base_model"} {
				for _, fact := range f.Facts {
					if fact.Kind == k {
						add(x, fact)
					}
				}
			}
		}
		total := new(big.Int)
		counted := true
		for _, f := range main {
			n, ok := parameters(f)
			counted = counted && ok
			total.Add(total, n)
		}
		if counted {
			value := any(total.String())
			if total.IsInt64() {
				value = total.Int64()
			}
			add(x, asset.Fact{Kind: "parameters", Value: value, Proved: true, At: asset.Ref{Path: main[0].Path}})
		}
		derived(x, main)
	}
	repository(x)
}

// rank orders formats by which a loader would prefer.
func rank(format string) int {
	for i, f := range []string{"safetensors", "gguf", "torch-zip", "torch", "pickle", "onnx"} {
		if f == format {
			return i
		}
	}
	return 100
}

func has(f asset.InspectedFile, kind string) bool {
	return slices.ContainsFunc(f.Facts, func(x asset.Fact) bool { return x.Kind == kind })
}

// parameters is the number of weights that a file states, or that its tensors add
// up to.
func parameters(f asset.InspectedFile) (*big.Int, bool) {
	for _, x := range f.Facts {
		if x.Kind == "parameters" {
			n, ok := new(big.Int).SetString(fmt.Sprint(x.Value), 10)
			if ok {
				return n, true
			}
		}
	}
	total := new(big.Int)
	for _, t := range f.Tensors {
		n := big.NewInt(1)
		for _, d := range t.Shape {
			if d < 0 {
				return new(big.Int), false // a size that is not fixed
			}
			n.Mul(n, big.NewInt(d))
		}
		total.Add(total, n)
	}
	return total, len(f.Tensors) > 0 && f.Omitted == 0
}

// derived adds what follows from the tensors: their number, bytes and types.
func derived(x *asset.Inspection, list []asset.InspectedFile) {
	tensors, omitted := 0, 0
	bytes := map[string]int64{}
	for _, f := range list {
		tensors += len(f.Tensors)
		omitted += f.Omitted
		for _, t := range f.Tensors {
			bytes[t.DType] += t.Bytes
		}
	}
	if tensors == 0 {
		return
	}
	at := asset.Ref{Path: list[0].Path}
	x.Facts = append(x.Facts, asset.Fact{Kind: "tensors", Value: int64(tensors + omitted), Proved: true, At: at})
	var types []string
	for t := range bytes {
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b string) int {
		if bytes[a] != bytes[b] {
			if bytes[a] > bytes[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	x.Facts = append(x.Facts, asset.Fact{Kind: "types", Value: strings.Join(types[:min(len(types), 8)], ", "), Proved: true, At: at})
	if x.Kind == "file" && !slices.ContainsFunc(x.Facts, func(f asset.Fact) bool { return f.Kind == "parameters" }) && len(list) == 1 {
		if n, ok := parameters(list[0]); ok && n.IsInt64() {
			x.Facts = append(x.Facts, asset.Fact{Kind: "parameters", Value: n.Int64(), Proved: true, At: at})
		}
	}
}

// add appends a fact, unless it is there.
func add(x *asset.Inspection, f asset.Fact) {
	if f.Value == nil || f.Value == "" {
		return
	}
	if !slices.ContainsFunc(x.Facts, func(g asset.Fact) bool { return g.Kind == f.Kind && fmt.Sprint(g.Value) == fmt.Sprint(f.Value) }) {
		x.Facts = append(x.Facts, f)
	}
}

// maxText bounds the small files of a repository that are read.
const maxText = 16 << 20

// repository adds what the files around the weights claim: the configuration, the
// tokenizer's, an adapter's, and the card (Hugging Face Hub, "Model Cards").
func repository(x *asset.Inspection) {
	for _, f := range x.Files {
		if strings.Contains(f.Path, "/") || f.Size > maxText {
			continue
		}
		claim := func(kind, value string) {
			add(x, asset.Fact{Kind: kind, Value: value, At: asset.Ref{Path: f.Path}})
		}
		switch f.Path {
		case "config.json":
			if v := readJSON(x, f.Path); v != nil {
				if a := v.Get("architectures"); a != nil && len(a.Items) > 0 {
					claim("architecture", a.Items[0].String())
				}
				claim("model_type", v.Get("model_type").String())
				claim("dtype", v.Get("torch_dtype").String())
				claim("dtype", v.Get("dtype").String())
				claim("quantisation", v.Get("quantization_config").Get("quant_method").String())
				claim("transformers_version", v.Get("transformers_version").String())
				if v.Get("auto_map") != nil {
					claim("code", "auto_map: loading it with trust_remote_code runs Python of the repository")
				}
			}
		case "tokenizer_config.json":
			if v := readJSON(x, f.Path); v != nil {
				claim("tokenizer", v.Get("tokenizer_class").String())
			}
		case "adapter_config.json":
			if v := readJSON(x, f.Path); v != nil {
				claim("base_model", v.Get("base_model_name_or_path").String())
				claim("adapter", v.Get("peft_type").String())
			}
		case "model_index.json":
			if v := readJSON(x, f.Path); v != nil {
				claim("pipeline", v.Get("_class_name").String())
			}
		case "README.md":
			card(x, f.Path, claim)
		}
	}
}

func read(x *asset.Inspection, name string) []byte {
	p := filepath.Join(filepath.FromSlash(x.Path), filepath.FromSlash(name))
	if real, err := filepath.EvalSymlinks(p); err == nil {
		p = real
	}
	if _, err := os.Stat(p); err != nil {
		return nil
	}
	b, err := safeio.ReadFile(p, maxText)
	if err != nil {
		return nil // its own entry says so
	}
	return b
}

func readJSON(x *asset.Inspection, name string) *strictjson.Value {
	p := strictjson.New(read(x, name), strictjson.Options{Python: true})
	v, err := p.Value(1_000_000)
	if err != nil {
		return nil
	}
	return &v
}

// card reads the front matter of a model card.
func card(x *asset.Inspection, name string, claim func(kind, value string)) {
	text := strings.ReplaceAll(string(read(x, name)), "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return
	}
	front, _, ok := strings.Cut(rest, "\n---")
	if !ok {
		return
	}
	res, err := yamlwalk.Read([]byte(front))
	if err != nil {
		return
	}
	kinds := map[string]string{"license": "licence", "license_name": "licence", "base_model": "base_model", "library_name": "library",
		"pipeline_tag": "task", "language": "language", "datasets": "dataset"}
	for _, s := range res.Scalars {
		key, index, listed := strings.Cut(s.Path, ".")
		if listed {
			if _, err := strconv.Atoi(index); err != nil {
				continue
			}
		}
		if kind, ok := kinds[key]; ok && s.Value != "" {
			claim(kind, s.Value)
		}
	}
}
