package hfrepo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func TestRulesAreComplete(t *testing.T) { artifacttest.CheckRules(t, New()) }

const plain = `{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16", "rope_theta": 500000.0, "x": Infinity}`

func TestConfigurations(t *testing.T) {
	for _, tt := range []struct {
		name, file, content string
		verdict             asset.Verdict
		rules               []string
	}{
		{"plain", "config.json", plain, asset.Unknown, nil},
		{"auto_map", "config.json", `{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map of a tokenizer", "tokenizer_config.json", `{"auto_map":{"AutoTokenizer":["tokenization_x.XTokenizer", null]}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map of a processor", "preprocessor_config.json", `{"auto_map":{"AutoProcessor":"processing_x.X"}}`, asset.Unverified, []string{ruleRemote}},
		{"empty auto_map", "config.json", `{"model_type":"x","auto_map":{}}`, asset.Unknown, nil},
		{"auto_map into another repository", "config.json", `{"auto_map":{"AutoModel":"someone/else--modeling_x.XModel"}}`, asset.Unverified, []string{ruleForeign}},
		{"auto_map out of the folder", "config.json", `{"auto_map":{"AutoModel":"../other/modeling_x.XModel"}}`, asset.Unverified, []string{ruleForeign}},
		{"auto_map to a path", "config.json", `{"auto_map":{"AutoModel":"/tmp/x.XModel"}}`, asset.Unverified, []string{ruleForeign}},
		{"auto_map as text in another key", "config.json", `{"model_type":"x","note":"auto_map: modeling_x.XModel"}`, asset.Unknown, nil},
		{"auto_map of a wrong type", "config.json", `{"auto_map":{"AutoModel":7}}`, asset.Failed, nil},
		{"auto_map by escapes", "config.json", `{"auto\u005fmap":{"AutoModel":"modeling_x.XModel"}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map twice", "config.json", `{"auto_map":{"AutoModel":"a.A"},"auto_map":{}}`, asset.Unverified, []string{ruleTwice, ruleRemote}},
		{"model_type twice", "config.json", `{"model_type":"a","model_type":"b"}`, asset.Unverified, []string{ruleTwice}},
		{"auto_map of a part", "config.json", `{"model_type":"llava","text_config":{"model_type":"x","auto_map":{"AutoModel":"modeling_x.X"}}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map of a part alone", "config.json", `{"parts":[{"config":{"auto_map":{"AutoModel":"modeling_x.X"}}}]}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map of a part, twice", "config.json", `{"model_type":"x","a":{"auto_map":{"AutoModel":"a.A"},"auto_map":{}}}`, asset.Unverified, []string{ruleTwice, ruleRemote}},
		{"parts without code", "config.json", `{"model_type":"llava","text_config":{"model_type":"x","x":1,"x":2},"added":[{"content":"x"}]}`, asset.Unknown, nil},
		{"auto_map under a name in capitals", "Config.JSON", `{"auto_map":{"AutoModel":"a.A"}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map of a video processor", "video_preprocessor_config.json", `{"auto_map":{"AutoVideoProcessor":"v.V"}}`, asset.Unverified, []string{ruleRemote}},
		{"auto_map by escapes, behind what is too deep", "config.json", `{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"auto\u005fmap":{"AutoModel":"a.A"}}`, asset.Failed, nil},
		{"auto_map by escapes, too long", "config.json", `{"auto\u005fmap":{"z":[` + strings.Repeat("1,", 2*maxNodes) + `1]}}`, asset.Failed, nil},
		{"custom generate", "generation_config.json", `{"custom_generate":"someone/else"}`, asset.Unverified, []string{ruleRemote}},
		{"activation by name", "config.json", `{"model_type":"bert","sbert_ce_default_activation_function":"evil.Module"}`, asset.Unverified, []string{ruleImport}},
		{"activation of a cross encoder by name", "config.json", `{"model_type":"bert","sentence_transformers":{"activation_fn":"evil.Module"}}`, asset.Unverified, []string{ruleImport}},
		{"activation of a dense layer by name", "config.json", `{"in_features":4,"activation_function":"evil.Module"}`, asset.Unverified, []string{ruleImport}},
		{"activation of PyTorch", "config.json", `{"in_features":4,"activation_function":"torch.nn.modules.activation.Tanh"}`, asset.Unknown, nil},
		{"activation of transformers", "config.json", `{"model_type":"gpt2","activation_function":"gelu_new"}`, asset.Unknown, nil},
		{"router by names", "router_config.json", `{"types":{"0":"evil.Module"},"structure":{}}`, asset.Unverified, []string{ruleImport}},
		{"router of the library", "router_config.json", `{"types":{"0":"sentence_transformers.models.Transformer"},"structure":{}}`, asset.Unknown, nil},
		{"tokenizer by name", "wordembedding_config.json", `{"tokenizer_class":"evil.Tokenizer"}`, asset.Unverified, []string{ruleImport}},
		{"trust in arguments", "sentence_bert_config.json", `{"max_seq_length":5,"model_args":{"trust_remote_code":true}}`, asset.Unverified, []string{ruleAsks}},
		{"file of mlx-lm", "config.json", `{"model_type":"x","model_file":"model.py"}`, asset.Unverified, []string{ruleRemote}},
		{"adapter of a tool of PyTorch", "adapter_config.json", `{"auto_mapping":{"base_model_class":"load","parent_library":"torch.utils.cpp_extension"}}`, asset.Unverified, []string{ruleImport}},
		{"custom pipeline", "config.json", `{"custom_pipelines":{"my-task":{"impl":"my_pipeline.MyPipeline","pt":["AutoModel"]}}}`, asset.Unverified, []string{ruleRemote}},
		{"custom pipeline of another repository", "config.json", `{"custom_pipelines":{"t":{"impl":"a/b--p.P"}}}`, asset.Unverified, []string{ruleForeign}},
		{"no custom pipeline", "config.json", `{"model_type":"x","custom_pipelines":{}}`, asset.Unknown, nil},
		{"asks for trust", "config.json", `{"model_type":"x","trust_remote_code":true}`, asset.Unverified, []string{ruleAsks}},
		{"asks for none", "config.json", `{"model_type":"x","trust_remote_code":false}`, asset.Unknown, nil},
		{"attention from a repository", "config.json", `{"model_type":"x","_attn_implementation":"someone/kernel@v1:run"}`, asset.Unverified, []string{ruleForeign}},
		{"attention of the library", "config.json", `{"model_type":"x","_attn_implementation":"flash_attention_2"}`, asset.Unknown, nil},
		{"adapter", "adapter_config.json", `{"peft_type":"LORA","base_model_name_or_path":"org/base","revision":"0123456789abcdef"}`, asset.Unknown, nil},
		{"adapter without a revision", "adapter_config.json", `{"peft_type":"LORA","base_model_name_or_path":"org/base","revision":null}`, asset.Unknown, []string{ruleUnpinned}},
		{"adapter on a path", "adapter_config.json", `{"peft_type":"LORA","base_model_name_or_path":"/home/me/model"}`, asset.Unknown, []string{ruleBase}},
		{"adapter on a path upwards", "adapter_config.json", `{"peft_type":"LORA","base_model_name_or_path":"../../model"}`, asset.Unknown, []string{ruleBase}},
		{"adapter on an address", "adapter_config.json", `{"peft_type":"LORA","base_model_name_or_path":"https://example.com/m"}`, asset.Unknown, []string{ruleBase}},
		{"adapter that imports", "adapter_config.json", `{"auto_mapping":{"base_model_class":"X","parent_library":"evil.module"}}`, asset.Unverified, []string{ruleImport}},
		{"adapter of a class of transformers", "adapter_config.json", `{"auto_mapping":{"base_model_class":"X","parent_library":"transformers.models.bert"}}`, asset.Unknown, nil},
		{"adapter with another megatron", "adapter_config.json", `{"megatron_core":"evil.core"}`, asset.Unverified, []string{ruleImport}},
		{"adapter with megatron", "adapter_config.json", `{"megatron_core":"megatron.core"}`, asset.Unknown, nil},
		{"pipeline", "model_index.json", `{"_class_name":"P","unet":["diffusers","UNet2DConditionModel"],"safety_checker":[null,null],"x":["transformers","CLIPModel"]}`, asset.Unknown, nil},
		{"pipeline with own code", "model_index.json", `{"_class_name":"P","unet":["my_unet","MyUNet"]}`, asset.Unverified, []string{ruleRemote}},
		{"pipeline class of own code", "model_index.json", `{"_class_name":["pipeline","MyPipeline"]}`, asset.Unverified, []string{ruleRemote}},
		{"pipeline with code upwards", "model_index.json", `{"_class_name":"P","unet":["../x","MyUNet"]}`, asset.Unverified, []string{ruleForeign}},
		{"modules", "modules.json", `[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]`, asset.Unknown, nil},
		{"modules with own code", "modules.json", `[{"idx":0,"name":"0","path":"","type":"evil.Module"}]`, asset.Unverified, []string{ruleImport}},
		{"generation", "generation_config.json", `{"temperature":0.6,"eos_token_id":[1,2]}`, asset.Unknown, nil},
		{"config of another program", "config.json", `{"port": 80}`, asset.Unknown, nil},
		{"config that is no JSON", "config.json", `port: 80`, asset.Unknown, nil},
		{"config of a model that is cut off", "config.json", `{"model_type":"x","auto_map":{"AutoModel":"a.B"`, asset.Failed, nil},
		{"modules of another program", "modules.json", `[{"a":1}]`, asset.Unknown, nil},
	} {
		r := artifacttest.Scan(t, New(), tt.file, []byte(tt.content))
		want := append([]string(nil), tt.rules...)
		got := r.Rules()
		if diff := cmp.Diff(sortedStrings(want), got); diff != "" || r.Verdict != tt.verdict {
			t.Errorf("%s: verdict %q, want %q; rules (-want +got):\n%s%v", tt.name, r.Verdict, tt.verdict, diff, r.Errors)
		}
		if (len(r.Errors) > 0) != (tt.verdict == asset.Failed) {
			t.Errorf("%s: errors %v", tt.name, r.Errors)
		}
	}
}

func sortedStrings(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	m := map[string]bool{}
	for _, x := range s {
		m[x] = true
	}
	return sorted(m)
}

func TestFindingsSayWhere(t *testing.T) {
	r := artifacttest.Scan(t, New(), "config.json", []byte("{\n \"model_type\": \"x\",\n \"auto_map\": {\n  \"AutoModel\": \"modeling_x.XModel\"\n }\n}"))
	if len(r.Findings) != 1 || r.Findings[0].Where().Line != 4 || !strings.Contains(r.Findings[0].Message, "modeling_x.py is run") {
		t.Errorf("%v at line %d", r.Messages(), r.Findings[0].Where().Line)
	}
}

func TestModelCard(t *testing.T) {
	doc := "---\nlicense: apache-2.0\nbase_model:\n- org/base\n- \"org/other\"\ntags: [a, b]\ndatasets: [x/y, z]\npipeline_tag: text-generation\nmodel-index:\n- name: n\n  results: []\n---\n# Title\nlicense: mit\n"
	r := artifacttest.Scan(t, New(), "README.md", []byte(doc))
	got := map[string][]string{}
	for _, f := range r.Scan.Facts {
		if f.Proved {
			t.Errorf("%s is called proved", f.Kind)
		}
		got[f.Kind] = append(got[f.Kind], f.Value.(string))
	}
	want := map[string][]string{"licence": {"apache-2.0"}, "base_model": {"org/base", "org/other"}, "dataset": {"x/y", "z"}, "task": {"text-generation"}}
	if diff := cmp.Diff(want, got); diff != "" || r.Verdict != asset.Unknown {
		t.Error(diff, r.Verdict)
	}
	for _, other := range []string{"# A program\nlicense: mit\n", "---\nlicense: mit\nno end"} {
		if r := artifacttest.Scan(t, New(), "README.md", []byte(other)); len(r.Scan.Facts) > 0 {
			t.Errorf("facts from %q: %v", other, r.Scan.Facts)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, New(), "config.json", []byte(plain))
	if err != nil || d.Format != "hf-config" || len(d.Facts) != 2 || d.Facts[0].Value != "llama" || d.Facts[0].Proved {
		t.Errorf("%+v %v", d, err)
	}
}

func TestHostileBytes(t *testing.T) {
	doc := []byte(`{"model_type":"x","auto_map":{"AutoModel":["a.B",null],"x":{"y":"a/b--c.D"}},"custom_pipelines":{"t":{"impl":"p.P"}}}`)
	artifacttest.Truncate(t, New(), "config.json", doc, nil)
	artifacttest.Mutate(t, New(), "config.json", doc, 300)
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(plain), uint8(0))
	f.Add([]byte(`{"auto_map":{"AutoModel":["a.B",null]},"custom_pipelines":{"t":{"impl":"p.P"}}}`), uint8(0))
	f.Add([]byte(`{"base_model_name_or_path":"a/b","auto_mapping":{"parent_library":"x"}}`), uint8(1))
	f.Add([]byte(`[{"type":"a.B","path":"../x"}]`), uint8(2))
	f.Add([]byte("---\nlicense: mit\nbase_model:\n- a\n---\n"), uint8(3))
	f.Add([]byte(`{"_class_name":["a","b"],"x":["../y","z"]}`), uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, k uint8) {
		name := []string{"config.json", "adapter_config.json", "modules.json", "README.md", "model_index.json"}[k%5]
		artifacttest.Fuzz(t, New(), name, b)
	})
}
