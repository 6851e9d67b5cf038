// Package nemo reads NVIDIA NeMo models: a tar, compressed or not, with
// model_config.yaml, weights and whatever files the tokenizer needs.
//
// The configuration is the dangerous part: Hydra calls what its keys _target_,
// target and cls name. Names are compared with a list of exact classes; what is
// not on it is unverified, what is known to be dangerous is malicious. The weights
// are a pickle and belong to the scanners of pickles.
package nemo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/engine/yamlwalk"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/cve"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/model/artifact/pickle/policy"
	"github.com/merlon-security/merlon/scan"
)

// New returns the scanner.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

func (scanner) Info() scan.Info {
	return verdict.Info("nemo", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{Magics: archive.TarSignatures()}
}

// Wants takes tars. A compressed one comes again as a tar, from the scanner of
// archives.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if f, ok := archive.Detect(fi.Head); ok && f.Name == "tar" {
		return scan.Yes
	}
	return scan.No
}

const configName = "model_config.yaml"

// model is an open .nemo file.
type model struct {
	tar     *archive.Tar
	configs []int
	alike   string          // name of the configuration, where it is not the one that NeMo asks for
	yamls   []int           // all YAML members, the configurations among them
	members map[string]bool // by base name, as nemo: refers to them
}

// open reads the directory of the archive; nil when it is no NeMo model.
func open(ctx context.Context, f scan.File) (*model, error) {
	t, err := archive.ReadTar(ctx, f, f.Size(), archive.Limits{Members: 100_000})
	if err != nil {
		return nil, ctx.Err()
	}
	m := &model{tar: t, members: map[string]bool{}}
	var alike []int
	for i := range t.Members() {
		x := &t.Members()[i]
		if x.Dir {
			continue
		}
		for _, name := range append([]string{x.Name}, x.Aliases...) {
			clean := path.Clean(name)
			m.members[path.Base(clean)] = true
			if clean == configName {
				m.configs = append(m.configs, i)
			} else if strings.EqualFold(clean, configName) || strings.EqualFold(clean, "model_config.yml") {
				alike = append(alike, i)
			}
		}
		switch strings.ToLower(path.Ext(x.Name)) {
		case ".yaml", ".yml":
			m.yamls = append(m.yamls, i)
		}
	}
	// File systems that do not tell case give it to NeMo all the same.
	if len(m.configs) == 0 && len(alike) > 0 && (strings.HasSuffix(strings.ToLower(f.Ref().Path), ".nemo") || m.hasWeights()) {
		m.configs, m.alike = alike, t.Members()[alike[0]].Name
	}
	if len(m.configs) == 0 {
		return nil, nil
	}
	return m, nil
}

func (m *model) read(i int) (*yamlwalk.Result, error) {
	name := m.tar.Members()[i].Name
	st, err := m.tar.Open(i)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", verdict.Show(name), err)
	}
	defer st.Close()
	b, err := io.ReadAll(io.LimitReader(st, yamlwalk.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", verdict.Show(name), err)
	}
	res, err := yamlwalk.Read(b)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", verdict.Show(name), err)
	}
	return res, nil
}

// whole fails for an archive of which a part is missing.
func (m *model) whole() error {
	for _, a := range m.tar.Anomalies() {
		if a.Kind == archive.KindTruncated || a.Kind == archive.KindHeader || a.Kind == archive.KindTooManyMembers {
			return fmt.Errorf("the tar is not whole: %s (%s)", a.Kind, a.Detail)
		}
	}
	for i := range m.tar.Members() {
		x := &m.tar.Members()[i]
		for _, a := range x.Anomalies {
			if a.Kind == archive.KindTruncated {
				return fmt.Errorf("the tar is not whole: member %s: %s", verdict.Show(x.Name), a.Detail)
			}
		}
	}
	if m.alike != "" {
		return fmt.Errorf("member %s: NeMo asks for %s, and whether it gets this one depends on the machine: name it as NeMo does", verdict.Show(m.alike), configName)
	}
	if len(m.configs) > 1 {
		return fmt.Errorf("%d members are called %s: readers differ in which one counts", len(m.configs), configName)
	}
	return nil
}

func (scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	m, err := open(ctx, f)
	if m == nil {
		return err
	}
	return verdict.Scan(ctx, f, s, "nemo", func(v *verdict.File) error {
		v.Fail(m.whole())
		for _, i := range m.yamls {
			res, err := m.read(i)
			if err != nil {
				v.Fail(err)
				continue
			}
			m.judge(v, m.tar.Members()[i].Name, res)
		}
		if !m.members["model_weights.ckpt"] && !m.hasWeights() {
			v.Fail(errors.New("model_weights.ckpt is missing"))
		}
		if in := f.Ref().Inner; len(in) == 1 && in[0].Kind == asset.Stream { // the compressed file is the model, too
			s.Asset(asset.Asset{Kind: asset.Model, Ref: asset.Ref{Path: f.Ref().Path}, Format: "nemo", Verdict: v.Verdict()})
		}
		return ctx.Err()
	})
}

// hasWeights reports whether weights of another form are there: sharded ones of
// Megatron, or in folders of ranks.
func (m *model) hasWeights() bool {
	for i := range m.tar.Members() {
		if strings.Contains(m.tar.Members()[i].Name, "model_weights") {
			return true
		}
	}
	return false
}

func (m *model) judge(v *verdict.File, member string, res *yamlwalk.Result) {
	at := func(line int) []finding.Location {
		l := finding.At(v.Ref().Join(asset.Step{Kind: asset.Member, Name: member}))
		l.Line = line
		return []finding.Location{l}
	}
	for _, d := range res.Duplicates {
		v.Failf("member %s, line %d: key %s is given twice: readers differ in which one counts", verdict.Show(member), d.Line, verdict.Show(d.Path))
	}
	for _, list := range [][]yamlwalk.Scalar{res.Tags, res.Scalars} {
		for _, x := range list {
			if strings.HasPrefix(x.Tag, "!!python/") || strings.HasPrefix(x.Tag, "tag:yaml.org,2002:python/") || strings.HasPrefix(x.Tag, "!<tag:yaml.org,2002:python") {
				v.Report(asset.Malicious, finding.Finding{Rule: ruleTag, Key: x.Path + x.Tag, Locations: at(x.Line),
					Message: fmt.Sprintf("%s has the tag %s", verdict.Show(x.Path), verdict.Show(x.Tag))})
			}
		}
	}
	for _, x := range res.Scalars {
		switch {
		case x.Key == "_target_" || (x.Text || strings.HasPrefix(x.Value, "*")) && (x.Key == "target" || x.Key == "cls") && dotted(x.Value):
			worst, what := judgeTarget(x.Value)
			if worst == asset.OK {
				continue
			}
			rule := ruleUnknown
			if worst == asset.Malicious {
				rule, what = ruleCall, what+"."+cve.Sentence("nemo/target")
			}
			v.Report(worst, finding.Finding{Rule: rule, Key: x.Path + " " + x.Value, Locations: at(x.Line),
				Message: fmt.Sprintf("%s: %s %s", verdict.Show(x.Path), verdict.Show(x.Value), what)})
		case x.Text && strings.HasPrefix(x.Value, "nemo:"):
			if base := path.Base(strings.TrimPrefix(x.Value, "nemo:")); !m.members[base] {
				v.Failf("%s: %s is not in the archive", verdict.Show(x.Path), verdict.Show(x.Value))
			}
		case x.Text:
			if what := outside(x.Value); what != "" {
				v.Report(asset.OK, finding.Finding{Rule: ruleOutside, Key: x.Path, Locations: at(x.Line),
					Message: fmt.Sprintf("%s: %s %s", verdict.Show(x.Path), verdict.Show(x.Value), what)})
			}
		}
	}
}

// dotted reports whether a value can be the name of a class: target and cls are
// also the names of ordinary settings.
func dotted(s string) bool {
	return strings.Contains(s, ".") && !strings.ContainsAny(s, " /\\:") || strings.Contains(s, "${") || strings.HasPrefix(s, "*")
}

//go:embed targets.txt
var targetsText string

var targets = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(targetsText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = true
		}
	}
	return m
})

// judgeTarget resolves a name as hydra._internal.utils._locate does: the longest
// module that can be imported, then attributes. Every split is looked up, as it is
// not known which modules there are.
func judgeTarget(name string) (asset.Verdict, string) {
	if targets()[name] {
		return asset.OK, ""
	}
	if strings.Contains(name, "${") || strings.HasPrefix(name, "*") {
		return asset.Unverified, "is computed when the model is restored"
	}
	parts := strings.Split(name, ".")
	for i := 1; i < len(parts); i++ {
		if d := policy.Look(strings.Join(parts[:i], "."), strings.Join(parts[i:], ".")).Deny; d != nil {
			return asset.Malicious, "is called when the model is restored: " + d.Effect.Phrase()
		}
	}
	if len(parts) == 1 {
		return asset.Unverified, "is no name of a class in a module"
	}
	for _, p := range parts {
		if strings.HasPrefix(p, "__") {
			return asset.Malicious, "reaches the internals of Python"
		}
	}
	return asset.Unverified, "is called when the model is restored, and nothing is known about it"
}

// outside says how a value leads out of the archive; "" when it does not.
func outside(s string) string {
	switch {
	case strings.Contains(s, "\n"), len(s) > 4096:
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "s3://"), strings.HasPrefix(s, "ftp://"), strings.HasPrefix(s, "ais://"):
		return "is an address"
	case strings.HasPrefix(s, "../"), strings.Contains(s, "/../"):
		return "leads out of its folder"
	case strings.HasPrefix(s, "/") && len(s) > 1 && !strings.Contains(s, " "):
		return "is a path on the machine of whoever loads the model"
	}
	return ""
}
