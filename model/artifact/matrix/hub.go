package matrix

import "strings"

const (
	config    = `{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "rope_theta": 500000.0}`
	shardList = `{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`
)

var weightless = le64(2) + "{}"

// repositories are folders as Hugging Face lays them out.
func repositories(t *table) {
	t.of("Hugging Face repositories", "hf-repository")
	folder := func(cfg string, more ...string) Files {
		f := Files{"config.json": cfg, "model.safetensors": weightless}
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	t.add("code in the repository (auto_map)", unverified, "hf-remote-code", folder(`{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}`, "modeling_x.py", "x = 1\n"), folder(`{"model_type":"x"}`, "setup.py", "x = 1\n"))
	t.add("program that loaders run (handler.py)", unverified, "hf-code-file", folder(config, "handler.py", "x = 1\n"), folder(config, "train.py", "x = 1\n"))
	t.add("code of custom_generate", unverified, "hf-code-file", folder(config, "custom_generate/generate.py", "x = 1\n"), folder(config, "scripts/generate.py", "x = 1\n"))
	shards := func(index string) Files {
		return Files{"config.json": config, "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": weightless}
	}
	t.add("shard that is not there", failed, "hf-missing-shard", shards(shardList), shards(strings.Replace(shardList, "00002-of", "00001-of", 1)))
	t.add("pickle beside safe weights", ok, "hf-unsafe-twin", folder(config, "pytorch_model.bin", harmless), folder(config, "notes.bin", harmless))
	t.add("pickle that loaders prefer to safe weights", unverified, "hf-unsafe-preferred", Files{"config.json": config, "weights.safetensors": weightless, "pytorch_model.bin": harmless},
		Files{"config.json": config, "model.safetensors": weightless}).as("hf-repository")
}

// configurations name code and models.
func configurations(t *table) {
	t.of("Hugging Face repositories", "hf-config")
	add := func(threat, file, rules, bad, twin string) *Row {
		return t.add(threat, unverified, rules, one(file, bad), one(file, twin))
	}
	add("auto_map", "config.json", "hf-remote-code", `{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}`, `{"model_type":"x","note":"auto_map: modeling_x.XModel"}`)
	add("auto_map of a tokenizer", "tokenizer_config.json", "hf-remote-code", `{"auto_map":{"AutoTokenizer":["tokenization_x.XTokenizer", null]}}`, `{"auto_map":{}}`)
	add("auto_map into another repository", "config.json", "hf-code-from-elsewhere", `{"auto_map":{"AutoModel":"someone/else--modeling_x.XModel"}}`, `{"model_type":"x","auto_map":{}}`)
	add("custom_pipelines", "config.json", "hf-remote-code", `{"model_type":"x","custom_pipelines":{"t":{"impl":"my_pipeline.MyPipeline"}}}`, `{"model_type":"x","custom_pipelines":{}}`)
	add("code of a diffusers pipeline", "model_index.json", "hf-remote-code", `{"_class_name":"P","unet":["my_unet","MyUNet"]}`, `{"_class_name":"P","unet":["diffusers","UNet2DConditionModel"]}`)
	add("trust_remote_code", "config.json", "hf-asks-for-trust", `{"model_type":"x","trust_remote_code":true}`, `{"model_type":"x","trust_remote_code":false}`)
	add("compiled code from a repository (attention)", "config.json", "hf-code-from-elsewhere", `{"model_type":"x","_attn_implementation":"someone/kernel@v1:run"}`, `{"model_type":"x","_attn_implementation":"flash_attention_2"}`)
	add("module imported by its name", "modules.json", "hf-import-by-name", `[{"idx":0,"name":"0","path":"","type":"evil.Module"}]`, `[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]`)
	add("key twice", "config.json", "hf-duplicate-key", `{"model_type":"a","model_type":"b"}`, `{"model_type":"a","model_name":"b"}`)
	adapter := func(base string) string {
		return `{"peft_type":"LORA","base_model_name_or_path":` + base + `}`
	}
	add("adapter on a path", "adapter_config.json", "hf-base-model-elsewhere", adapter(`"/home/me/model"`), adapter(`"org/base","revision":"0123456789abcdef"`)).as("hf-repository").Verdict = ok
	add("adapter on an address", "adapter_config.json", "hf-base-model-elsewhere", adapter(`"https://example.com/m"`), adapter(`"org/base","revision":"0123456789abcdef"`)).as("hf-repository").Verdict = ok
	add("adapter without a revision", "adapter_config.json", "hf-base-model-unpinned", adapter(`"org/base","revision":null`), adapter(`"org/base","revision":"0123456789abcdef"`)).as("hf-repository").Verdict = ok
}
