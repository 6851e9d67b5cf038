package browsertest

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// View is how a page is shown.
type View struct {
	Width, Height int // CSS pixels
	Scale         float64
	Mobile        bool
	Dark          bool // the system prefers dark
	NoScript      bool
}

// The views that pages are tested in.
var (
	Desktop = View{Width: 1280, Height: 900, Scale: 1}
	Phone   = View{Width: 390, Height: 844, Scale: 2, Mobile: true}
)

// Page is an open tab.
type Page struct {
	t       testing.TB
	b       *Browser
	view    View
	session string
	loaded  chan struct{}

	mu       sync.Mutex
	problems []string
}

// Open loads a URL in a tab of its own and waits until it is loaded. When the test
// ends, whatever the browser complained about fails it: errors on the console,
// exceptions, violations of the content policy, failed requests, and any request
// for something else than the page itself.
func (b *Browser) Open(t testing.TB, url string, v View) *Page {
	t.Helper()
	p := &Page{t: t, b: b, view: v, loaded: make(chan struct{}, 16)}
	var target struct{ TargetID, SessionID string }
	p.decode(&target, "", "Target.createTarget", map[string]any{"url": "about:blank"})
	id := target.TargetID
	p.decode(&target, "", "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true})
	p.session = target.SessionID
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	t.Cleanup(func() {
		_, _ = b.call("", "Target.closeTarget", map[string]any{"targetId": id})
		for _, s := range p.Problems() {
			t.Errorf("%s: %s", url, s)
		}
	})
	for _, domain := range []string{"Page.enable", "Runtime.enable", "Network.enable", "Log.enable", "Audits.enable"} {
		p.do(domain, nil)
	}
	p.resize(v.Height)
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	p.do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{
		{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
	}})
	p.do("Emulation.setScriptExecutionDisabled", map[string]any{"value": v.NoScript})
	p.do("Page.navigate", map[string]any{"url": url})
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.loaded:
	case <-timer.C:
		t.Fatalf("%s: not loaded within %v", url, timeout)
	}
	return p
}

// event notes what the browser complains about.
func (p *Page) event(m message) {
	complain := func(s string) {
		p.mu.Lock()
		p.problems = append(p.problems, s)
		p.mu.Unlock()
	}
	switch m.Method {
	case "Page.loadEventFired":
		select {
		case p.loaded <- struct{}{}:
		default:
		}
	case "Runtime.exceptionThrown", "Network.loadingFailed", "Audits.issueAdded":
		complain(m.Method + " " + string(m.Params))
	case "Runtime.consoleAPICalled":
		var e struct{ Type string }
		if json.Unmarshal(m.Params, &e) == nil && (e.Type == "error" || e.Type == "warning" || e.Type == "assert") {
			complain("console " + string(m.Params))
		}
	case "Log.entryAdded":
		var e struct{ Entry struct{ Level, Text string } }
		if json.Unmarshal(m.Params, &e) == nil && (e.Entry.Level == "error" || e.Entry.Level == "warning") {
			complain("log: " + e.Entry.Text)
		}
	case "Network.requestWillBeSent":
		var e struct {
			Type    string
			Request struct{ URL string }
		}
		if json.Unmarshal(m.Params, &e) == nil && e.Type != "Document" {
			complain("the page asked for " + e.Request.URL)
		}
	}
}

// Problems returns what the browser complained about so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Eval runs JavaScript and stores what it returns, a promise's value included, in
// to. It ignores the content policy of the page, as a debugger does.
func (p *Page) Eval(to any, script string) {
	p.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	p.decode(&r, p.session, "Runtime.evaluate", map[string]any{
		"expression": script, "returnByValue": true, "awaitPromise": true, "userGesture": true,
	})
	if e := r.ExceptionDetails; e != nil {
		p.t.Fatalf("%s: %s %s", script, e.Text, e.Exception.Description)
	}
	if to == nil || r.Result.Value == nil {
		return
	}
	if err := json.Unmarshal(r.Result.Value, to); err != nil {
		p.t.Fatalf("%s: %v in %s", script, err, r.Result.Value)
	}
}

// Click clicks on the first element that the selector finds, where it is.
func (p *Page) Click(selector string) {
	p.t.Helper()
	var at struct{ X, Y float64 }
	p.Eval(&at, `(() => { const e = document.querySelector(`+quote(selector)+`); e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		p.do("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1})
	}
	p.Settle()
}

// Type writes into the element that has the focus.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.do("Input.insertText", map[string]any{"text": text})
	p.Settle()
}

// Settle waits until the page has painted twice: everything that a handler put
// off to the next frame is done.
func (p *Page) Settle() {
	p.t.Helper()
	p.Eval(nil, `new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))`)
}

// Screenshot writes a PNG of the visible part, or of the whole page.
func (p *Page) Screenshot(file string, whole bool) {
	p.t.Helper()
	if whole {
		var height int
		p.Eval(&height, `document.documentElement.scrollHeight`)
		p.resize(min(height, 16_000)) // what is not in view may not be painted at all
		defer p.resize(p.view.Height)
		p.Settle()
	}
	var shot struct{ Data string }
	p.decode(&shot, p.session, "Page.captureScreenshot", map[string]any{"format": "png"})
	b, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(file, b, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *Page) resize(height int) {
	p.t.Helper()
	p.do("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": p.view.Width, "height": height, "deviceScaleFactor": max(p.view.Scale, 1), "mobile": p.view.Mobile,
	})
}

func (p *Page) do(method string, params any) {
	p.t.Helper()
	p.decode(nil, p.session, method, params)
}

func (p *Page) decode(to any, session, method string, params any) {
	p.t.Helper()
	raw, err := p.b.call(session, method, params)
	if err == nil && to != nil {
		err = json.Unmarshal(raw, to)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return strings.ReplaceAll(string(b), "\u2028", `\u2028`)
}
