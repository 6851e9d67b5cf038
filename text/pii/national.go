package pii

import "strings"

// nationalNumber is a number of a person in one country.
type nationalNumber struct {
	kind   Kind
	digits int
	word   string            // context that speaks of it
	alone  bool              // the form is telling enough without a word
	loose  bool              // with a word, any separators
	form   func(string) bool // as it is usually written
	valid  func(d string) bool
}

// national are numbers of digits alone. Sources are the rules that each country
// publishes for its number; OECD, "Tax identification numbers", for most of them.
var national = []nationalNumber{
	{"us-ssn", 9, "ssn", true, true, form("999-99-9999", "999 99 9999"), func(d string) bool {
		return d[0] != '9' && d[:3] != "000" && d[:3] != "666" && d[3:5] != "00" && d[5:] != "0000" && !examples[d]
	}},
	{"us-itin", 9, "itin", true, true, form("999-99-9999"), func(d string) bool {
		g := two(d, 3)
		return d[0] == '9' && (g >= 50 && g <= 65 || g >= 70 && g <= 88 || g >= 90 && g <= 92 || g >= 94)
	}},
	{"de-tax-id", 11, "detax", false, true, form("99 999 999 999"), func(d string) bool { return d[0] != '0' && repeats(d[:10]) && mod11x10(d) }},
	{"fr-nir", 15, "nir", true, true, form("9 99 99 99 999 999 99"), func(d string) bool {
		m := two(d, 3)
		return (d[0] == '1' || d[0] == '2') && (m >= 1 && m <= 12 || m >= 20 && m <= 42 || m >= 50) && 97-mod(d[:13], 97) == two(d, 13)
	}},
	{"nl-bsn", 9, "bsn", false, true, nil, func(d string) bool { return weighted(d, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 }},
	{"pl-pesel", 11, "pesel", false, true, nil, func(d string) bool {
		m := two(d, 2)
		return day(1900, m%20, two(d, 4)) && weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
	}},
	{"br-cpf", 11, "cpf", true, true, form("999.999.999-99"), cpf},
	{"in-aadhaar", 12, "aadhaar", false, true, form("9999 9999 9999", "9999-9999-9999"), func(d string) bool { return d[0] >= '2' && verhoeff(d) }},
	{"kr-rrn", 13, "rrn", true, true, form("999999-9999999"), func(d string) bool {
		return day(2000, two(d, 2), two(d, 4)) && d[6] >= '1' && d[6] <= '8' && (11-weighted(d, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10 == int(d[12]-'0')
	}},
	{"jp-mynumber", 12, "mynumber", false, true, form("9999 9999 9999", "9999-9999-9999"), func(d string) bool {
		r := weighted(d, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
		c := 0
		if r > 1 {
			c = 11 - r
		}
		return c == int(d[11]-'0')
	}},
	{"ca-sin", 9, "sin", false, true, form("999 999 999", "999-999-999"), func(d string) bool { return d[0] != '0' && d[0] != '8' && luhn(d) }},
	{"au-tfn", 9, "tfn", false, true, form("999 999 999"), func(d string) bool { return weighted(d, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0 }},
	{"au-medicare", 10, "medicare", false, true, form("9999 99999 9"), func(d string) bool {
		return d[0] >= '2' && d[0] <= '6' && weighted(d, 1, 3, 7, 9, 1, 3, 7, 9)%10 == int(d[8]-'0')
	}},
	{"se-pnr", 10, "pnr", true, true, form("999999-9999"), func(d string) bool { return day(2000, two(d, 2), two(d, 4)) && luhn(d) }},
	{"se-pnr", 12, "pnr", true, true, form("99999999-9999"), func(d string) bool {
		return (d[:2] == "19" || d[:2] == "20") && day(2000, two(d, 4), two(d, 6)) && luhn(d[2:])
	}},
	{"dk-cpr", 10, "cpr", false, true, form("999999-9999"), func(d string) bool { return day(2000, two(d, 2), two(d, 0)) }},
	{"no-fnr", 11, "fnr", false, true, form("999999 99999"), func(d string) bool {
		return day(2000, two(d, 2), two(d, 0)) && weighted(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weighted(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	}},
	{"be-nrn", 11, "nrn", true, true, form("99.99.99-999.99"), func(d string) bool {
		c := two(d, 9)
		return two(d, 2) <= 12 && two(d, 4) <= 31 && (97-mod(d[:9], 97) == c || 97-mod("2"+d[:9], 97) == c)
	}},
	{"ch-ahv", 13, "ssn", true, true, form("999.9999.9999.99"), func(d string) bool {
		return d[:3] == "756" && weighted(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0
	}},
	{"za-id", 13, "zaid", false, true, nil, func(d string) bool {
		return day(2000, two(d, 2), two(d, 4)) && (d[10] == '0' || d[10] == '1') && luhn(d)
	}},
	{"tr-tckn", 11, "tckn", false, true, nil, func(d string) bool {
		odd, even := weighted(d, 1, 0, 1, 0, 1, 0, 1, 0, 1), weighted(d, 0, 1, 0, 1, 0, 1, 0, 1)
		return d[0] != '0' && ((odd*7-even)%10+10)%10 == int(d[9]-'0') && weighted(d, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)%10 == int(d[10]-'0')
	}},
	{"uk-nhs", 10, "nhs", false, true, form("999 999 9999"), func(d string) bool {
		c := 11 - weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
		return c%11 == int(d[9]-'0') && c != 10
	}},
}

// repeats is the rule of the German number: in the first ten digits one digit comes
// twice or three times, all others at most once.
func repeats(d string) bool {
	var n [10]int
	for i := range len(d) {
		n[d[i]-'0']++
	}
	twice := 0
	for _, k := range n {
		if k > 3 {
			return false
		}
		if k > 1 {
			twice++
		}
	}
	return twice == 1
}

func cpf(d string) bool {
	c := func(n int) int {
		sum := 0
		for i := range n {
			sum += int(d[i]-'0') * (n + 1 - i)
		}
		return sum * 10 % 11 % 10
	}
	return c(9) == int(d[9]-'0') && c(10) == int(d[10]-'0')
}

// codeNumber is a number with letters in it.
type codeNumber struct {
	kind  Kind
	shape string // 9 digit, A letter, X either; spaces and hyphens are left out
	word  string
	alone bool
	valid func(c string) bool
}

var codesOf = []codeNumber{
	{"uk-nino", "AA999999A", "nino", false, func(c string) bool {
		return !strings.ContainsAny(c[:1], "DFIQUV") && !strings.ContainsAny(c[1:2], "DFIOQUV") && c[8] <= 'D' &&
			!strings.Contains("BG GB NK KN TN NT ZZ", c[:2]) && !examples[c] && !run(c[2:8]) && !same(c[2:8])
	}},
	{"es-dni", "99999999A", "dni", false, func(c string) bool { return "TRWAGMYFPDXBNJZSQVHLCKE"[mod(c[:8], 23)] == c[8] && !examples[c] }},
	{"es-dni", "A9999999A", "dni", false, func(c string) bool {
		i := strings.IndexByte("XYZ", c[0])
		return i >= 0 && "TRWAGMYFPDXBNJZSQVHLCKE"[mod(string(rune('0'+i))+c[1:8], 23)] == c[8]
	}},
	{"it-cf", "AAAAAA99A99A999A", "", true, codiceFiscale},
	{"in-pan", "AAAAA9999A", "inpan", false, func(c string) bool { return strings.IndexByte("ABCFGHLJPT", c[3]) >= 0 }},
	{"cn-id", "99999999999999999X", "", true, chineseID},
	{"fi-hetu", "999999X999X", "", true, nil}, // see hetu: it has a sign in it
	{"sg-nric", "A9999999A", "", true, nric},
	{"mx-curp", "AAAA999999AAAAAAX9", "", true, curp},
	{"us-mbi", "9AX9AX9AA99", "mbi", false, func(c string) bool { return c[0] != '0' && !strings.ContainsAny(c, "SLOIBZ") }},
	{"de-kvnr", "A999999999", "kvnr", false, func(c string) bool {
		d := string(rune('0'+(c[0]-'A'+1)/10)) + string(rune('0'+(c[0]-'A'+1)%10)) + c[1:]
		sum := 0
		for i := range 10 {
			v := int(d[i]-'0') * (1 + i%2)
			sum += v/10 + v%10
		}
		return sum%10 == int(d[10]-'0')
	}},
}

func codiceFiscale(c string) bool {
	// What a character counts in odd places (decree of 23 December 1976); digits count
	// as the first ten letters.
	values := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		v := int(c[i] - 'A')
		if digit(c[i]) {
			v = int(c[i] - '0')
		}
		if i%2 == 0 {
			v = values[v]
		}
		sum += v
	}
	return strings.IndexByte("ABCDEHLMPRST", c[8]) >= 0 && byte(sum%26)+'A' == c[15]
}

func chineseID(c string) bool {
	if !day(two(c, 6)*100+two(c, 8), two(c, 10), two(c, 12)) || two(c, 6) < 19 || two(c, 6) > 20 || c[0] < '1' || c[0] > '8' {
		return false
	}
	r := weighted(c, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2) % 11
	return "10X98765432"[r] == c[17]
}

func nric(c string) bool {
	sum := weighted(c[1:], 2, 7, 6, 5, 4, 3, 2)
	switch c[0] {
	case 'S', 'T':
		if c[0] == 'T' {
			sum += 4
		}
		return "JZIHGFEDCBA"[sum%11] == c[8]
	case 'F', 'G':
		if c[0] == 'G' {
			sum += 4
		}
		return "XWUTRQPNMLK"[sum%11] == c[8]
	case 'M':
		return "KLJNPQRTUWX"[10-(sum+3)%11] == c[8]
	}
	return false
}

func curp(c string) bool {
	const order = "0123456789ABCDEFGHIJKLMN?OPQRSTUVWXYZ"
	if !day(2000, two(c, 6), two(c, 8)) || strings.IndexByte("HMX", c[10]) < 0 {
		return false
	}
	sum := 0
	for i := range 17 {
		sum += strings.IndexByte(order, c[i]) * (18 - i)
	}
	return (10-sum%10)%10 == int(c[17]-'0')
}
