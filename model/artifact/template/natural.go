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

// words counts the words of a text that a model would read as language. Letters of
// scripts without spaces count one by one, three to a word.
func words(s string) int {
	s = marker().ReplaceAllString(s, " ")
	n, run, dense := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Hangul):
			dense++
			run = 0
		case unicode.IsLetter(r):
			if run++; run == 2 {
				n++
			}
		case r == '\'' || r == '’':
		default:
			run = 0
		}
	}
	return n + dense/3
}

// switches are the words by which users of public models turn a mode on or off.
// They are part of the interface of the model.
var switches = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*/?(no_?)?(think|thinking|reasoning)(_mode)?\s*$`)
})

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
	letters := strings.IndexFunc(s, unicode.IsLetter) >= 0
	if strings.ContainsAny(s, "<>[]{}|`\\") || strings.HasPrefix(strings.TrimSpace(s), "/") || strings.HasPrefix(strings.TrimSpace(s), "#") || !letters {
		if inner := strings.TrimSpace(marker().ReplaceAllString(s, "")); words(inner) >= 2 && strings.ContainsAny(inner, " _") && !command().MatchString(inner) {
			return triggerWord // a sentence in brackets is still a sentence
		}
		return triggerMarker
	}
	return triggerWord
}
