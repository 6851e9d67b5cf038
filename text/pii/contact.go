package pii

import (
	"bytes"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/finding"
)

// emails finds addresses of mail (RFC 5321, section 4.1.2, without quoted strings).
func (s *search) emails() {
	for i := 0; ; {
		n := bytes.IndexByte(s.text[i:], '@')
		if n < 0 {
			return
		}
		at := i + n
		i = at + 1
		start := at
		for start > 0 && at-start < 64 && (alnum(s.text[start-1]) || strings.IndexByte("._%+-", s.text[start-1]) >= 0) {
			start--
		}
		for start < at && strings.IndexByte("._%+-", s.text[start]) >= 0 {
			start++
		}
		end := at + 1
		for end < len(s.text) && end-at < 255 && (alnum(s.text[end]) || s.text[end] == '.' || s.text[end] == '-') {
			end++
		}
		for end > at+1 && !alnum(s.text[end-1]) {
			end--
		}
		if start == at || start > 0 && (s.text[start-1] == '/' || s.text[start-1] == ':' && bytes.HasSuffix(s.text[:start], []byte("//"))) {
			continue
		}
		local, host := strings.ToLower(string(s.text[start:at])), strings.ToLower(string(s.text[at+1:end]))
		if conf := mail(local, host); conf > 0 {
			s.add("email", start, end, conf)
		}
		i = end
	}
}

var (
	reserved = []string{"example.com", "example.org", "example.net", "example.edu", "domain.com", "email.com", "test.com", "mail.com", "company.com", "yourdomain.com", "mydomain.com", "acme.com", "foo.com", "bar.com", "localhost"}
	roles    = []string{"info", "support", "contact", "admin", "sales", "help", "hello", "office", "security", "abuse", "noreply", "no-reply", "postmaster", "webmaster", "team", "git", "hostmaster", "privacy", "press", "jobs", "billing", "service", "root", "donotreply", "bot", "notifications", "feedback", "legal", "user", "username", "you", "me", "name", "test", "someone", "email", "your.email", "first.last", "john.doe", "jane.doe", "foo", "bar", "john", "alice", "bob"}
	files    = []string{"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "py", "json", "css", "html", "md", "txt", "yml", "yaml", "go", "rs", "so", "dll", "local", "internal", "lan", "test", "invalid", "example", "localhost", "localdomain", "service", "target", "timer", "socket"}
)

// mail judges an address; 0 is none of a person.
func mail(local, host string) finding.Confidence {
	dot := strings.LastIndexByte(host, '.')
	if dot < 1 || len(host)-dot < 3 || len(host)-dot > 19 || strings.Contains(host, "..") || strings.ContainsAny(host[dot+1:], "0123456789") && !strings.HasPrefix(host[dot+1:], "xn--") {
		return 0
	}
	if slices.Contains(files, host[dot+1:]) || slices.ContainsFunc(reserved, func(r string) bool { return host == r || strings.HasSuffix(host, "."+r) }) {
		return 0
	}
	if slices.Contains(roles, local) || strings.Contains(host, "noreply") || strings.Contains(local, "noreply") || strings.HasPrefix(local, "your") || len(local) < 2 {
		return finding.Unsure
	}
	return finding.Sure
}

// countries are the codes of countries (ITU-T E.164, annex) of two and three digits;
// 1 and 7 are looked at apart.
const countries = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98" +
	" 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269" +
	" 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599" +
	" 670 673 674 675 676 677 678 679 680 685 686 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998 "

func (s *search) phone(raw, d string, start, end int) {
	if len(d) > 15 || strings.Contains(d, "55501") || strings.HasSuffix(d, "0000000") {
		return
	}
	near := s.near("phone", start, end)
	if raw[0] == '+' {
		known := d[0] == '1' && len(d) == 11 && d[1] >= '2' && d[4] >= '2' || d[0] == '7' && len(d) == 11 ||
			len(d) >= 9 && (strings.Contains(countries, " "+d[:2]+" ") || strings.Contains(countries, " "+d[:3]+" "))
		switch {
		case !known:
		case near || strings.ContainsAny(raw, " -()"):
			s.add("phone", start, end, finding.Sure)
		default:
			s.add("phone", start, end, finding.Likely)
		}
		return
	}
	if !near || len(d) < 7 || len(d) > 13 || strings.Count(raw, ".") == 1 || date(raw) {
		return
	}
	s.add("phone", start, end, finding.Likely)
}

var dates = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:(?:19|20)\d\d|\d\d))(?:[ T-].*)?$`)
})

func date(raw string) bool { return dates().MatchString(raw) }

// Things that are only told by the words around them.
var (
	birth = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:(?:19|20)\d\d[-./年](?:0?[1-9]|1[0-2])[-./月](?:[12]\d|3[01]|0?[1-9])日?|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)\d\d)`)
	})
	person = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:["']?(?:[Ff]ull[ _]?[Nn]ame|[Pp]atient|[Cc]ustomer|[Ee]mployee|[Aa]pplicant|[Cc]ustomer_name|[Kk]unde|[Kk]undin|[Pp]atientin|[Mm]itarbeiter(?:in)?|[Aa]nsprechpartner|[Cc]ardholder|[Ii]nsured|[Ss]tudent|Contact person|Nom|Nombre)["']?\s*[:=]\s*["']?|\b(?:Mr|Mrs|Ms|Dr|Herr|Frau|Prof|Mme|Sra?)\.? )(\p{Lu}\p{Ll}+(?:[- ]\p{Lu}\.)?(?:[- ](?:van|von|de|der|den|la|al))*[- ]\p{Lu}\p{Ll}+(?:-\p{Lu}\p{Ll}+)?)|姓名[::]\s*(\p{Han}{2,4})`)
	})
	street = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b\d{1,5} (?:[NSEW]\.? )?(?:\p{Lu}[\p{L}']+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl)\b\.?,? (?:(?:Apt|Suite|Unit|#) ?\w+,? )?\p{Lu}[\p{L} ]{2,30},? [A-Z]{2},? \d{5}(?:-\d{4})?\b|\p{Lu}[\p{Ll}-]+(?:straße|strasse|str\.|weg|platz|allee|gasse) \d{1,4} ?[a-z]?,? (?:D-)?\d{5} \p{Lu}\p{L}+`)
	})
	passportNumber = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:[A-Z][A-Z0-9]{6,8}|\d{2}[A-Z]{2}\d{5}|\d{9})\b`)
	})
	recordNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[A-Z]{0,3}-?\d{5,12}\b`) })
	hardware     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})\b`)
	})
	address4 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`) })
)

// germanStreets are ends of words.
var germanStreets = []string{"straße ", "strasse ", "str. ", "weg ", "platz ", "allee ", "gasse "}

// around shows the pieces of text beside words about something: a pattern need not look
// at more than that. Offsets are those of the piece.
func (s *search) around(of string, before, after int, visit func(piece []byte, at int)) {
	last := 0
	for _, w := range s.words {
		if w.of != of || w.end < last {
			continue
		}
		from, to := max(w.start-before, 0), min(w.end+after, len(s.text))
		for from > 0 && from < w.start && s.text[from]&0xc0 == 0x80 {
			from++
		}
		visit(s.text[from:to], from)
		last = w.end
	}
}

// named finds what its surroundings name.
func (s *search) named() {
	each := func(of string, re *regexp.Regexp, kind Kind, conf finding.Confidence) {
		s.around(of, 40, 70, func(piece []byte, at int) {
			for _, m := range re.FindAllIndex(piece, 20) {
				start, end := at+m[0], at+m[1]
				d := digits(string(s.text[start:end]))
				if s.near(of, start, end) && (start == 0 || !word(s.text[start-1])) && (end == len(s.text) || !word(s.text[end])) && len(d) >= 5 && !run(d) {
					s.add(kind, start, end, conf)
				}
			}
		})
	}
	each("born", birth(), "birth-date", finding.Likely)
	each("passport", passportNumber(), "passport", finding.Likely)
	each("licence", passportNumber(), "driving-licence", finding.Unsure)
	each("patient", recordNumber(), "patient-id", finding.Likely)
	s.around("name", 2, 80, func(piece []byte, at int) {
		if m := person().FindSubmatchIndex(piece); m != nil {
			from, to := m[2], m[3]
			if from < 0 {
				from, to = m[4], m[5]
			}
			s.add("name", at+from, at+to, finding.Unsure)
		}
	})
	street1 := func(piece []byte, at int) {
		if m := street().FindIndex(piece); m != nil {
			s.add("address", at+m[0], at+m[1], finding.Likely)
		}
	}
	s.around("street", 40, 70, street1)
	for _, w := range germanStreets {
		for i := 0; ; {
			n := bytes.Index(s.text[i:], []byte(w))
			if n < 0 {
				break
			}
			i += n
			street1(s.text[max(i-30, 0):min(i+50, len(s.text))], max(i-30, 0))
			i += len(w)
		}
	}
	s.networks()
}

// networks finds addresses of machines that lead to somebody: public ones, where the
// text speaks of addresses, and hardware addresses.
func (s *search) networks() {
	s.around("ip", 20, 60, func(piece []byte, at int) {
		for _, m := range address4().FindAllIndex(piece, 20) {
			start, end := at+m[0], at+m[1]
			a, err := netip.ParseAddr(string(s.text[start:end]))
			if err == nil && public(a) && s.near("ip", start, end) && (end == len(s.text) || !word(s.text[end]) && (s.text[end] != '.' || end+1 == len(s.text) || !digit(s.text[end+1]))) &&
				(start == 0 || s.text[start-1] != '.' && !word(s.text[start-1])) {
				s.add("ip", start, end, finding.Unsure)
			}
		}
	})
	for i := 2; i+15 <= len(s.text); i++ {
		c := s.text[i]
		if c != ':' && c != '-' || s.text[i+3] != c || s.text[i+6] != c {
			continue
		}
		m := hardware().FindIndex(s.text[i-2 : i+15])
		if m == nil || m[1]-m[0] != 17 {
			continue
		}
		start, end := i-2, i+15
		i = end
		if start > 0 && (word(s.text[start-1]) || s.text[start-1] == ':' || s.text[start-1] == '-') || end < len(s.text) && (word(s.text[end]) || s.text[end] == ':' || s.text[end] == '-') {
			continue // a part of a fingerprint or of an UUID
		}
		first, err := strconv.ParseUint(string(s.text[start:start+2]), 16, 8)
		text := strings.ToLower(string(s.text[start:end]))
		// Group addresses and those that are not given out to a device are nobody's.
		if err == nil && first&3 == 0 && strings.Trim(text, "0:-") != "" && text[3:] != "11:22:33:44:55" && !strings.HasPrefix(text, "00:00:5e") && !strings.HasPrefix(text, "00-00-5e") {
			s.add("mac", start, end, finding.Unsure)
		}
	}
}

var notPublic = sync.OnceValue(func() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "192.88.99.0/24"} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
})

// wellKnownHosts are resolvers that everybody uses.
var wellKnownHosts = []string{"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "1.2.3.4", "4.3.2.1", "5.6.7.8"}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic(), func(p netip.Prefix) bool { return p.Contains(a) }) && !slices.Contains(wellKnownHosts, a.String())
}
