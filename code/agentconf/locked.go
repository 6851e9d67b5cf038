package agentconf

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/canon"
)

// Locking gathers what a lock file holds of the servers in the files of a scan, and
// compares it with what was approved before.
type Locking struct {
	Approved *Lock // nil: nothing is compared

	mu   sync.Mutex
	seen []LockedServer
}

// Seen lists the servers of all files, once the scan has ended.
func (l *Locking) Seen() []LockedServer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.seen)
}

// NewLocking returns the scanner of agent configuration that also fills l, and reports
// what differs from the approved.
func NewLocking(l *Locking) scan.ProjectScanner { return lockScanner{scanner{l}} }

type lockScanner struct{ scanner }

// Finish reports servers that are gone from the paths that were scanned.
func (s lockScanner) Finish(_ context.Context, p *scan.Project, sink *scan.Sink) error {
	if s.locking.Approved == nil {
		return nil
	}
	gone := s.locking.Approved.missing(p.Roots, s.locking.Seen())
	for _, source := range gone {
		file, name, _ := strings.Cut(source, "#")
		sink.Report(finding.Finding{Rule: ruleChanged, Severity: finding.Medium, Message: fmt.Sprintf("server %q was approved and is gone", text.Visible(text.Cut(name, 60))), Key: source,
			Locations: []finding.Location{finding.At(asset.Ref{Path: file})}})
	}
	return nil
}

// missing lists the sources in files below the roots that were not seen there.
func (l *Lock) missing(roots []string, seen []LockedServer) []string {
	var all []string
	for _, old := range l.Servers {
		file, _, ok := strings.Cut(old.Source, "#")
		if ok && !strings.Contains(file, ":") && slices.ContainsFunc(roots, func(root string) bool { return within(root, file) }) &&
			!slices.ContainsFunc(seen, func(x LockedServer) bool { return x.Source == old.Source }) {
			all = append(all, old.Source)
		}
	}
	return all
}

// Missing takes out what was approved in files below the paths and was not seen there,
// and lists it.
func (l *Lock) Missing(paths []string, seen []LockedServer) []string {
	gone := l.missing(paths, seen)
	l.Servers = slices.DeleteFunc(l.Servers, func(s LockedServer) bool { return slices.Contains(gone, s.Source) })
	return gone
}

func within(root, file string) bool {
	root, file = path.Clean(strings.ReplaceAll(root, `\`, "/")), path.Clean(file)
	return root == "." && !strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "../") || file == root || strings.HasPrefix(file, strings.TrimSuffix(root, "/")+"/")
}

// lock gathers and compares one server that was read at an offset of the file.
func (r *report) lock(now LockedServer, at func(Entry) int) {
	if r.locking == nil {
		return
	}
	r.locking.mu.Lock()
	r.locking.seen = append(r.locking.seen, now)
	r.locking.mu.Unlock()
	if r.locking.Approved == nil {
		return
	}
	r.neighbours(now, at)
	old := r.locking.Approved.Find(now.Source)
	if old == nil {
		r.at(at(Entry{}), finding.Finding{Rule: ruleChanged, Message: fmt.Sprintf("server %q was never approved", text.Visible(text.CutMiddle(now.Source, 80))), Key: now.Source})
		return
	}
	for _, c := range Compare(old, &now) {
		f := finding.Finding{Rule: ruleChanged, Message: c.String(), Key: c.What + " " + c.Kind + " " + c.Name}
		if len(c.Lines) > 0 {
			f.Attrs = map[string]any{"changes": c.Lines}
		}
		r.at(at(Entry{Kind: c.Kind, Name: c.Name}), f)
	}
}

// neighbours reports tools that have the name of a tool of another approved server.
func (r *report) neighbours(now LockedServer, at func(Entry) int) {
	plain := func(name string) string {
		c := canon.Of([]byte(name), canon.Options{Latin: true})
		return strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(string(c.Bytes)))
	}
	known := map[string][2]string{}
	for _, s := range r.locking.Approved.Servers {
		for _, e := range s.Entries {
			if e.Kind == "tool" && s.Source != now.Source {
				known[plain(e.Name)] = [2]string{e.Name, s.Source}
			}
		}
	}
	for _, e := range now.Entries {
		k, ok := known[plain(e.Name)]
		if e.Kind != "tool" || !ok {
			continue
		}
		f := finding.Finding{Rule: ruleShadow, Message: fmt.Sprintf("tool %q is also one of %s", text.Visible(text.Cut(e.Name, 60)), text.Visible(text.CutMiddle(k[1], 80))), Key: e.Name}
		if k[0] != e.Name {
			f.Rule, f.Message = ruleLookalike, fmt.Sprintf("tool %q has nearly the name of %q of %s", text.Visible(text.Cut(e.Name, 60)), text.Visible(text.Cut(k[0], 60)), text.Visible(text.CutMiddle(k[1], 80)))
		}
		r.at(at(e), f)
	}
}

// lockListing compares a listing.
func (r *report) lockListing(v *value) {
	r.lock(lockListing(v), func(e Entry) int {
		for _, l := range lists {
			if list := v.Get(l.key); l.kind == e.Kind && list != nil {
				for i := range list.Items {
					if list.Items[i].Get("name").String() == e.Name {
						return list.Items[i].Offset
					}
				}
			}
		}
		if x := v.Get(e.Kind); x != nil {
			return x.Offset
		}
		return v.Offset
	})
}

// lockConfig compares the servers that a configuration names, and the tools that a
// file defines.
func (r *report) lockConfig(all []server, v *value) {
	if r.locking == nil {
		return
	}
	for _, s := range all {
		now := LockedServer{Source: r.ref.String() + "#" + s.name}
		now.add("configuration", "", withoutValues(s.v))
		r.lock(now, func(Entry) int { return s.at })
	}
	items := v.Items
	if t := v.Get("tools"); t != nil {
		items = t.Items
	}
	tools := LockedServer{Source: r.ref.String() + "#tools"}
	where := map[string]int{}
	for i := range items {
		if name := first(&items[i], "name").String(); name != "" && items[i].Get("description") != nil {
			tools.add("tool", name, &items[i], "_meta", "icons")
			where[name] = items[i].Offset
		}
	}
	if len(tools.Entries) > 0 {
		r.lock(tools, func(e Entry) int { return where[e.Name] })
	}
}

// withoutValues leaves out what is secret by its place: the values of variables and
// headers, and what follows an option for a key.
func withoutValues(v *value) *value {
	c := *v
	c.Members = slices.Clone(v.Members)
	for i := range c.Members {
		m := &c.Members[i]
		switch strings.ToLower(m.Key) {
		case "env", "envs", "headers", "http_headers", "requestinit", "environment":
			m.Value = namesOnly(&m.Value)
		case "args", "arguments", "command":
			m.Value.Items = slices.Clone(m.Value.Items)
			var words []string
			for _, x := range m.Value.Items {
				words = append(words, x.Text)
			}
			for j, w := range withoutKeys(words) {
				m.Value.Items[j].Text = w
			}
		}
	}
	return &c
}

func namesOnly(v *value) value {
	c := *v
	c.Members, c.Items, c.Text = slices.Clone(v.Members), nil, ""
	for i := range c.Members {
		c.Members[i].Value = value{Kind: strictjson.String}
	}
	return c
}

// withoutKeys masks the words behind options that take a credential.
func withoutKeys(words []string) []string {
	words = slices.Clone(words)
	for i, w := range words {
		low := strings.ToLower(w)
		if !strings.HasPrefix(w, "-") || !slices.ContainsFunc([]string{"key", "token", "secret", "passw", "auth", "credential", "header"}, func(k string) bool { return strings.Contains(low, k) }) {
			continue
		}
		if name, _, ok := strings.Cut(w, "="); ok {
			words[i] = name + "=…"
		} else if i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			words[i+1] = "…"
		}
	}
	return words
}
