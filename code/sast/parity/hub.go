package parity

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// downloads are functions that fetch from the Hugging Face hub, and their library.
var downloads = map[string]string{"from_pretrained": "transformers", "load_dataset": "datasets", "hf_hub_download": "huggingface_hub", "snapshot_download": "huggingface_hub", "repository_id": "huggingface_hub"}

func hubDownload(s *site) python.Node {
	library, ok := downloads[last(s.name)]
	if !ok || !slices.Contains(strings.Split(s.name, "."), library) ||
		!s.importedLike("transformers") && !s.importedLike("datasets") && !s.importedLike("huggingface_hub") {
		return 0
	}
	for _, name := range []string{"revision", "commit_id"} {
		if n := s.keyword(name); n != 0 && s.t.Kind(n) != python.KindConstant {
			return 0
		}
	}
	pin := s.named("revision")
	if pin.kind == unknown || pin.s == "" && pin.kind == word {
		pin = s.named("commit_id")
	}
	if hex := strings.Trim(pin.s, `"'`); pin.kind == word && len(hex) >= 7 && strings.Trim(hex, "0123456789abcdefABCDEF") == "" {
		return 0
	}
	for _, prefix := range []string{"./", "/", "../"} {
		if strings.HasPrefix(s.at(0).s, prefix) {
			return 0
		}
	}
	return s.node
}
