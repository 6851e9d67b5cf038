// Package mar reads TorchServe model archives: a zip with MAR-INF/MANIFEST.json,
// weights, and the Python that the server runs.
//
// The weights and sources are members that the scanners of pickles and of code see
// by themselves. This one says which of them the server would run, install or look
// for elsewhere.
package mar

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/yamlwalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/internal/zipmodel"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("mar", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: zipmodel.Magics()}
}

// Wants takes zips, whose directory shows whether they are model archives.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	return scan.YesIf(zipmodel.Is(fi.Head))
}

const (
	manifestName = "MAR-INF/MANIFEST.json"
	maxManifest  = 1 << 20
	maxText      = 1 << 20
)

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	z, err := zipmodel.Open(ctx, f)
	if err != nil {
		return ctx.Err()
	}
	at, misnamed := manifests(z)
	if len(at) == 0 {
		return nil
	}
	return verdict.Scan(ctx, f, s, "torchserve-mar", func(v *verdict.File) error {
		v.Fail(z.Whole())
		v.Fail(misnamed)
		if len(at) > 1 {
			v.Failf("%d members are called %s: readers differ in which one counts", len(at), manifestName)
		}
		for _, i := range at {
			doc, err := z.Read(i, maxManifest)
			if err != nil {
				v.Fail(err)
				continue
			}
			m, err := readManifest(doc)
			if err != nil {
				v.Fail(err)
				continue
			}
			judge(v, z, m)
		}
		return ctx.Err()
	})
}

// manifests lists the members that are the manifest, or would be where file systems do
// not tell case. The error says that their name is not the one that the server asks for.
func manifests(z *zipmodel.Zip) (found []int, misnamed error) {
	if found = z.Find(manifestName); len(found) > 0 {
		return found, nil
	}
	for i := range z.Members() {
		m := &z.Members()[i]
		if slices.ContainsFunc(append([]string{m.Name}, m.Aliases...), func(name string) bool { return strings.EqualFold(path.Clean(name), manifestName) }) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, fmt.Errorf("member %s: the server asks for %s, and whether it gets this one depends on the machine: name it as the archiver does",
		verdict.Show(z.Members()[found[0]].Name), manifestName)
}

func member(v *verdict.File, name string) []finding.Location {
	return []finding.Location{finding.At(v.Ref().Join(asset.Step{Kind: asset.Member, Name: name}))}
}

func judge(v *verdict.File, z *zipmodel.Zip, m *manifest) {
	listed := map[string]bool{}
	for _, x := range m.named() {
		listed[path.Clean(x.file)] = true
		if leads(x.file) {
			v.Report(asset.Malicious, finding.Finding{Rule: ruleOutside, Key: x.key, Locations: member(v, manifestName),
				Message: fmt.Sprintf("%s is %s, outside of the archive", x.key, verdict.Show(x.file))})
		} else if len(z.Find(path.Clean(x.file), "./"+path.Clean(x.file))) == 0 {
			v.Failf("%s names %s, which is not in the archive", x.key, verdict.Show(x.file))
		}
	}
	switch {
	case m.handlerFile() != "":
		msg := fmt.Sprintf("the server runs %s", verdict.Show(m.handlerFile()))
		if m.source != "" {
			msg += fmt.Sprintf(" and %s", verdict.Show(m.source))
		}
		v.Report(asset.Unverified, finding.Finding{Rule: ruleHandler, Key: m.handler, Locations: member(v, m.handlerFile()), Message: msg})
	case m.source != "":
		v.Report(asset.Unverified, finding.Finding{Rule: ruleHandler, Key: m.source, Locations: member(v, m.source),
			Message: fmt.Sprintf("the server imports %s to build the model", verdict.Show(m.source))})
	case m.handler == "":
		v.Failf("%s names no handler", manifestName)
	}
	requirements(v, z, m)
	configs(v, z, m)
	unlisted(v, z, listed)
}

// requirements looks at what the server would install.
func requirements(v *verdict.File, z *zipmodel.Zip, m *manifest) {
	if m.requirements == "" || leads(m.requirements) {
		return
	}
	var lines, elsewhere []string
	for _, i := range z.Find(m.requirements) {
		b, err := z.Read(i, maxText)
		if err != nil {
			v.Fail(err)
			continue
		}
		for line := range strings.Lines(string(b)) {
			line, _, _ = strings.Cut(line, " #")
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			lines = append(lines, line)
			if fromElsewhere(line) {
				elsewhere = append(elsewhere, line)
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	x := finding.Finding{Rule: ruleRequire, Key: "packages", Locations: member(v, m.requirements), Severity: finding.Medium,
		Attrs:   map[string]any{"requirements": lines[:min(len(lines), 100)]},
		Message: fmt.Sprintf("asks the server to install %d packages: %s", len(lines), verdict.Show(strings.Join(lines, ", ")))}
	if len(elsewhere) > 0 {
		x.Severity, x.Confidence = finding.High, finding.Sure
		x.Message = fmt.Sprintf("asks the server to install from elsewhere than its package index: %s", verdict.Show(strings.Join(elsewhere, ", ")))
	}
	v.Report(asset.Unverified, x)
}

// fromElsewhere reports whether a line of a requirements file names an address, a
// repository, a file or another index (pip, "Requirements File Format").
func fromElsewhere(line string) bool {
	low := strings.ToLower(line)
	for _, option := range []string{"-i ", "--index-url", "--extra-index-url", "-f ", "--find-links", "-e ", "--editable", "--trusted-host"} {
		if strings.HasPrefix(low, option) {
			return true
		}
	}
	return strings.Contains(low, "://") || strings.HasPrefix(low, "git+") || strings.HasPrefix(low, ".") || strings.HasPrefix(low, "/")
}

// configs looks for tags in the YAML that the server reads.
func configs(v *verdict.File, z *zipmodel.Zip, m *manifest) {
	for i := range z.Members() {
		name := z.Members()[i].Name
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" && name != m.config {
			continue
		}
		b, err := z.Read(i, yamlwalk.MaxSize)
		if err != nil {
			v.Fail(err)
			continue
		}
		res, err := yamlwalk.Read(b)
		if err != nil {
			if name == m.config {
				v.Failf("member %s: %w", verdict.Show(name), err)
			}
			continue
		}
		for _, x := range slices.Concat(res.Tags, res.Scalars) {
			if !javaTag(x.Tag) {
				continue
			}
			l := member(v, name)
			l[0].Line = x.Line
			v.Report(asset.Malicious, finding.Finding{Rule: ruleYAML, Key: x.Path + x.Tag, Locations: l,
				Message: fmt.Sprintf("%s has the tag %s.%s", verdict.Show(x.Path), verdict.Show(x.Tag), cve.Sentence("torchserve/yaml"))})
		}
	}
}

// javaTag reports whether SnakeYAML takes a tag for the name of a class.
func javaTag(tag string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(tag, "!!"), "!<tag:yaml.org,2002:")
	return name != tag && strings.Contains(name, ".")
}

func unlisted(v *verdict.File, z *zipmodel.Zip, listed map[string]bool) {
	var names []string
	for i := range z.Members() {
		name := path.Clean(z.Members()[i].Name)
		switch strings.ToLower(path.Ext(name)) {
		case ".py", ".pyc", ".pyd", ".so", ".pth":
			if !listed[name] && !z.Members()[i].Dir {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		v.Report(asset.Unverified, finding.Finding{Rule: ruleUnlisted, Key: strings.Join(names, " "), Attrs: map[string]any{"members": names[:min(len(names), 100)]},
			Message: fmt.Sprintf("%d members that can be imported are not in the manifest: %s", len(names), verdict.Show(strings.Join(names, ", ")))})
	}
}

// Describe implements [scan.Describer].
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	z, err := zipmodel.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	at, misnamed := manifests(z)
	if len(at) == 0 {
		return nil, nil // another zip
	}
	if len(at) != 1 {
		return nil, fmt.Errorf("%d members are called %s, a model archive has one", len(at), manifestName)
	}
	doc, err := z.Read(at[0], maxManifest)
	if err != nil {
		return nil, err
	}
	m, err := readManifest(doc)
	if err != nil {
		return nil, err
	}
	d := &asset.Description{Format: "torchserve-mar", Version: m.archiver}
	fact := func(kind string, value any, proved bool) {
		if value != "" {
			d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
		}
	}
	fact("library", "torchserve", true)
	fact("handler", m.handler, true)
	fact("name", m.name, false)
	for i := range z.Members() {
		if i < 1000 {
			fact("member", z.Members()[i].Name, true)
		}
	}
	for _, p := range []asset.Pair{{Name: "modelVersion", Value: m.version}, {Name: "runtime", Value: m.runtime}, {Name: "serializedFile", Value: m.serialized}} {
		if p.Value != "" {
			fact("metadata", p, false)
		}
	}
	return d, misnamed
}

var _ scan.Describer = scanner{}
