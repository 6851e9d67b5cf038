package token

import (
	"math/rand/v2"
	"testing"
)

func TestClassify(t *testing.T) {
	for v, want := range map[string]Kind{
		"GHqPxBbT8NTGy9CWcEpF":                                             Random,
		"tPH8hor2iQ0ciUzg81d7HNIYfgkjXrH4KmoGmFE4tf0":                      Random,
		"PQ7kgGXEl8Ivhfqb9hF7xnaKb/seEDZR3qyPC8wL":                         Random,
		"pJKx2J2aWUhzq0Wx29bm027K":                                         Random,
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": Hash,
		"d41d8cd98f00b204e9800998ecf8427e":                                 Hash,
		"550e8400-e29b-41d4-a716-446655440000":                             UUID,
		"changeme":                                                         Placeholder,
		"<your-api-key>":                                                   Placeholder,
		"your_token_here":                                                  Placeholder,
		"${DB_PASSWORD}":                                                   Placeholder,
		"{{ vault_password }}":                                             Placeholder,
		"%(password)s":                                                     Placeholder,
		"xxxxxxxxxxxxxxxxxxxx":                                             Placeholder,
		"0123456789abcdef0123456789abcdef":                                 Placeholder,
		"a1b2c3d4e5f6g7h8":                                                 Placeholder,
		"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY":                         Placeholder,
		"1.2.3-4":               Number,
		"2024-07-18":            Number,
		"correct horse battery": Text,
	} {
		if got := Classify(v); got != want {
			t.Errorf("Classify(%q) = %d, want %d (score %.2f)", v, got, want, Score(v))
		}
	}
}

// TestNamesAreNotRandom: what people made is never taken for a key, whatever else
// it is taken for.
func TestNamesAreNotRandom(t *testing.T) {
	for _, v := range []string{"Qwen3ForCausalLM", "Qwen2_5_VLForConditionalGeneration", "StableDiffusionXLControlNetInpaintPipeline",
		"meta-llama/Llama-3.1-8B-Instruct", "text-embedding-3-large", "gpt-4o-mini-2024-07-18", "transformers==4.48.0",
		"AutoModelForSequenceClassification", "hidden_states_attention_mask", "x-goog-api-client-header", "os.getenv('KEY')",
		"https://auth.internal/login", "T5EncoderModel", "cuda12.4-cudnn9-ubuntu22.04", "sha256-compression-1.0.0rc1",
		"xlm-roberta-large-finetuned-conll03", "NVIDIA_A100_80GB_PCIe", "gemma3n_audio_sscp_conv_stride_size", "BAAI/bge-small-en-v1.5",
		"RUBRIK_WEBHOOK_URL", "FUSED_QKV_OLD_TAG", "JOHNSNOWLABS_LICENSE_JSON", "AWS_SECRETSMANAGER_REGION",
	} {
		if Classify(v) == Random {
			t.Errorf("%q is taken for a key (score %.2f, %.2f spoken)", v, Score(v), spoken(v))
		}
	}
}

// TestScoreTellsKeysFromNames: what chance makes of any alphabet scores below
// zero almost always, from 20 characters on.
func TestScoreTellsKeysFromNames(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for name, letters := range map[string]string{
		"hex":    "0123456789abcdef",
		"base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		"base36": "abcdefghijklmnopqrstuvwxyz0123456789",
		"base62": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
		"lower":  "abcdefghijklmnopqrstuvwxyz",
	} {
		for _, n := range []int{16, 20, 24, 32, 40} {
			wordy, placeholders := 0, 0
			const trials = 2000
			for range trials {
				b := make([]byte, n)
				for i := range b {
					b[i] = letters[r.IntN(len(letters))]
				}
				if k := Classify(string(b)); k != Random && k != Hash && k != Placeholder {
					wordy++
				}
				if IsPlaceholder(string(b)) {
					placeholders++
				}
			}
			t.Logf("%s of %d: %.2f %% look like words, %.2f %% like placeholders", name, n, 100*float64(wordy)/trials, 100*float64(placeholders)/trials)
			if (n >= 24 || n == 20 && name != "lower") && wordy > trials/50 || placeholders > trials/200 {
				t.Errorf("%s of %d characters: %d of %d look like words, %d like placeholders", name, n, wordy, trials, placeholders)
			}
		}
	}
}
