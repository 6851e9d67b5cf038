package hfrepo

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// folder is one repository on disk.
type folder struct {
	path    string // as reports show it
	anchor  asset.Ref
	summary []summary
	shards  map[string][]string // index, or first file -> the files that it names
	names   map[string]bool     // what lies in it
	sub     map[string]bool     // what lies in custom_generate and code
	verdict asset.Verdict
}

// maxNames is how many files of a folder are looked at.
const maxNames = 20_000

// Finish judges each folder that holds a configuration of a model as one asset. Only
// names are read here, and only in folders of which a file was scanned.
func (scanner) Finish(ctx context.Context, p *scan.Project, s *scan.Sink) error {
	folders := map[string]*folder{}
	for _, f := range p.Facts {
		if len(f.At.Inner) > 0 || slices.Contains(p.Roots, filepath.FromSlash(f.At.Path)) {
			continue // inside an archive, or a file that was named alone
		}
		dir := path.Dir(f.At.Path)
		get := func() *folder {
			if folders[dir] == nil {
				folders[dir] = &folder{path: dir, anchor: f.At, shards: map[string][]string{}, verdict: asset.OK}
			}
			return folders[dir]
		}
		if m := split().FindStringSubmatch(path.Base(f.At.Path)); m != nil && f.Kind == "tensors" {
			get().parts(f.At.Path, m[1], m[2])
		}
		switch v := f.Value.(type) {
		case summary:
			x := get()
			x.anchor, x.summary = f.At, append(x.summary, v)
			x.verdict = x.verdict.Worst(asset.Verdict(v.Verdict))
		case []string:
			if f.Kind == "shards" {
				get().shards[f.At.Path] = v
			}
		}
	}
	paths := sorted(folders)
	for _, dir := range paths {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x := folders[dir]
		if err := x.list(); err != nil {
			s.Fail(fmt.Errorf("%s: %w", dir, err))
			x.verdict = x.verdict.Worst(asset.Failed)
			continue
		}
		x.missing(s)
		x.twins(s)
		x.files(s)
	}
	own := map[string]asset.Verdict{}
	for _, dir := range paths {
		own[dir] = folders[dir].verdict
	}
	for _, dir := range paths {
		raise(folders, path.Dir(dir), own[dir])
	}
	for _, a := range p.Assets {
		raise(folders, path.Dir(a.Ref.Path), a.Verdict)
	}
	for _, dir := range paths {
		if x := folders[dir]; len(x.summary) > 0 {
			s.Asset(asset.Asset{Kind: asset.Model, Ref: asset.Ref{Path: dir}, Format: "hf-repository", Verdict: x.verdict})
		}
	}
	return nil
}

// raise makes a folder and those above it as bad as something in it: who loads the
// folder gets all of it, the parts of a pipeline in folders of their own included.
func raise(folders map[string]*folder, dir string, v asset.Verdict) {
	for {
		if x := folders[dir]; x != nil {
			x.verdict = x.verdict.Worst(v)
		}
		up := path.Dir(dir)
		if up == dir || path.Base(dir) == ".." { // what is above that has no name here
			return
		}
		dir = up
	}
}

// split matches the name of one file of a split GGUF model, which has no index: the
// names of the others follow from it.
var split = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.+)-\d{5}-of-(\d{5})\.gguf$`) })

// parts notes the files of which a split model consists.
func (x *folder) parts(file, prefix, count string) {
	n, err := strconv.Atoi(count)
	if err != nil || n > 9999 {
		return
	}
	for k := range x.shards {
		if m := split().FindStringSubmatch(path.Base(k)); m != nil && m[1] == prefix && m[2] == count {
			return
		}
	}
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("%s-%05d-of-%s.gguf", prefix, i+1, count))
	}
	x.shards[file] = names
}

func (x *folder) list() error {
	names, err := readNames(x.path)
	if err != nil {
		return fmt.Errorf("names of the files in the repository: %w", err)
	}
	x.names = names
	x.sub = map[string]bool{}
	for _, dir := range []string{"custom_generate", "code"} {
		if !names[dir] {
			continue
		}
		if more, err := readNames(path.Join(x.path, dir)); err == nil {
			for n := range more {
				x.sub[dir+"/"+n] = true
			}
		}
	}
	return nil
}

func readNames(dir string) (map[string]bool, error) {
	d, err := os.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	list, err := d.Readdirnames(maxNames)
	if len(list) == 0 && err != nil {
		return nil, err
	}
	names := make(map[string]bool, len(list))
	for _, n := range list {
		names[n] = true
	}
	return names, nil
}

func (x *folder) report(s *scan.Sink, rule string, v asset.Verdict, at asset.Ref, key, msg string) {
	x.verdict = x.verdict.Worst(v)
	s.Report(finding.Finding{Rule: rule, Key: key, Message: msg, Locations: []finding.Location{finding.At(at)}})
}

// missing reports shards that an index names and nobody has.
func (x *folder) missing(s *scan.Sink) {
	for _, index := range sorted(x.shards) {
		var absent []string
		for _, name := range x.shards[index] {
			if !local(name) {
				continue // reported where the index was scanned
			}
			if !strings.Contains(name, "/") && x.names[name] {
				continue
			}
			if _, err := os.Lstat(filepath.FromSlash(path.Join(x.path, name))); err != nil {
				absent = append(absent, verdict.Show(name))
			}
		}
		if len(absent) == 0 {
			continue
		}
		at := asset.Ref{Path: index}
		x.report(s, ruleShard, asset.Failed, at, absent[0], fmt.Sprintf("%d of %d shards are not there, the first is %q.", len(absent), len(x.shards[index]), absent[0]))
		s.Fail(fmt.Errorf("%s: %d shards are not there: hf download ORG/NAME --include %q", index, len(absent), absent[0]))
		delete(x.names, path.Base(index)) // as good as no index
	}
}

// twin is a pair of weights for one purpose.
type twin struct {
	unsafe, safe []string // names that a loader looks for
}

var twins = []twin{
	{[]string{"pytorch_model.bin", "pytorch_model.bin.index.json"}, []string{"model.safetensors", "model.safetensors.index.json"}},
	{[]string{"adapter_model.bin"}, []string{"adapter_model.safetensors"}},
	{[]string{"diffusion_pytorch_model.bin", "diffusion_pytorch_model.bin.index.json"}, []string{"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors.index.json"}},
}

// twins reports safe weights beside unsafe ones.
func (x *folder) twins(s *scan.Sink) {
	for _, t := range twins {
		unsafe := x.first(t.unsafe)
		if unsafe == "" {
			continue
		}
		at := asset.Ref{Path: path.Join(x.path, unsafe)}
		if safe := x.first(t.safe); safe != "" {
			x.report(s, ruleTwin, asset.OK, at, unsafe, fmt.Sprintf("%s stands beside %s.", unsafe, safe))
			continue
		}
		for _, name := range sorted(x.names) {
			if strings.HasSuffix(name, ".safetensors") && !expected(name) {
				x.report(s, rulePrefers, asset.Unverified, at, unsafe, fmt.Sprintf("Loaders take %s: they do not look for %q, or it is not complete.", unsafe, verdict.Show(name)))
				break
			}
		}
	}
}

// expected tells names that a loader looks for, if for another purpose.
func expected(name string) bool {
	return slices.ContainsFunc(twins, func(t twin) bool { return slices.Contains(t.safe, name) })
}

func (x *folder) first(names []string) string {
	for _, n := range names {
		if x.names[n] {
			return n
		}
	}
	return ""
}

// runs says who runs a file of a certain name.
var runs = map[string]string{
	"handler.py":                  "Inference Endpoints, which take its EndpointHandler",
	"pipeline.py":                 "diffusers, as the custom pipeline of the repository",
	"hubconf.py":                  "torch.hub.load",
	"code/inference.py":           "SageMaker",
	"custom_generate/generate.py": "transformers, in place of generate, with trust_remote_code=True",
}

// files reports Python files that somebody runs, and those that the configuration
// names.
func (x *folder) files(s *scan.Sink) {
	if len(x.summary) == 0 {
		return
	}
	for _, name := range sorted(runs) {
		if x.names[name] || x.sub[name] {
			x.report(s, ruleFile, asset.Unverified, asset.Ref{Path: path.Join(x.path, name)}, name, fmt.Sprintf("%s is run by %s.", name, runs[name]))
		}
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
