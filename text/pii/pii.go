// Package pii finds personal data in text: addresses of mail, telephone numbers, bank
// accounts, cards, numbers of identity, tax and health of many countries, passports,
// addresses of networks, and, where words around them say so, names, dates of birth and
// postal addresses.
//
// For most uses call [Find]. A number is reported when its form and its check digits
// are right; one whose form is common needs a word beside it that says what it is.
// Numbers that documentation uses as examples are left out.
package pii

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/merlon-security/merlon/finding"
)

// Kind is a kind of personal data: "email", "phone", "iban", "card", "us-ssn", ... All
// of them are in [Kinds].
type Kind string

// Class groups kinds by what a leak means.
type Class string

// The classes.
const (
	Contact  Class = "contact"  // mail, telephone, postal address
	Finance  Class = "finance"  // accounts and cards
	Identity Class = "identity" // numbers of identity and tax, passports
	Health   Class = "health"   // numbers of patients and insured
	Network  Class = "network"  // addresses of machines
	Person   Class = "person"   // names, dates of birth
)

// Match is a piece of personal data.
type Match struct {
	Kind       Kind
	Class      Class
	Title      string // of the kind, in words
	Start, End int    // offsets into the text
	Confidence finding.Confidence
}

// MaxMatches bounds what is found in one text.
const MaxMatches = 10_000

// Find lists the personal data in a text in their order. Where two kinds fit one
// place, the surer one wins.
func Find(text []byte) []Match {
	s := &search{text: text}
	s.context()
	s.emails()
	s.numbers()
	s.codes()
	s.machineReadable()
	s.named()
	return s.result()
}

// search is one call of Find.
type search struct {
	text  []byte
	words []contextWord
	found []Match
}

func (s *search) add(kind Kind, start, end int, conf finding.Confidence) {
	if len(s.found) < MaxMatches {
		k := kinds[kind]
		s.found = append(s.found, Match{kind, k.class, k.title, start, end, conf})
	}
}

func (s *search) result() []Match {
	slices.SortStableFunc(s.found, func(a, b Match) int {
		return cmp.Or(-cmp.Compare(a.Confidence, b.Confidence), cmp.Compare(a.Start, b.Start), -cmp.Compare(a.End, b.End))
	})
	var all []Match
	taken := make([]uint64, (len(s.text)+63)/64)
	for _, m := range s.found {
		free := true
		for i := m.Start; i < m.End && free; i++ {
			free = taken[i/64]&(1<<(i%64)) == 0
		}
		if !free {
			continue
		}
		for i := m.Start; i < m.End; i++ {
			taken[i/64] |= 1 << (i % 64)
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Match) int { return cmp.Compare(a.Start, b.Start) })
	return all
}

// Masked is what may be printed: enough to find the place, not the person.
func (m Match) Masked(text []byte) string {
	v := text[m.Start:m.End]
	switch m.Kind {
	case "email":
		if at := bytes.LastIndexByte(v, '@'); at > 0 {
			r, _ := utf8.DecodeRune(v)
			host := string(v[at+1:])
			return string(r) + "…@…" + host[strings.LastIndexByte(host, '.'):]
		}
	case "iban":
		return string(v[:2]) + "… (" + fmt.Sprint(len(v)) + " characters)"
	case "phone":
		if v[0] == '+' {
			return string(v[:min(3, len(v))]) + "…"
		}
	}
	return fmt.Sprintf("(%d characters)", utf8.RuneCount(v))
}

// kind is what there is to say about a kind.
type kind struct {
	class Class
	title string
}

var kinds = map[Kind]kind{
	"email": {Contact, "e-mail address"}, "phone": {Contact, "telephone number"}, "address": {Contact, "postal address"},
	"iban": {Finance, "bank account (IBAN)"}, "card": {Finance, "payment card number"},
	"us-ssn": {Identity, "US social security number"}, "us-itin": {Identity, "US taxpayer number"}, "uk-nino": {Identity, "UK national insurance number"},
	"de-tax-id": {Identity, "German tax number"}, "fr-nir": {Identity, "French social security number"}, "es-dni": {Identity, "Spanish identity number"},
	"it-cf": {Identity, "Italian tax code"}, "nl-bsn": {Identity, "Dutch citizen number"}, "pl-pesel": {Identity, "Polish identity number"},
	"br-cpf": {Identity, "Brazilian taxpayer number"}, "in-aadhaar": {Identity, "Indian Aadhaar number"}, "in-pan": {Identity, "Indian taxpayer number"},
	"cn-id": {Identity, "Chinese identity number"}, "kr-rrn": {Identity, "Korean resident number"}, "jp-mynumber": {Identity, "Japanese My Number"},
	"ca-sin": {Identity, "Canadian social insurance number"}, "au-tfn": {Identity, "Australian tax file number"}, "se-pnr": {Identity, "Swedish personal number"},
	"fi-hetu": {Identity, "Finnish personal code"}, "be-nrn": {Identity, "Belgian national number"}, "ch-ahv": {Identity, "Swiss social security number"},
	"sg-nric": {Identity, "Singapore identity number"}, "za-id": {Identity, "South African identity number"}, "tr-tckn": {Identity, "Turkish identity number"},
	"mx-curp": {Identity, "Mexican population code"}, "dk-cpr": {Identity, "Danish personal number"}, "no-fnr": {Identity, "Norwegian identity number"},
	"passport": {Identity, "passport number"}, "mrz": {Identity, "machine-readable zone of a passport"}, "driving-licence": {Identity, "driving licence number"},
	"uk-nhs": {Health, "UK health service number"}, "us-mbi": {Health, "US Medicare number"}, "au-medicare": {Health, "Australian Medicare number"},
	"de-kvnr": {Health, "German health insurance number"}, "patient-id": {Health, "patient number"},
	"ip": {Network, "public network address"}, "mac": {Network, "hardware address"},
	"name": {Person, "name of a person"}, "birth-date": {Person, "date of birth"},
}

// Kinds lists all kinds, in order.
func Kinds() []Kind {
	var all []Kind
	for k := range kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
