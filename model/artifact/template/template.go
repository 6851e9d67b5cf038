// Package template checks chat templates wherever they live: small Jinja programs
// that turn messages into the prompt of a model. They travel with models, run on the
// server, and decide what the model is told.
//
// Templates are parsed and never rendered; see [jinja.Analyse] for what is followed.
package template

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/jinja"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

type scanner struct{}

// New returns the scanner of chat templates.
func New() scan.Scanner { return scanner{} }

func (scanner) Info() scan.Info {
	return verdict.Info("chat-template", "1", rules(), interest())
}

func interest() *scan.Interest {
	return &scan.Interest{
		Names:    []string{"tokenizer_config.json", "chat_template.json", "processor_config.json", "preprocessor_config.json"},
		Suffixes: []string{".jinja", ".jinja2", ".j2"},
		Hints:    []string{jinja.HintChatTemplate},
	}
}

// Wants takes what was handed on as a template, files of templates, and the
// configurations that carry them.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	if fi.Hint == jinja.HintChatTemplate {
		return scan.Yes
	}
	name := nameOf(fi.Ref)
	if isConfig(name) {
		return scan.Yes
	}
	if !isTemplate(name) {
		return scan.No
	}
	if strings.Contains(path.Base(name), "chat_template") || strings.Contains(path.Dir(name), "chat_templates") {
		return scan.Yes
	}
	// A template of something else, a web page for example, knows no roles of messages.
	return scan.YesIf(ofChat().Match(fi.Head) || ofChat().Match(fi.Tail()))
}

// ofChat matches what chat templates have and others do not.
var ofChat = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`add_generation_prompt|\b(?:message|messages\[-?\d+\]|msg|m|turn)(?:\.role\b|\[\s*['"]role['"]\s*\])`)
})

// nameOf returns the lower-case name of a file, "" for a part of one that has no
// name of its own.
func nameOf(r asset.Ref) string {
	if n := len(r.Inner); n > 0 && r.Inner[n-1].Kind != asset.Member {
		return ""
	}
	return strings.ToLower(r.Name())
}

func isTemplate(name string) bool {
	return strings.HasSuffix(name, ".jinja") || strings.HasSuffix(name, ".jinja2") || strings.HasSuffix(name, ".j2")
}

// isConfig tells the files of a repository in which transformers and its kin look
// for a template.
func isConfig(name string) bool {
	switch path.Base(name) {
	case "tokenizer_config.json", "chat_template.json", "processor_config.json", "preprocessor_config.json":
		return true
	}
	return false
}

func (scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	hint := ""
	if h, ok := f.(scan.Hinter); ok {
		hint = h.Hint()
	}
	if hint != jinja.HintChatTemplate && isConfig(nameOf(f.Ref())) {
		return scanConfig(f, s)
	}
	v := verdict.Of(s, f, "chat-template")
	defer v.Close()
	src, err := scan.Bytes(f, jinja.MaxSize)
	if err != nil {
		return fmt.Errorf("chat template: %w", err)
	}
	if !utf8.Valid(src) {
		return fmt.Errorf("chat template: bytes that are not UTF-8")
	}
	(&judge{File: v, ref: f.Ref()}).template(string(src))
	return nil
}

// maxConfig is the longest configuration that is read, in bytes. Some tokenizers list
// a hundred thousand tokens in theirs.
const maxConfig = 64 << 20

// found is a template in a configuration.
type found struct {
	key, text string
}

// scanConfig judges the templates of a configuration. One without a template is no
// model.
func scanConfig(f scan.File, s *scan.Sink) error {
	doc, err := scan.Bytes(f, maxConfig)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	list, dups, err := templates(doc)
	if len(list) > 0 {
		v := verdict.Of(s, f, "chat-template")
		defer v.Close()
		for _, t := range list {
			ref := f.Ref().Join(asset.Step{Kind: asset.Key, Name: verdict.Show(t.key)})
			(&judge{File: v, ref: ref}).template(t.text)
		}
		for _, d := range dups {
			if d.Key != "chat_template" && d.Key != "name" && d.Key != "template" {
				continue
			}
			line, col := strictjson.Line(doc, d.Offset)
			v.Report(asset.Unverified, finding.Finding{Rule: ruleTwice, Key: d.Key,
				Message:   fmt.Sprintf("The key %q is there more than once.", d.Key),
				Locations: []finding.Location{{Ref: f.Ref(), Line: line, Col: col}}})
		}
	}
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// maxTemplates is how many templates one configuration may carry.
const maxTemplates = 1000

// templates returns the values of "chat_template": a text, a list of named texts, or
// texts by name.
func templates(doc []byte) (list []found, dups []strictjson.Duplicate, err error) {
	p := strictjson.New(doc, strictjson.Options{Python: true})
	err = p.Object(func(key []byte, _ int) error {
		if string(key) != "chat_template" {
			return nil
		}
		return read(p, "chat_template", &list, 0)
	})
	if err == nil {
		err = p.End()
	}
	return list, p.Duplicates, err
}

func read(p *strictjson.Parser, key string, list *[]found, depth int) error {
	if len(*list) >= maxTemplates || depth > 3 {
		return fmt.Errorf("more chat templates than are read")
	}
	switch p.Kind() {
	case strictjson.String:
		text, err := p.Text()
		if err == nil {
			*list = append(*list, found{key, text})
		}
		return err
	case strictjson.Array:
		return p.Array(func(i int) error { return read(p, fmt.Sprintf("%s[%d]", key, i), list, depth+1) })
	case strictjson.Object:
		return p.Object(func(k []byte, _ int) error {
			if depth > 0 && string(k) != "template" {
				return nil // the name, and what else may be said about one
			}
			return read(p, key+"."+string(k), list, depth+1)
		})
	case strictjson.Null:
		return p.Skip()
	}
	return fmt.Errorf("%s is %s, not a template", key, p.Kind())
}

var _ scan.Scanner = scanner{}
