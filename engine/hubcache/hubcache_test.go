package hubcache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/hubcache"
)

func TestResolve(t *testing.T) {
	root := t.TempDir()
	commit := strings.Repeat("a1", 20)
	for _, dir := range []string{
		"hub/models--org--name/snapshots/" + commit, "hub/models--gpt2/snapshots/" + commit, "hub/datasets--org--data/snapshots/" + commit,
		"kaggle/models/google/gemma/pyTorch/2b/1", "kaggle/models/google/gemma/pyTorch/2b/10", "kaggle/models/google/gemma/pyTorch/2b/x",
	} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"hub/models--org--name/refs/main": commit + "\n", "hub/models--org--name/refs/pr/1": commit, "hub/models--gpt2/refs/main": commit,
		"hub/datasets--org--data/refs/main": commit, "hub/models--org--name/refs/evil": "../../..",
	} {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"HF_HOME": root, "KAGGLEHUB_CACHE": filepath.Join(root, "kaggle")}
	for _, tt := range []struct{ ref, want string }{
		{"hf:org/name", "hub/models--org--name/snapshots/" + commit},
		{"hf:org/name@main", "hub/models--org--name/snapshots/" + commit},
		{"hf:org/name@pr/1", "hub/models--org--name/snapshots/" + commit},
		{"hf:org/name@" + commit, "hub/models--org--name/snapshots/" + commit},
		{"hf:gpt2", "hub/models--gpt2/snapshots/" + commit},
		{"hf:datasets/org/data", "hub/datasets--org--data/snapshots/" + commit},
		{"hf:org/other", ""},
		{"hf:org/name@v9", ""},
		{"hf:org/name@evil", ""},
		{"hf:org/name@../../../x", ""},
		{"hf:../x", ""},
		{"hf:a/b/c", ""},
		{"hf:", ""},
		{"kaggle:google/gemma/pyTorch/2b", "kaggle/models/google/gemma/pyTorch/2b/10"},
		{"kaggle:google/gemma/pyTorch/2b/1", "kaggle/models/google/gemma/pyTorch/2b/1"},
		{"kaggle:google/gemma/pyTorch/2b/7", ""},
		{"kaggle:google/gemma", ""},
		{"kaggle:a/b/../c", ""},
		{"ftp:x", ""},
	} {
		got, err := hubcache.Resolve(tt.ref, func(k string) (string, bool) { v, ok := env[k]; return v, ok })
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s: %s, want an error", tt.ref, got)
			}
			continue
		}
		if err != nil || got != filepath.Join(root, filepath.FromSlash(tt.want)) {
			t.Errorf("%s: %s %v, want %s", tt.ref, got, err, tt.want)
		}
	}
}

func TestCacheFolders(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HF_HUB_CACHE": "/a", "HF_HOME": "/b", "HOME": "/h"}, "/a"},
		{map[string]string{"HF_HOME": "/b", "HOME": "/h"}, "/b/hub"},
		{map[string]string{"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/huggingface/hub"},
		{map[string]string{"HOME": "/h"}, "/h/.cache/huggingface/hub"},
	} {
		got, err := hubcache.HuggingFaceCache(func(k string) (string, bool) { v, ok := tt.env[k]; return v, ok })
		if err != nil || filepath.ToSlash(got) != tt.want {
			t.Errorf("%v: %s %v, want %s", tt.env, got, err, tt.want)
		}
	}
	_, err := hubcache.Resolve("hf:a/b", func(string) (string, bool) { return "", false })
	if err == nil || errors.Is(err, hubcache.ErrMissing) {
		t.Errorf("without a home: %v", err)
	}
}
