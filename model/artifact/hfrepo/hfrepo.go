package hfrepo

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

type scanner struct{}

// New returns the scanner of repositories. It judges each configuration by itself
// and, when all files have been seen, each folder as a whole.
func New() scan.Scanner { return scanner{} }

func (scanner) Info() scan.Info {
	return verdict.Info("hf-repository", "1", rules(), interest())
}

// kind is what a file is to the loaders.
type kind uint8

const (
	other kind = iota
	config
	adapter
	generation
	pipeline
	modules
	card
)

func kindOf(r asset.Ref) kind {
	if n := len(r.Inner); n > 0 && r.Inner[n-1].Kind != asset.Member {
		return other
	}
	name := strings.ToLower(path.Base(r.Name())) // file systems that do not tell case open these, too
	if slices.Contains(configs(), name) {
		return config
	}
	switch name {
	case "adapter_config.json":
		return adapter
	case "generation_config.json":
		return generation
	case "model_index.json":
		return pipeline
	case "modules.json":
		return modules
	case "readme.md":
		return card
	}
	return other
}

// configs are the names of files in which libraries look for classes to import.
func configs() []string {
	return []string{"config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json", "image_processor_config.json",
		"video_preprocessor_config.json", "audio_tokenizer_config.json", "feature_extractor_config.json", "scheduler_config.json", "configuration.json",
		"config_sentence_transformers.json", "sentence_bert_config.json", "router_config.json", "wordembedding_config.json"}
}

func interest() *scan.Interest {
	return &scan.Interest{Names: append(configs(),
		"adapter_config.json", "generation_config.json", "model_index.json", "modules.json", "readme.md")}
}

// Wants takes the configurations by their names; a README only if it begins like a
// model card.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	switch kindOf(fi.Ref) {
	case other:
		return scan.No
	case card:
		if !bytes.HasPrefix(fi.Head, []byte("---\n")) && !bytes.HasPrefix(fi.Head, []byte("---\r\n")) {
			return scan.No
		}
	}
	return scan.Yes
}

// The bounds of a configuration.
const (
	maxConfig = 64 << 20 // bytes; some tokenizers list a hundred thousand tokens in theirs
	maxNodes  = 20_000   // values below the keys that are looked at
)

func (scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	k := kindOf(f.Ref())
	if k == card {
		scanCard(f, s)
		return nil
	}
	doc, err := scan.Bytes(f, maxConfig)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	top, inner, dups, err := read(doc, k)
	if err != nil {
		if !mightBe(doc, k) {
			return nil // some other program's config.json
		}
		return fmt.Errorf("configuration: %w", err)
	}
	if !isModel(top, k) && !namesCode(top, inner) && path.Base(strings.ToLower(f.Ref().Name())) != "sentence_bert_config.json" {
		return nil
	}
	c := &check{File: verdict.Of(s, f, "hf-config"), ref: f.Ref(), doc: doc}
	defer func() {
		if c.Verdict() != asset.OK { // a plain configuration is no model by itself
			c.Close()
		}
	}()
	for _, d := range dups {
		c.report(ruleTwice, asset.Unverified, d.Offset, d.Key, fmt.Sprintf("The key %q is there more than once.", verdict.Show(d.Key)))
	}
	for _, v := range []strictjson.Value{top, inner} { // a part of a model has a configuration of its own
		c.asks(v)
		switch k {
		case config, generation:
			c.autoMap(v)
			c.customPipelines(v)
			c.kernel(v)
			c.imports(v)
		}
	}
	switch k {
	case config:
		c.about(top)
	case adapter:
		c.adapter(top)
	case pipeline:
		c.components(top)
	case modules:
		c.modules(top)
	}
	c.summary(k)
	return nil
}

// check is the scan of one configuration.
type check struct {
	*verdict.File
	ref  asset.Ref
	doc  []byte
	code []string // what is imported, as the configuration names it
}

func (c *check) report(rule string, v asset.Verdict, off int, key, msg string) {
	line, col := strictjson.Line(c.doc, off)
	c.Report(v, finding.Finding{Rule: rule, Key: verdict.Show(key), Message: msg,
		Locations: []finding.Location{{Ref: c.ref, Line: line, Col: col}}})
}

// isModel tells a configuration of a model from a file of the same name that belongs
// to another program.
func isModel(top strictjson.Value, k kind) bool {
	switch k {
	case modules: // a list of {"idx", "name", "path", "type"}
		return top.Kind == strictjson.Array && len(top.Items) > 0 && top.Items[0].Get("type") != nil && top.Items[0].Get("path") != nil
	case config, pipeline:
		for _, m := range top.Members {
			switch m.Key {
			case "trust_remote_code", "dtype", "revision", "activation_function", "activation_fn", "types", "model_file":
			default:
				return true
			}
		}
		return false
	}
	return top.Kind == strictjson.Object
}

// mightBe reports whether a document that cannot be read may be a model's all the
// same.
func mightBe(doc []byte, k kind) bool {
	if k != config {
		return true
	}
	for _, key := range []string{"auto_map", "model_type", "architectures", "transformers_version", "custom_pipelines", "tokenizer_class"} {
		if bytes.Contains(doc, []byte(`"`+key+`"`)) {
			return true
		}
	}
	return bytes.Contains(doc, []byte(`\u00`)) // a key that is written in escapes
}

// asks reports a switch that allows remote code, wherever it stands.
func (c *check) asks(v strictjson.Value) {
	for _, m := range v.Members {
		if m.Key == "trust_remote_code" && m.Value.Kind == strictjson.Bool && m.Value.Text == "true" {
			c.report(ruleAsks, asset.Unverified, m.At, m.Key, "The configuration sets trust_remote_code to true.")
		}
		c.asks(m.Value)
	}
	for _, item := range v.Items {
		c.asks(item)
	}
}

// summary leaves what the folder as a whole is judged by; see [scanner.Finish].
func (c *check) summary(k kind) {
	names := map[kind]string{config: "config", adapter: "adapter", generation: "generation", pipeline: "pipeline", modules: "modules"}
	c.Fact("hf-config", summary{What: names[k], Code: c.code, Verdict: string(c.Verdict())}, true)
}

// summary is the value of the fact "hf-config".
type summary struct {
	What    string   `json:"what"`
	Code    []string `json:"code,omitempty"` // classes that loaders import
	Verdict string   `json:"verdict"`
}

// local reports whether a file named by a configuration lies in the repository.
func local(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return name != "" && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "~") && !strings.Contains(name, ":") &&
		!strings.HasPrefix(path.Clean(name), "..")
}

var (
	_ scan.ProjectScanner = scanner{}
	_ scan.Describer      = scanner{}
)
