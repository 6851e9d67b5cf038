package agentconf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/canon"
	"github.com/merlon-security/merlon/text/injection"
)

// ListingSuffix ends the names of files that hold what a server has listed.
const ListingSuffix = ".mcp-listing.json"

// Inspected is a server that was asked what it offers.
type Inspected struct {
	Source  string   // what names the server in reports and locks
	Command []string // of a server over stdio
	URL     string   // of a server over HTTP
	Listing *mcp.Listing
}

// Document is the file that [New] looks at as it looks at configurations: the server
// as a client would configure it, and its lists as it gave them.
func (i Inspected) Document() ([]byte, error) {
	entry := map[string]any{}
	if len(i.Command) > 0 {
		entry["command"], entry["args"] = i.Command[0], append([]string{}, i.Command[1:]...)
	}
	if i.URL != "" {
		entry["url"] = i.URL
	}
	name := i.Listing.Server.Name
	if name == "" {
		name = "server"
	}
	doc := struct {
		Source       string             `json:"source"`
		Transport    string             `json:"transport"`
		Protocol     string             `json:"protocol"`
		Server       mcp.Implementation `json:"server"`
		Servers      map[string]any     `json:"mcpServers"`
		Instructions string             `json:"instructions,omitempty"`
		Tools        []json.RawMessage  `json:"tools"`
		Resources    []json.RawMessage  `json:"resources"`
		Templates    []json.RawMessage  `json:"resourceTemplates"`
		Prompts      []json.RawMessage  `json:"prompts"`
	}{i.Source, i.Listing.Transport, i.Listing.Protocol, i.Listing.Server, map[string]any{name: entry}, i.Listing.Instructions,
		i.Listing.Tools, i.Listing.Resources, i.Listing.Templates, i.Listing.Prompts}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(doc)
	return b.Bytes(), err
}

// lists are the lists of a listing, and what one entry of them is called.
var lists = []struct{ key, kind string }{{"tools", "tool"}, {"resources", "resource"}, {"resourceTemplates", "template"}, {"prompts", "prompt"}}

// maxListed bounds the values of a listing.
const maxListed = 4_000_000

// listed judges a file with a listing: the server as a configuration, and its words.
func (r *report) listed() error {
	v, dup, err := strictjson.Parse([]byte(r.doc), strictjson.Options{Python: true}, maxListed)
	if err != nil {
		return fmt.Errorf("listing of a server: %w", err)
	}
	all := servers("", &v)
	for _, s := range all {
		r.server(s)
	}
	r.twins(all, dup)
	r.listing(&v)
	r.tools(&v)
	r.lockListing(&v)
	return nil
}

// listing judges what a server says of itself: a client puts every word of it before
// the model.
func (r *report) listing(v *value) {
	file := r.ref
	r.own = ownNames(v)
	r.called = nameWords(v.Get("server").Get("name").String())
	defer func() { r.ref = file }()
	into := func(name string) {
		r.ref = file.Join(asset.Step{Kind: asset.Key, Name: text.Visible(text.Cut(name, 80))})
	}
	if s := v.Get("instructions"); s != nil {
		into("instructions")
		r.toolTexts(s, "instructions", "")
	}
	if s := v.Get("server"); s != nil {
		into("server")
		r.toolTexts(s, "server", "")
	}
	for _, l := range lists {
		list := v.Get(l.key)
		if list == nil {
			continue
		}
		for i := range list.Items {
			it := &list.Items[i]
			name := it.Get("name").String()
			into(l.key + "/" + name)
			if l.kind == "tool" {
				r.toolName(it.Get("name"))
			}
			r.toolTexts(it, l.kind, name)
		}
	}
}

// nameWords are the words of a server's name that say something.
func nameWords(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool {
		return len(w) < 4 || slices.Contains([]string{"server", "servers", "tool", "tools", "other", "others", "another", "official", "standard", "default", "native", "builtin", "similar", "file", "files", "mail", "search", "andere", "anderen"}, w)
	})
}

// ownNames are the names of all entries and parameters, in lower case: what a text says
// about them is the server's own business.
func ownNames(v *value) map[string]bool {
	own := map[string]bool{}
	var walk func(v *value, key string, depth int)
	walk = func(v *value, key string, depth int) {
		if depth > 100 {
			return
		}
		if key == "name" && v.Kind == strictjson.String {
			own[strings.ToLower(v.Text)] = true
		}
		for i := range v.Members {
			m := &v.Members[i]
			if key == "properties" {
				own[strings.ToLower(m.Key)] = true
			}
			walk(&m.Value, m.Key, depth+1)
		}
		for i := range v.Items {
			walk(&v.Items[i], key, depth+1)
		}
	}
	walk(v, "", 0)
	return own
}

// toolName reports names that are made to be taken for others.
func (r *report) toolName(v *value) {
	name := v.String()
	c := canon.Of([]byte(name), canon.Options{Latin: true, Tags: true})
	if string(c.Bytes) == name || !strings.ContainsFunc(string(c.Bytes), func(q rune) bool { return q < unicode.MaxASCII && unicode.IsLetter(q) }) {
		return
	}
	// A name in another script is a name; one that mixes scripts to look Latin is a trick.
	for _, q := range string(c.Bytes) {
		if q > unicode.MaxASCII {
			return
		}
	}
	r.at(v.Offset, finding.Finding{Rule: ruleLookalike, Message: fmt.Sprintf("tool %q looks like %q and is another name: some of its characters are of other scripts", text.Visible(text.Cut(name, 60)), c.Bytes), Key: name})
}

// toolTexts judges all text in an entry, at most one finding for each kind of trick.
func (r *report) toolTexts(v *value, kind, name string) {
	seen := map[string]bool{}
	var walk func(v *value, where string, depth int)
	walk = func(v *value, where string, depth int) {
		if depth > 100 {
			return
		}
		if v.Kind == strictjson.String {
			r.toolText(v, where, kind, name, seen)
		}
		for i := range v.Members {
			m := &v.Members[i]
			if h := injection.HiddenRunes(m.Key); len(h) > 0 || len(m.Key) > 40 {
				k := value{Kind: strictjson.String, Text: m.Key, Offset: m.At}
				r.toolText(&k, join(where, "name of a value"), kind, name, seen)
			}
			walk(&m.Value, join(where, m.Key), depth+1)
		}
		for i := range v.Items {
			walk(&v.Items[i], where, depth+1)
		}
	}
	walk(v, "", 0)
}

// parameterOf is the name of the parameter that a text in a schema describes: the key
// behind the last "properties".
func parameterOf(where string) string {
	i := strings.LastIndex(where, "properties.")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(where[i+len("properties."):], ".")
	return name
}

func join(where, key string) string {
	if where == "" {
		return key
	}
	return where + "." + key
}

func (r *report) toolText(v *value, where, kind, name string, seen map[string]bool) {
	if r.judged == nil {
		r.judged = map[int]bool{}
	}
	r.judged[v.Offset] = true
	of := kind
	if name != "" {
		of = fmt.Sprintf("%s %q", kind, text.Visible(text.Cut(name, 60)))
	}
	if where != "" {
		of = text.Visible(text.CutMiddle(where, 60)) + " of " + of
	}
	if h := injection.HiddenRunes(v.Text); len(h) > 0 && !seen["hidden"] {
		seen["hidden"] = true
		best, total := h[0], 0
		for _, x := range h {
			total += x.Count
			if len(x.Says) > len(best.Says) {
				best = x
			}
		}
		f := finding.Finding{Rule: ruleHidden, Message: fmt.Sprintf("%s holds characters that are not seen (%s)", of, best.Kind), Key: best.Kind}
		if best.Says != "" {
			f.Message += fmt.Sprintf(", they spell %q", text.Visible(text.Cut(best.Says, 80)))
		}
		if best.Kind == "zero-width" && total <= 3 {
			f.Severity = finding.Medium // pasted from a web page, more often than not
		}
		r.at(v.Offset, f)
	}
	for _, m := range injection.FindInTool(v.Text, injection.Place{Parameter: parameterOf(where), Own: r.own, Server: r.called}) {
		if seen[string(m.Kind)] {
			continue
		}
		seen[string(m.Kind)] = true
		r.at(v.Offset, finding.Finding{Rule: ruleInjected, Message: fmt.Sprintf("%s %s: %s", of, m.Kind.Does(), text.Visible(text.Cut(m.Text, 100))),
			Key: string(m.Kind) + " " + m.Text, Attrs: map[string]any{"kind": string(m.Kind)}})
	}
}
