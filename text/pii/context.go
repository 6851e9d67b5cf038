package pii

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/merlon-security/merlon/text/match"
)

// contextWord is a word that says what stands beside it.
type contextWord struct {
	start, end int
	of         string // what it speaks of
}

// contexts are words by what they speak of, in lower case.
var contexts = map[string]string{
	"phone":    "phone|telephone|tel|mobile|cell|fax|call me|whatsapp|telefon|telefonnummer|handy|mobil|rufnummer|téléphone|portable|teléfono|móvil|celular|telefono|telefone|电话|手机|联系电话|電話|携帯|전화|телефон|contact number|phone_number|mobile_number",
	"card":     "card|credit|debit|visa|mastercard|amex|kreditkarte|kartennummer|carte|tarjeta|carta di credito|信用卡|银行卡|pan|cc|card_number|ccnum",
	"ssn":      "ssn|social security|social_security|soc sec|sozialversicherung",
	"itin":     "itin|taxpayer",
	"nino":     "nino|national insurance|ni number|ni no",
	"detax":    "steuer-id|steuerid|steuer-identifikationsnummer|steueridentifikationsnummer|steuernummer|idnr|tax id|tin",
	"nir":      "nir|sécurité sociale|numéro de sécu|insee|carte vitale",
	"dni":      "dni|nie|nif|documento nacional|documento de identidad",
	"bsn":      "bsn|burgerservicenummer|sofinummer",
	"pesel":    "pesel",
	"cpf":      "cpf",
	"aadhaar":  "aadhaar|aadhar|uidai|आधार",
	"inpan":    "pan|permanent account",
	"sin":      "sin|social insurance|numéro d'assurance sociale|nas",
	"tfn":      "tfn|tax file",
	"pnr":      "personnummer|personal number|samordningsnummer|pnr",
	"cpr":      "cpr|cpr-nummer|personnummer",
	"fnr":      "fødselsnummer|fodselsnummer|fnr|personnummer",
	"mynumber": "my number|mynumber|マイナンバー|個人番号",
	"rrn":      "rrn|resident registration|주민등록번호|주민번호",
	"zaid":     "south african id|id number|sa id|identity number",
	"tckn":     "tckn|tc kimlik|kimlik no",
	"nrn":      "rijksregister|registre national|national register|rrn|insz|niss",
	"nhs":      "nhs",
	"mbi":      "mbi|medicare|beneficiary",
	"medicare": "medicare",
	"kvnr":     "krankenversichertennummer|versichertennummer|kvnr|krankenkasse|egk",
	"patient":  "patient id|patient number|patient no|patient_id|mrn|medical record|patientennummer|patienten-id|病历号|patient-id",
	"passport": "passport|passport number|passport no|reisepass|passnummer|passeport|pasaporte|passaporto|护照|护照号|パスポート|passport_number",
	"licence":  "driving licence|driver's license|drivers license|driver license|führerschein|führerscheinnummer|permis de conduire|driving_licence|license_number",
	"born":     "born|date of birth|dob|birth date|birthdate|birthday|date_of_birth|geboren|geburtsdatum|geb|né le|née le|date de naissance|nacimiento|nacido|出生日期|出生|生年月日|data di nascita",
	"street":   "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl",
	"ip":       "ip|ip address|ip_address|client|remote_addr|remote address|x-forwarded-for|source ip|src|peer|from|visitor",
	"name":     "name|full name|full_name|patient|customer|employee|applicant|first_name|last_name|surname|mr|mrs|ms|dr|herr|frau|kunde|kundin|patientin|mitarbeiter|mitarbeiterin|nom|prénom|nombre|姓名|氏名|contact person|ansprechpartner|customer_name|student|cardholder|insured",
}

var contextTerms = sync.OnceValues(func() (*match.Automaton, []string) {
	var literals []match.Literal
	var of []string
	for what, list := range contexts {
		for _, w := range strings.Split(list, "|") {
			literals = append(literals, match.Literal{Text: w, Fold: true})
			of = append(of, what)
		}
	}
	a, err := match.New(literals)
	if err != nil {
		panic(err) // tested
	}
	return a, of
})

// context finds the words that give a meaning to numbers.
func (s *search) context() {
	a, of := contextTerms()
	for _, h := range a.Append(nil, s.text) {
		start, end := int(h.End)-a.Len(h.Literal), int(h.End)
		before, _ := utf8.DecodeLastRune(s.text[:start])
		after, _ := utf8.DecodeRune(s.text[end:])
		first, _ := utf8.DecodeRune(s.text[start:])
		if !unicode.Is(unicode.Han, first) && (start > 0 && unicode.IsLetter(before) || end < len(s.text) && unicode.IsLetter(after) && after != 's') {
			continue
		}
		s.words = append(s.words, contextWord{start, end, of[h.Literal]})
	}
}

// near reports a word about something up to 40 bytes before a place, or 20 behind it,
// in the same line or the one before.
func (s *search) near(of string, start, end int) bool {
	lo, hi := 0, len(s.words)
	for lo < hi { // words are ordered by their ends
		if m := (lo + hi) / 2; s.words[m].end < start-48 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	for _, w := range s.words[lo:] {
		if w.start > end+20 {
			break
		}
		if w.of != of {
			continue
		}
		switch {
		case w.end <= start && start-w.end <= 40 && strings.Count(string(s.text[w.end:start]), "\n") <= 1:
			return true
		case w.start >= end && !strings.Contains(string(s.text[end:w.start]), "\n"):
			return true
		}
	}
	return false
}
