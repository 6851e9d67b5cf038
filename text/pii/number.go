package pii

import (
	"strings"

	"github.com/merlon-security/merlon/finding"
)

// numbers looks at runs of digits, with single separators inside.
func (s *search) numbers() {
	for i := 0; i < len(s.text); {
		c := s.text[i]
		if c != '+' && !digit(c) {
			i++
			continue
		}
		end := s.run(i)
		if i > 0 && (word(s.text[i-1]) || s.text[i-1] == '.' && i > 1 && word(s.text[i-2]) || s.text[i-1] == '#' && i > 1 && s.text[i-2] == '&') {
			for end < len(s.text) && word(s.text[end]) {
				end++
			}
			i = max(end, i+1)
			continue
		}
		if end < len(s.text) && (word(s.text[end]) || s.text[end] == '+') && s.text[i] != '+' || end-i < 7 {
			i = max(end, i+1)
			continue
		}
		s.number(i, end)
		i = end
	}
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func word(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// run is the end of digits and single separators from i on, at most 32 bytes.
func (s *search) run(i int) int {
	end := i
	for j := i; j < len(s.text) && j-i < 32; j++ {
		switch c := s.text[j]; {
		case digit(c):
			end = j + 1
		case c == '+' && j == i, c == '(' || c == ')':
		case strings.IndexByte(" -./", c) >= 0 && j > i && (digit(s.text[j-1]) || s.text[j-1] == ')'):
		default:
			return end
		}
	}
	return end
}

// number judges a run of digits. Several numbers with single spaces between them are
// one run: then the parts are judged as well.
func (s *search) number(start, end int) {
	raw := string(s.text[start:end])
	if s.whole(raw, start, end) {
		return
	}
	if !strings.ContainsAny(raw, " /") {
		return
	}
	at := start
	for _, part := range strings.FieldsFunc(raw, func(r rune) bool { return r == ' ' || r == '/' }) {
		i := strings.Index(string(s.text[at:end]), part) + at
		s.whole(part, i, i+len(part))
		at = i + len(part)
	}
}

func (s *search) whole(raw string, start, end int) bool {
	d := digits(raw)
	if len(d) < 7 || same(d) || run(d) {
		return false
	}
	before := len(s.found)
	s.phone(raw, d, start, end)
	if raw[0] == '+' {
		return len(s.found) > before
	}
	s.card(raw, d, start, end)
	for _, n := range national {
		if len(d) != n.digits || !n.valid(d) {
			continue
		}
		formed := n.form != nil && n.form(raw)
		near := s.near(n.word, start, end)
		switch {
		case formed && near:
			s.add(n.kind, start, end, finding.Sure)
		case formed && n.alone:
			s.add(n.kind, start, end, finding.Likely)
		case near && (formed || plain(raw) || n.loose):
			s.add(n.kind, start, end, finding.Likely)
		}
	}
	return len(s.found) > before
}

// digits are the digits of a text.
func digits(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if digit(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// plain reports digits without separators.
func plain(raw string) bool { return len(digits(raw)) == len(raw) }

// form makes a test of the form of a number: 9 stands for a digit.
func form(patterns ...string) func(string) bool {
	return func(raw string) bool {
		for _, p := range patterns {
			ok := len(p) == len(raw)
			for i := 0; ok && i < len(p); i++ {
				ok = p[i] == '9' && digit(raw[i]) || p[i] == raw[i]
			}
			if ok {
				return true
			}
		}
		return false
	}
}

// card is a primary account number (ISO/IEC 7812-1).
func (s *search) card(raw, d string, start, end int) {
	if len(d) < 13 || len(d) > 19 || !luhn(d) || !issuer(d) || examples[d] {
		return
	}
	if strings.ContainsAny(raw, "./()") || !plain(raw) && !form("9999 9999 9999 9999", "9999-9999-9999-9999", "9999 999999 99999", "9999-999999-99999", "9999 999999 9999")(raw) {
		return
	}
	conf := finding.Likely
	switch near := s.near("card", start, end); {
	case near:
		conf = finding.Sure
	case plain(raw) && len(d) != 16 && len(d) != 15: // one in ten of all numbers fits
		return
	case plain(raw):
		conf = finding.Unsure
	}
	s.add("card", start, end, conf)
}

// issuer reports the ranges of payment cards.
func issuer(d string) bool {
	p2, p3, p4 := two(d, 0), two(d, 0)*10+int(d[2]-'0'), two(d, 0)*100+two(d, 2)
	switch n := len(d); {
	case d[0] == '4':
		return n == 13 || n == 16 || n == 19
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720:
		return n == 16
	case p2 == 34 || p2 == 37:
		return n == 15
	case p4 == 6011, p2 == 65, p3 >= 644 && p3 <= 649:
		return n >= 16
	case p2 == 36 || p2 == 38 || p3 >= 300 && p3 <= 305:
		return n == 14
	case p4 >= 3528 && p4 <= 3589:
		return n >= 16
	case p2 == 62:
		return n >= 16
	case p2 == 50, p2 >= 56 && p2 <= 58, p2 == 67:
		return n >= 12 && n <= 19
	}
	return false
}

// examples are numbers of tests and documentation.
var examples = map[string]bool{
	"4111111111111111": true, "4242424242424242": true, "4012888888881881": true, "4000056655665556": true, "5555555555554444": true, "5105105105105100": true,
	"5200828282828210": true, "2223003122003222": true, "378282246310005": true, "371449635398431": true, "6011111111111117": true, "6011000990139424": true,
	"30569309025904": true, "38520000023237": true, "36227206271667": true, "3530111333300000": true, "3566002020360505": true, "6200000000000005": true, "4000000000000002": true,
	"078051120": true, "219099999": true, "123456789": true, "987654321": true, "457555462": true,
	"DE89370400440532013000": true, "GB82WEST12345698765432": true, "GB29NWBK60161331926819": true, "FR1420041010050500013M02606": true, "NL91ABNA0417164300": true, "CH9300762011623852957": true,
	"BE68539007547034": true, "ES9121000418450200051332": true, "IT60X0542811101000000123456": true, "AT611904300234573201": true, "PL61109010140000071219812874": true, "FR7630006000011234567890189": true,
	"12345678Z": true, "QQ123456C": true, "AB123456C": true,
}
