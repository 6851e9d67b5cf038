package pii

// Check digits. Arguments are digits as bytes '0' to '9' unless said otherwise.

// luhn is the check of ISO/IEC 7812-1, annex B.
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// weighted is the sum of digits times weights.
func weighted(d string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(d[i]-'0') * w
	}
	return sum
}

// mod is the number in d modulo m.
func mod(d string, m int) int {
	r := 0
	for i := range len(d) {
		r = (r*10 + int(d[i]-'0')) % m
	}
	return r
}

// mod97 is the check of ISO/IEC 7064 MOD 97-10 as IBAN has it (ISO 13616): letters
// count from 10.
func mod97(s string) int {
	r := 0
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			r = (r*100 + int(c-'A') + 10) % 97
		} else {
			r = (r*10 + int(c-'0')) % 97
		}
	}
	return r
}

// mod11x10 is the check of ISO/IEC 7064 MOD 11,10.
func mod11x10(d string) bool {
	p := 10
	for i := range len(d) - 1 {
		s := (int(d[i]-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	c := 11 - p
	if c == 10 {
		c = 0
	}
	return int(d[len(d)-1]-'0') == c
}

// verhoeff is the check of J. Verhoeff, "Error Detecting Decimal Codes" (1969).
func verhoeff(d string) bool {
	const (
		mul  = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210"
		perm = "01234567891576283094580379614289160435279453126870428657390127938064157046913258"
	)
	c := 0
	for i := range len(d) {
		c = int(mul[c*10+int(perm[i%8*10+int(d[len(d)-1-i]-'0')]-'0')] - '0')
	}
	return c == 0
}

// day reports a date that there is.
func day(year, month, d int) bool {
	if month < 1 || month > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	n := days[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		n++
	}
	return d <= n
}

// two is the number at two places.
func two(d string, at int) int { return int(d[at]-'0')*10 + int(d[at+1]-'0') }

func same(d string) bool {
	for i := range len(d) {
		if d[i] != d[0] {
			return false
		}
	}
	return true
}

// run reports digits that only count up or down.
func run(d string) bool {
	up, down := true, true
	for i := 1; i < len(d); i++ {
		up = up && (d[i]-'0') == (d[i-1]-'0'+1)%10
		down = down && (d[i]-'0'+1)%10 == d[i-1]-'0'
	}
	return up || down
}
