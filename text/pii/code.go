package pii

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/finding"
)

// ibanLength is the length of an IBAN by its country (ISO 13616, SWIFT registry).
var ibanLength = map[string]int{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
	"EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30,
	"KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
	"PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20}

// codes looks at words of letters and digits.
func (s *search) codes() {
	for i := 0; i < len(s.text); {
		if !alnum(s.text[i]) || i > 0 && word(s.text[i-1]) {
			i++
			continue
		}
		end := i
		for end < len(s.text) && word(s.text[end]) {
			end++
		}
		s.code(i, end)
		i = max(end, i+1)
	}
}

func alnum(c byte) bool { return digit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// code judges a word, and what follows it in groups.
func (s *search) code(start, end int) {
	first := string(s.text[start:end])
	if len(first) >= 4 && first[0] >= 'A' && first[0] <= 'Z' && first[1] >= 'A' && first[1] <= 'Z' && digit(first[2]) && digit(first[3]) {
		s.iban(start, end)
	}
	if i := strings.IndexAny(first, "0123456789"); i < 0 && len(first) != 2 && len(first) != 4 {
		return
	}
	if len(first) > 18 {
		return
	}
	s.hetu(start)
	// The number may be written in groups.
	stop, compact := end, strings.ToUpper(first)
	for {
		s.coded(compact, start, stop)
		if len(compact) >= 18 || stop >= len(s.text) || s.text[stop] != ' ' && s.text[stop] != '-' {
			return
		}
		next := stop + 1
		to := next
		for to < len(s.text) && alnum(s.text[to]) {
			to++
		}
		if to == next || to-next > 6 {
			return
		}
		compact, stop = compact+strings.ToUpper(string(s.text[next:to])), to
	}
}

func (s *search) coded(c string, start, end int) {
	if end < len(s.text) && word(s.text[end]) {
		return
	}
	for _, k := range codesOf {
		if len(c) != len(k.shape) || k.valid == nil || !shaped(c, k.shape) || !k.valid(c) {
			continue
		}
		near := k.word != "" && s.near(k.word, start, end)
		switch {
		case near:
			s.add(k.kind, start, end, finding.Sure)
		case k.alone:
			s.add(k.kind, start, end, finding.Likely)
		}
	}
}

func shaped(c, shape string) bool {
	for i := range len(shape) {
		switch shape[i] {
		case '9':
			if !digit(c[i]) {
				return false
			}
		case 'A':
			if c[i] < 'A' || c[i] > 'Z' {
				return false
			}
		}
	}
	return true
}

func (s *search) iban(start, end int) {
	want := ibanLength[string(s.text[start:start+2])]
	if want == 0 {
		return
	}
	var c []byte
	stop := start
	for i := start; i < len(s.text) && len(c) < want; i++ {
		if b := s.text[i]; digit(b) || b >= 'A' && b <= 'Z' {
			c = append(c, b)
			stop = i + 1
		} else if b != ' ' || s.text[i-1] == ' ' {
			break
		}
	}
	if len(c) == want && (stop == len(s.text) || !word(s.text[stop])) && mod97(string(c[4:])+string(c[:4])) == 1 && !examples[string(c)] {
		s.add("iban", start, stop, finding.Sure)
	}
}

// hetu is the Finnish code: a date, a sign for the century, three digits, a check
// character.
func (s *search) hetu(start int) {
	if start+11 > len(s.text) || start+11 < len(s.text) && word(s.text[start+11]) {
		return
	}
	c := string(s.text[start : start+11])
	d := c[:6] + c[7:10]
	if len(digits(d)) != 9 || strings.IndexByte("+-YXWVUABCDEF", c[6]) < 0 || !day(2000, two(c, 2), two(c, 0)) {
		return
	}
	if "0123456789ABCDEFHJKLMNPRSTUVWXY"[mod(d, 31)] == c[10] {
		s.add("fi-hetu", start, start+11, finding.Likely)
	}
}

var mrz = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`P[A-Z<][A-Z<]{3}[A-Z<]{39}\r?\n([A-Z0-9<]{9})(\d)[A-Z<]{3}(\d{6})(\d)[MFX<](\d{6})(\d)`)
})

// machineReadable finds the two lines of passports (ICAO Doc 9303, part 4).
func (s *search) machineReadable() {
	if !bytes.Contains(s.text, []byte("<<<")) {
		return
	}
	for _, m := range mrz().FindAllSubmatchIndex(s.text, 100) {
		part := func(n int) string { return string(s.text[m[2*n]:m[2*n+1]]) }
		if icao(part(1)) == part(2) && icao(part(3)) == part(4) && icao(part(5)) == part(6) {
			s.add("mrz", m[0], m[1], finding.Sure)
		}
	}
}

// icao is the check digit of machine-readable documents.
func icao(c string) string {
	sum := 0
	for i := range len(c) {
		v := 0
		switch b := c[i]; {
		case digit(b):
			v = int(b - '0')
		case b >= 'A' && b <= 'Z':
			v = int(b-'A') + 10
		}
		sum += v * [...]int{7, 3, 1}[i%3]
	}
	return string(rune('0' + sum%10))
}
