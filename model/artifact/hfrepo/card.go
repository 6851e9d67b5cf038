package hfrepo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// maxCard is how much of a model card is read, in bytes: its metadata come first.
const maxCard = 256 << 10

// cardKeys maps the keys of a model card to kinds of facts
// (https://huggingface.co/docs/hub/model-cards).
var cardKeys = map[string]string{
	"license": "licence", "license_name": "licence", "base_model": "base_model", "datasets": "dataset", "library_name": "library",
	"pipeline_tag": "task", "base_model_relation": "base_model_relation",
}

// scanCard records what a model card says. Nothing of it can be checked.
func scanCard(f scan.File, s *scan.Sink) {
	for _, fact := range cardFacts(f, f.Ref()) {
		s.Fact(fact)
	}
}

// cardFacts reads the block between the first two lines "---": scalars and lists of
// scalars, as every card has them. It is not YAML in full; what it does not
// understand it leaves out.
func cardFacts(f io.ReaderAt, at asset.Ref) (facts []asset.Fact) {
	lines := bufio.NewScanner(io.NewSectionReader(f, 0, maxCard))
	lines.Buffer(make([]byte, 0, 4096), 64<<10)
	kind := ""
	add := func(value string) {
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if value != "" && value != "[]" && value != "null" && len(facts) < 100 {
			facts = append(facts, asset.Fact{Kind: kind, Value: verdict.Show(value), At: at})
		}
	}
	for n := 0; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " \r")
		switch {
		case n == 0:
			if line != "---" {
				return nil
			}
			continue
		case line == "---":
			return facts
		}
		if item, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "- "); ok {
			if kind != "" {
				add(item)
			}
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if kind = cardKeys[key]; !ok || kind == "" {
			kind = ""
			continue
		}
		if list, ok := strings.CutPrefix(strings.TrimSpace(value), "["); ok {
			for _, item := range strings.Split(strings.TrimSuffix(list, "]"), ",") {
				add(item)
			}
			continue
		}
		add(value)
	}
	return nil // no end: not the metadata of a card
}

// Describe implements [scan.Describer].
func (scanner) Describe(_ context.Context, f scan.File) (*asset.Description, error) {
	k := kindOf(f.Ref())
	if k == card {
		return &asset.Description{Format: "model-card", Facts: cardFacts(f, f.Ref())}, nil
	}
	doc, err := scan.Bytes(f, maxConfig)
	if err != nil {
		return nil, err
	}
	top, _, _, err := read(doc, k)
	if err != nil {
		return nil, err
	}
	if !isModel(top, k) {
		return nil, fmt.Errorf("%s is no configuration of a model", f.Ref())
	}
	d := &asset.Description{Format: "hf-config"}
	kinds := map[string]string{"model_type": "architecture", "tokenizer_class": "tokenizer", "_name_or_path": "base_model", "base_model_name_or_path": "base_model",
		"peft_type": "architecture", "_class_name": "architecture", "torch_dtype": "metadata", "dtype": "metadata", "transformers_version": "metadata", "_diffusers_version": "metadata"}
	for _, m := range top.Members {
		kind, value := kinds[m.Key], m.Value.String()
		switch {
		case kind == "" || value == "":
		case kind == "metadata":
			d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: asset.Pair{Name: m.Key, Value: verdict.Show(value)}, At: f.Ref()})
		default:
			d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: verdict.Show(value), At: f.Ref()})
		}
	}
	return d, nil
}
