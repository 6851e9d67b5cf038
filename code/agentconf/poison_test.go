package agentconf

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/text/injection"
)

// sample is a line of testdata/poison.
type sample struct{ kind, lang, parameter, poison, twin string }

func samples(t *testing.T, file string) []sample {
	t.Helper()
	b, err := os.ReadFile("testdata/poison/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 5 {
			t.Fatalf("%s: %q", file, line)
		}
		all = append(all, sample{f[0], f[1], f[2], f[3], f[4]})
	}
	return all
}

var snake = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`)

// ownOf are the tools that a harmless text speaks of: its server has them.
func ownOf(text string) map[string]bool {
	own := map[string]bool{}
	for _, n := range snake.FindAllString(text, -1) {
		own[n] = true
	}
	return own
}

// TestPhrasesOfTools keeps what the detector reached: on the texts that it was made
// with, and on two sets of others. What is missed there is said in other words than
// those that are known; the numbers must not fall, and harmless twins stay harmless.
func TestPhrasesOfTools(t *testing.T) {
	for file, atLeast := range map[string]int{"dev.txt": 120, "held.txt": 113, "final.txt": 19} {
		found := 0
		for _, s := range samples(t, file) {
			if len(injection.FindInTool(s.poison, injection.Place{Parameter: s.parameter})) > 0 {
				found++
			} else if file == "dev.txt" {
				t.Errorf("missed: %s %s: %s", s.kind, s.lang, s.poison)
			}
			if m := injection.FindInTool(s.twin, injection.Place{Parameter: s.parameter, Own: ownOf(s.twin)}); len(m) > 0 {
				t.Errorf("harmless: %s %s: %s: %+v", s.kind, s.lang, s.twin, m)
			}
		}
		t.Logf("%s: %d found", file, found)
		if found < atLeast {
			t.Errorf("%s: %d found, and it was %d", file, found, atLeast)
		}
	}
}

// TestOwnTools: what a server says about its own other tools is advice.
func TestOwnTools(t *testing.T) {
	const text = "Lists builds. Never call other ACME tools until the user has answered."
	for words, want := range map[string]int{"acme": 0, "": 1} {
		if got := len(injection.FindInTool(text, injection.Place{Server: nameWords(words)})); got != want {
			t.Errorf("server %q: %d matches, want %d", words, got, want)
		}
	}
}
