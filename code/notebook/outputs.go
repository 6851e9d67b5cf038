package notebook

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
)

var (
	// Elements and attributes of HTML and SVG that run something.
	script = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)<script\b|<iframe\b|<object\b|<embed\b|<[a-z][^<>]*\son[a-z]{3,20}\s*=|(?:href|src|action)\s*=\s*["']?\s*javascript:`)
	})
	foreign = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)<(?:script|iframe|object|embed)\b[^<>]*?\s(?:src|data)\s*=\s*["']?((?:https?:)?//[^\s"'<>]+)`)
	})
	kernel = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\bkernel\s*\.\s*execute\s*\(|\brequestExecute\s*\(|\bdocument\s*\.\s*cookie\b|/api/(?:terminals|kernels|contents)\b`)
	})
	// BokehJS closes the server of a plot through the kernel.
	bokeh = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:Jupyter\.notebook\.)?kernel\.execute\(cmd(?:_clean|_destroy)?\b`)
	})
	homePath = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:/home/|/Users/|[A-Z]:\\{1,2}Users\\{1,2})([A-Za-z0-9][A-Za-z0-9._-]{0,31})[/\\]`)
	})
)

// hosts are where the usual plot libraries load their scripts from.
var hosts = []string{"cdn.plot.ly", "cdn.jsdelivr.net", "cdnjs.cloudflare.com", "unpkg.com", "cdn.bokeh.org", "cdn.pydata.org", "cdn.holoviz.org",
	"ssl.gstatic.com", "www.gstatic.com", "code.jquery.com", "maxcdn.bootstrapcdn.com", "stackpath.bootstrapcdn.com", "ajax.googleapis.com", "d3js.org",
	"www.youtube.com", "www.youtube-nocookie.com", "player.vimeo.com", "colab.research.google.com", "vega.github.io", "mybinder.org", "polyfill-fastly.io",
	"netdna.bootstrapcdn.com", "kit.fontawesome.com", "raw.githack.com", "wandb.ai", "nbviewer.org"}

// nobody are users of images and services, not people.
var nobody = []string{"jovyan", "root", "user", "username", "ubuntu", "runner", "vscode", "ec2-user", "azureuser", "sagemaker-user", "sagemaker", "public", "shared", "default",
	"docker", "app", "codespace", "circleci", "travis", "jenkins", "studio-lab-user", "your_username", "yourname", "you", "name", "me", "mambauser", "conda", "admin", "hadoop", "spark", "databricks", "trusted-service-user", "centos", "debian", "coder", "gitpod", "all"}

// active judges what runs in the browser.
func (r *report) active(ref asset.Ref, mime, body string) {
	js := mime == "application/javascript" || mime == "text/javascript"
	html := mime == "text/html" || mime == "text/markdown" || mime == "image/svg+xml"
	if !js && !html {
		return
	}
	runs := js
	if html {
		if mime == "text/markdown" {
			body = withoutFences(body)
		}
		at := script().FindStringIndex(body)
		if at == nil {
			return
		}
		runs = true
		for _, m := range foreign().FindAllStringSubmatchIndex(body, 50) {
			r.load(ref, body, m[2], m[3])
		}
	}
	if at := kernel().FindStringIndex(body); at != nil {
		f := finding.Finding{Rule: ruleKernel, Message: "a script in the " + place(ref) + " uses " + text.Visible(strings.TrimRight(body[at[0]:at[1]], " (")), Key: body[at[0]:at[1]],
			Locations: []finding.Location{{Ref: ref, Line: 1 + strings.Count(body[:at[0]], "\n")}}}
		if bokeh().MatchString(body) {
			f.Severity, f.Confidence = finding.Low, finding.Unsure
		}
		r.sink.Report(f)
	}
	if runs && len(r.acts) < 100 {
		r.acts = append(r.acts, finding.At(ref))
	}
}

// widgets judges the state of widgets that is kept with the notebook: a widget of HTML
// puts its text into the page.
func (r *report) widgets(nb *Notebook) {
	paths := make([]string, 0, len(nb.Meta.Values))
	for p := range nb.Meta.Values {
		if strings.Contains(p, "widget-state+json") && (strings.HasSuffix(p, ".value") || strings.HasSuffix(p, ".description") || strings.HasSuffix(p, ".placeholder")) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	for _, p := range paths {
		r.active(r.ref, "text/html", nb.Meta.Values[p])
		r.homes(r.ref, nb.Meta.Values[p])
	}
}

func place(ref asset.Ref) string {
	if len(ref.Inner) == 0 {
		return "state of widgets"
	}
	if ref.Inner[len(ref.Inner)-1].Kind == asset.Output {
		return "output"
	}
	return "text"
}

// load judges a script or frame from another host.
func (r *report) load(ref asset.Ref, body string, from, to int) {
	address := body[from:to]
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme != "http" && slices.Contains(hosts, host) || host == "localhost" || host == "127.0.0.1" {
		return
	}
	r.sink.Report(finding.Finding{Rule: ruleScript, Message: fmt.Sprintf("the %s loads %s", place(ref), text.Visible(text.CutMiddle(address, 100))), Key: host,
		Locations: []finding.Location{{Ref: ref, Line: 1 + strings.Count(body[:from], "\n")}}})
}

var fence = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(?s)```.*?```|`[^`\n]*`") })

// withoutFences blanks what Markdown shows as code, keeping lines.
func withoutFences(md string) string {
	return fence().ReplaceAllStringFunc(md, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
}

// homes notes where a path names somebody's folder.
func (r *report) homes(ref asset.Ref, body string) {
	if len(r.home) >= 20 {
		return
	}
	for _, m := range homePath().FindAllStringSubmatchIndex(body, 20) {
		user := body[m[2]:m[3]]
		if slices.Contains(nobody, strings.ToLower(user)) || m[0] > 0 && strings.ContainsAny(body[m[0]-1:m[0]], "abcdefghijklmnopqrstuvwxyz0123456789_-.") {
			continue
		}
		if r.user == "" {
			r.user = user
		}
		r.home = append(r.home, finding.Location{Ref: ref, Line: 1 + strings.Count(body[:m[0]], "\n")})
		return
	}
}

// flush reports what is one finding for the whole notebook.
func (r *report) flush(trusted []finding.Location) {
	r.showPersonal()
	if len(r.acts) > 0 {
		r.sink.Report(finding.Finding{Rule: ruleActive, Message: fmt.Sprintf("%d outputs or texts hold scripts", len(r.acts)), Key: "scripts", Locations: r.acts})
	}
	if len(trusted) > 0 {
		r.sink.Report(finding.Finding{Rule: ruleTrusted, Message: "\"trusted\": true", Key: "trusted", Locations: trusted[:min(len(trusted), 100)]})
	}
	if len(r.home) > 0 {
		r.sink.Report(finding.Finding{Rule: ruleHome, Message: "paths in the home folder of " + text.Visible(r.user), Key: "home", Locations: r.home})
	}
}
