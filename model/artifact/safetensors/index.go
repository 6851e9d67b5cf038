package safetensors

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// maxIndex is the longest index that is read, in bytes: 250,000 tensors take
// about 30 MB.
const maxIndex = 64 << 20

// maxShards is how many different shards an index may name.
const maxShards = 100_000

// isIndex tells the index of a sharded model by its lower-case name
// ("model.safetensors.index.json", "pytorch_model.bin.index.json"): nothing in its
// bytes does.
func isIndex(name string) bool {
	return strings.HasSuffix(name, ".safetensors.index.json") || strings.HasSuffix(name, ".bin.index.json")
}

// scanIndex checks that every tensor lies in a file beside the index. Whether those
// files are there is asked when all of them have been seen: see the fact "shards".
func scanIndex(f scan.File, s *scan.Sink) error {
	v := verdict.Of(s, f, "safetensors-index")
	defer v.Close()
	doc, err := scan.Bytes(f, maxIndex)
	if err != nil {
		return fmt.Errorf("index of shards: %w", err)
	}
	shards, dups, err := parseIndex(doc)
	for _, d := range dups {
		line, col := strictjson.Line(doc, d.Offset)
		v.Report(asset.Unverified, finding.Finding{Rule: ruleIndexDup, Key: verdict.Show(d.Key),
			Message:   fmt.Sprintf("The key %q is in the index more than once.", verdict.Show(d.Key)),
			Locations: []finding.Location{{Ref: f.Ref(), Line: line, Col: col}}})
	}
	if err != nil {
		return fmt.Errorf("index of shards: %w", err)
	}
	var names []string
	for _, sh := range shards {
		names = append(names, sh.name)
		if why := foreign(sh.name); why != "" {
			line, col := strictjson.Line(doc, sh.at)
			v.Report(asset.Unverified, finding.Finding{Rule: ruleShard, Key: verdict.Show(sh.name),
				Message:   fmt.Sprintf("The shard %q %s.", verdict.Show(sh.name), why),
				Locations: []finding.Location{{Ref: f.Ref(), Line: line, Col: col}}})
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		v.Fact("shards", names, true)
	}
	return nil
}

type shard struct {
	name string
	at   int
}

// parseIndex returns the distinct files of "weight_map" in order of appearance.
func parseIndex(doc []byte) ([]shard, []strictjson.Duplicate, error) {
	p := strictjson.New(doc, strictjson.Options{Python: true})
	var shards []shard
	seen := map[string]bool{}
	found := false
	err := p.Object(func(key []byte, _ int) error {
		if !bytes.Equal(key, []byte("weight_map")) {
			return nil
		}
		found = true
		return p.Object(func([]byte, int) error {
			at := p.Offset()
			name, err := p.Text()
			if err != nil || seen[name] {
				return err
			}
			if len(seen) == maxShards {
				return fmt.Errorf("more than %d shards", maxShards)
			}
			seen[name] = true
			shards = append(shards, shard{name, at})
			return nil
		})
	})
	if err == nil {
		err = p.End()
	}
	if err == nil && !found {
		err = fmt.Errorf("no weight_map")
	}
	return shards, p.Duplicates, err
}

// foreign says why a shard's name leads out of the folder of its index, "" if it
// does not. Sub-folders are fine: some repositories keep shards in one.
func foreign(name string) string {
	slashed := strings.ReplaceAll(name, `\`, "/")
	switch {
	case name == "":
		return "has no name"
	case strings.Contains(name, "://"):
		return "is fetched from another place"
	case strings.HasPrefix(slashed, "/"), strings.HasPrefix(slashed, "~"), len(slashed) > 1 && slashed[1] == ':':
		return "is an absolute path"
	case slashed == "..", strings.HasPrefix(path.Clean(slashed), "../"), slices.Contains(strings.Split(slashed, "/"), ".."):
		return "leads out of the folder of the model"
	case strings.ContainsFunc(name, text.Hidden):
		return "has characters in its name that are not seen"
	}
	return ""
}
