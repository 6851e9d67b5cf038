package dependency

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/inventory"
	"github.com/merlon-security/merlon/finding"
)

// sources looks at where packages come from.
func (j *judge) sources(f *file) {
	for _, x := range f.Indexes {
		u, err := url.Parse(x.URL)
		if err != nil || u.Host == "" {
			continue // a folder beside the project
		}
		if u.Scheme == "http" && !local(u.Hostname()) {
			j.report(f, x.Line, finding.Finding{Rule: ruleIndexHTTP, Key: "http:" + u.Host, Message: fmt.Sprintf("Packages are fetched from %s without encryption: whoever is on the way chooses what is installed.", u.Host)})
		}
		if x.Extra && !slices.Contains(ownIndexes, u.Hostname()) && asksPip(f) {
			j.report(f, x.Line, finding.Finding{Rule: ruleConfusion, Key: "extra:" + u.Host, Message: fmt.Sprintf("%s is asked beside the public index, and the highest version of either wins: a public package of the name of an internal one is installed instead.", u.Host)})
		}
	}
	for i := range f.Packages {
		p := &f.Packages[i]
		name := p.Name
		if name == "" {
			name = p.Source.URL
		}
		switch p.Source.Kind {
		case inventory.Git:
			if p.Source.Commit == "" && p.Certainty == inventory.Declared && !j.locked[f.dir+"\x00"+p.Ecosystem] {
				j.report(f, p.Line, finding.Finding{Rule: ruleBranch, Key: "git:" + name, Message: fmt.Sprintf("%s comes from a repository (%s) without a commit: it is whatever lies there on the day it is installed.", sentence(name), sentence(p.Source.URL))})
			}
			if strings.HasPrefix(p.Source.URL, "http://") || strings.HasPrefix(p.Source.URL, "git://") {
				j.report(f, p.Line, finding.Finding{Rule: ruleIndexHTTP, Key: "http:" + name, Message: fmt.Sprintf("%s is fetched without encryption from %s.", sentence(name), sentence(p.Source.URL))})
			}
		case inventory.Archive:
			if strings.HasPrefix(p.Source.URL, "http://") && len(p.Hashes) == 0 {
				j.report(f, p.Line, finding.Finding{Rule: ruleIndexHTTP, Key: "http:" + name, Message: fmt.Sprintf("%s is fetched without encryption and without a hash from %s.", sentence(name), sentence(p.Source.URL))})
			}
		}
	}
}

// asksPip says whether the file is read by an installer that takes the highest version
// of all its indexes.
func asksPip(f *file) bool {
	return f.Format == "requirements" || f.Format == "Pipfile" || f.Format == "pyproject"
}

// ownIndexes are public indexes of projects that publish their own packages there, under
// names that are theirs on the public index too.
var ownIndexes = []string{"download.pytorch.org", "pypi.nvidia.com", "pypi.ngc.nvidia.com", "storage.googleapis.com", "data.pyg.org", "wheels.vllm.ai", "pypi.org", "flashinfer.ai", "test.pypi.org", "abetlen.github.io", "files.pythonhosted.org"}

func local(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// pinned looks for versions that nothing pins, in the files that say what is installed
// rather than what a library can live with.
func (j *judge) pinned(f *file) {
	if f.Format != "requirements" && f.Format != "Pipfile" && f.Format != "conda environment" || strings.HasSuffix(f.ref.Name(), ".in") {
		return
	}
	var open []string
	hashed, line := 0, 0
	for i := range f.Packages {
		p := &f.Packages[i]
		if len(p.Hashes) > 0 {
			hashed++
		}
		if p.Version != "" || p.Source.Kind != inventory.Registry || p.Name == "" || p.Name == "python" || j.locked[f.dir+"\x00"+p.Ecosystem] {
			continue
		}
		if line == 0 {
			line = p.Line
		}
		open = append(open, p.Name)
	}
	if len(open) == 0 || strings.Contains(strings.ToLower(f.ref.Name()), "constraints") {
		return
	}
	shown := open
	if len(shown) > 12 {
		shown = shown[:12]
	}
	list := strings.Join(shown, ", ")
	if more := len(open) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	j.report(f, line, finding.Finding{
		Rule: ruleUnpinned, Key: "unpinned",
		Message: fmt.Sprintf("%d of %d packages have no exact version (%s): what is installed depends on the day, and whether it is vulnerable cannot be told.", len(open), len(f.Packages), sentence(list)),
		Attrs:   map[string]any{"packages": open},
	})
}
