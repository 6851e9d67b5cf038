package template

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// marker matches what chat formats are made of: tokens in brackets, headings of
// Markdown, fences.
var marker = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<[^<>\s][^<>]*>|\[/?[A-Z_ ]+\]|<\|[^|]*\|>|\{\{[^}]*\}\}|` + "```")
})

// words counts the different words of a text that a model would read as language.
// Letters of scripts without spaces count one by one, three to a word.
func words(s string) int {
	s = modeWords().ReplaceAllString(marker().ReplaceAllString(s, " "), " ")
	seen := map[string]bool{}
	var word []rune
	dense := 0
	end := func() {
		if len(word) >= 2 {
			seen[strings.ToLower(string(word))] = true
		}
		word = word[:0]
	}
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Hangul):
			end()
			dense++
		case unicode.IsLetter(r):
			word = append(word, r)
		case r == '\'' || r == '’':
		default:
			end()
		}
	}
	end()
	return len(seen) + dense/3
}

// switches are the words by which users of public models turn a mode on or off.
// They are part of the interface of the model.
var switches = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^\s*` + modes + `\s*$`) })

// modes matches the name of a mode, with what it is set to.
const modes = `/?(?:no_?)?(?:detailed )?(?:think|thinking|reasoning)(?:[ _](?:mode|on|off|effort|strength|level|budget))?(?::? ?(?:minimal|low|medium|high))?`

var modeWords = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b` + modes + `\b`) })

// partKeys tells the keys by which a part of a message is told from text.
func partKeys(name string) bool {
	switch name {
	case "image", "image_url", "video", "video_url", "audio", "audio_url", "input_audio", "text", "file", "content", "type":
		return true
	}
	return false
}

// constant is a name in capitals, which programs put in and people do not.
var constant = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*[A-Z0-9]+(?:_[A-Z0-9]+)+\s*$`) })

// command is a word that people type to an interface, not to a model.
var command = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/[\w-]+$`) })

// trigger is what a condition compares with.
type trigger uint8

const (
	triggerNone   trigger = iota
	triggerSwitch         // "/no_think"
	triggerMarker         // "</think>", "[TOOL_CALLS]", "```"
	triggerWord           // "invoice": something that people write
)

// triggerOf tells what a compared text is.
func triggerOf(s string) trigger {
	if switches().MatchString(s) {
		return triggerSwitch
	}
	if partKeys(s) || constant().MatchString(s) {
		return triggerMarker
	}
	letters := strings.IndexFunc(s, unicode.IsLetter) >= 0
	if strings.ContainsAny(s, "<>[]{}|`\\") || strings.HasPrefix(strings.TrimSpace(s), "/") || strings.HasPrefix(strings.TrimSpace(s), "#") || !letters {
		if inner := strings.TrimSpace(marker().ReplaceAllString(s, "")); words(inner) >= 2 && strings.ContainsAny(inner, " _") && !command().MatchString(inner) {
			return triggerWord // a sentence in brackets is still a sentence
		}
		return triggerMarker
	}
	return triggerWord
}
