// Package html writes one self-contained page for people: it loads nothing, works
// without scripts, and can be sent as a file.
//
// A Content-Security-Policy allows exactly the script and the style written here,
// by their digests: whatever a scanned file smuggles into a text could still not
// run, and not call home.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"sync"

	"github.com/merlon-security/merlon/report"
)

//go:embed report.gohtml
var pageText string

//go:embed style.css
var styleText string

//go:embed script.js
var scriptText string

type format struct{}

// New returns the format "html".
func New() report.Format { return format{} }

func (format) Name() string { return "html" }

// Write writes the page. The options make no difference.
func (format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	b := bufio.NewWriter(w)
	if err := pageTemplate().Execute(b, newPage(d)); err != nil {
		return err
	}
	return b.Flush()
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	// The parts are ours and go in as they are: their digests are in the policy.
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(styleText) },
		"script": func() template.JS { return template.JS(scriptText) },
		"policy": policy,
	}).Parse(pageText))
})

// policy is the Content-Security-Policy of the page (W3C CSP Level 3).
func policy() string {
	return "default-src 'none'; style-src '" + digest(styleText) + "'; script-src '" + digest(scriptText) +
		"'; base-uri 'none'; form-action 'none'"
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
