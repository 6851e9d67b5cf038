package html

import (
	"fmt"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/internal/browsertest"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
)

// save writes the page to a file and returns its URL.
func save(t *testing.T, d *report.Document) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, reporttest.Write(t, New(), d, report.Options{}), 0o644); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
}

// shot keeps a picture where MERLON_SCREENSHOTS names a folder for them.
func shot(t *testing.T, p *browsertest.Page, name string, whole bool) {
	if dir := os.Getenv("MERLON_SCREENSHOTS"); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		p.Screenshot(filepath.Join(dir, name+".png"), whole)
	}
}

// TestBrowser opens every kind of report at desktop and phone width, light and
// dark. Opening fails the test on whatever the browser complains about.
func TestBrowser(t *testing.T) {
	b := browsertest.Start(t)
	for name, d := range map[string]*report.Document{
		"sample": reporttest.Sample(), "empty": reporttest.Empty(), "clean": reporttest.Clean(),
		"incomplete": reporttest.Incomplete(), "hostile": reporttest.Hostile(reporttest.Attack),
	} {
		page := save(t, d)
		for _, v := range []browsertest.View{browsertest.Desktop, browsertest.Phone} {
			for _, v.Dark = range []bool{false, true} {
				width := v.Width
				t.Run(fmt.Sprintf("%s-%d-dark=%v", name, width, v.Dark), func(t *testing.T) {
					p := b.Open(t, page, v)
					var got struct{ Scroll, Client, Scripts, Images int }
					p.Eval(&got, `({Scroll: document.documentElement.scrollWidth, Client: document.documentElement.clientWidth,
						Scripts: document.scripts.length, Images: document.images.length})`)
					want := struct{ Scroll, Client, Scripts, Images int }{width, width, 1, 0}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("page (-want +got):\n%s", diff)
					}
					shot(t, p, fmt.Sprintf("%s-%d-dark=%v", name, width, v.Dark), true)
				})
			}
		}
	}
}

// visible counts what a reader sees of the findings, and says what the page says.
const visible = `({Hits: [...document.querySelectorAll("li.hit")].filter((e) => e.checkVisibility()).length,
	Count: document.getElementById("count").textContent, Hash: location.hash})`

type state struct {
	Hits        int
	Count, Hash string
}

func TestFilters(t *testing.T) {
	b := browsertest.Start(t)
	p := b.Open(t, save(t, reporttest.Sample()), browsertest.Desktop)
	expect := func(what string, want state) {
		t.Helper()
		var got state
		p.Eval(&got, visible)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	expect("at first", state{8, "8 shown", ""})
	p.Click(`.chip[data-value=critical]`)
	expect("critical", state{3, "3 of 8 shown", "#?severity=critical"})
	p.Click(`.chip[data-value=high]`)
	expect("critical or high", state{6, "6 of 8 shown", "#?severity=critical%2Chigh"})
	p.Click(`.chip[data-value=artifact]`)
	expect("and artifact", state{3, "3 of 8 shown", "#?severity=critical%2Chigh&category=artifact"})
	p.Click(`#q`)
	p.Type("EVAL approval")
	expect("and two words", state{1, "1 of 8 shown", "#?q=EVAL+approval&severity=critical%2Chigh&category=artifact"})
	p.Click(`#clear`)
	expect("cleared", state{8, "8 shown", ""})
	p.Type("no such thing")
	expect("nothing found", state{0, "0 of 8 shown", "#?q=no+such+thing"})
	p.Click(`#clear`)
	p.Click(`.life.wide a[data-stage=model]`)
	expect("a stage of the picture", state{3, "3 of 8 shown", "#?stage=model"})
	p.Eval(nil, `location.hash = "#?rule=secret%2Faws-access-key"`)
	p.Settle()
	expect("an address that was shared", state{1, "1 of 8 shown", "#?rule=secret%2Faws-access-key"})
}

func TestTheme(t *testing.T) {
	b := browsertest.Start(t)
	page := save(t, reporttest.Sample())
	for _, dark := range []bool{false, true} {
		v := browsertest.Desktop
		v.Dark = dark
		p := b.Open(t, page, v)
		p.Eval(nil, `localStorage.clear()`)
		const ground = `getComputedStyle(document.body).backgroundColor`
		var before, after, back string
		p.Eval(&before, ground)
		p.Click("#theme")
		p.Eval(&after, ground)
		p.Click("#theme")
		p.Eval(&back, ground)
		if before == after || back != before {
			t.Errorf("dark=%v: background %s, after the toggle %s, after another %s", dark, before, after, back)
		}
		p.Eval(nil, `localStorage.clear()`)
	}
}

// TestWithoutScript: everything is there, and nothing that does not work.
func TestWithoutScript(t *testing.T) {
	v := browsertest.Phone
	v.NoScript = true
	p := browsertest.Start(t).Open(t, save(t, reporttest.Sample()), v)
	var got struct{ Hits, Controls int }
	p.Eval(&got, `({Hits: [...document.querySelectorAll("li.hit")].filter((e) => e.checkVisibility()).length,
		Controls: [...document.querySelectorAll("button, input, select")].filter((e) => e.checkVisibility()).length})`)
	if got.Hits != 8 || got.Controls != 0 {
		t.Errorf("%d findings and %d controls are visible, want 8 and 0", got.Hits, got.Controls)
	}
	shot(t, p, "noscript", false)
}

// TestKeyboard: what can be clicked can be reached with Tab, and "/" starts a search.
func TestKeyboard(t *testing.T) {
	p := browsertest.Start(t).Open(t, save(t, reporttest.Sample()), browsertest.Desktop)
	var unreachable []string
	p.Eval(&unreachable, `[...document.querySelectorAll("button, input, select, a[href], summary")]
		.filter((e) => e.checkVisibility() && e.tabIndex < 0).map((e) => e.outerHTML.slice(0, 80))`)
	if len(unreachable) > 0 {
		t.Errorf("not reachable with the keyboard: %q", unreachable)
	}
	var unnamed []string
	p.Eval(&unnamed, `[...document.querySelectorAll("button, input, select, a[href], [role=region]")]
		.filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80))`)
	if len(unnamed) > 0 {
		t.Errorf("without a name for a screen reader: %q", unnamed)
	}
	var focus string
	p.Eval(&focus, `(dispatchEvent(new KeyboardEvent("keydown", {key: "/"})), document.activeElement.id)`)
	if focus != "q" {
		t.Errorf(`"/" moves the focus to %q, want the search`, focus)
	}
}

// TestLarge: 20,000 findings open, filter and can be linked to, although only a
// few hundred are laid out at a time.
func TestLarge(t *testing.T) {
	d := reporttest.Many(20_000)
	page := save(t, d)
	b := browsertest.Start(t)
	p := b.Open(t, page, browsertest.Desktop)
	var got state
	p.Eval(&got, visible)
	if got.Hits != 1400 || got.Count != "17,500 shown" { // 200 of each of seven rules
		t.Errorf("at first %+v, want 1,400 of 17,500 laid out", got)
	}
	p.Click("#q")
	p.Type("name_19999")
	p.Eval(&got, visible)
	if got.Hits != 1 || got.Count != "1 of 17,500 shown" {
		t.Errorf("search shows %+v, want one finding", got)
	}
	p.Click("#clear")
	p.Eval(nil, `document.querySelector(".hits + .quiet").click()`)
	p.Eval(&got, visible)
	if got.Hits != 2400 {
		t.Errorf("%d laid out after asking for more, want 2,400", got.Hits)
	}
	shown, _ := d.Shown()
	p = b.Open(t, page+"#f-"+shown[len(shown)-1].Fingerprint, browsertest.Desktop)
	var seen bool
	p.Eval(&seen, `(() => { const r = document.querySelector("li.hit:target").getBoundingClientRect(); return r.height > 0 && r.top >= 0 && r.bottom <= innerHeight; })()`)
	if !seen {
		t.Error("a link to the last finding does not show it")
	}
}

// TestPicture makes the picture of the README from the report that MERLON_REPORT
// names, into the file that MERLON_PICTURE names: see scripts/screenshot.sh.
func TestPicture(t *testing.T) {
	page, out := save(t, reporttest.Sample()), filepath.Join(t.TempDir(), "report.png")
	if file := os.Getenv("MERLON_REPORT"); file != "" {
		page = (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
	}
	if file := os.Getenv("MERLON_PICTURE"); file != "" {
		out = file
	}
	v := browsertest.Desktop
	v.Height = 1240
	browsertest.Start(t).Open(t, page, v).Screenshot(out, false)
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.DecodeConfig(f); err != nil || img.Width != v.Width || img.Height != v.Height {
		t.Errorf("picture of %dx%d (%v), want %dx%d", img.Width, img.Height, err, v.Width, v.Height)
	}
}
