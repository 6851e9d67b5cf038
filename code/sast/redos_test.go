package sast

import "testing"

func TestCatastrophic(t *testing.T) {
	for expr, want := range map[string]bool{
		`^(a+)+$`:                     true,
		`(\w+\s?)*$`:                  true,
		`(ab|[ac]+)*$`:                true,
		`([a-zA-Z]+)*@`:               true,
		`(.*)*x`:                      true,
		`^(([a-z])+.)+[A-Z]([a-z])+$`: false, // a character between the rounds
		`(\d+)+`:                      false, // nothing after it that can fail
		`^[\w.-]+@[\w.-]+$`:           false,
		`(\w+,)*\w+`:                  false,
		`^(?:\d{1,3}\.){3}\d{1,3}$`:   false,
		`(a{1,3})+$`:                  false,
		`(?=x)y`:                      false, // not known here
		`(`:                           false,
	} {
		if got := catastrophic(expr); got != want {
			t.Errorf("catastrophic(%q) = %v, want %v", expr, got, want)
		}
	}
}
