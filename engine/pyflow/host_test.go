package pyflow

import "testing"

func TestHostChosen(t *testing.T) {
	for begin, want := range map[string]bool{
		"":                           false,
		"https://":                   false,
		"https://api.":               false,
		"https://api.example.org/":   true,
		"https://api.example.org?q=": true,
		"https://\x00":               false, // https://{a}{b}
		"https://\x00/":              true,
		"\x00://":                    false, // {scheme}://{host}
		"\x00://\x00/":               true,
		"\x00/":                      true,
		"\x00":                       true, // {base}{path}
		"/items/":                    false,
	} {
		if got := hostChosen(begin); got != want {
			t.Errorf("hostChosen(%q) = %v, want %v", begin, got, want)
		}
	}
}
