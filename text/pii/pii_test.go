package pii

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/finding"
)

func kindsIn(s string, least finding.Confidence) (all []string) {
	for _, m := range Find([]byte(s)) {
		if m.Confidence >= least {
			all = append(all, string(m.Kind)+" "+s[m.Start:m.End])
		}
	}
	return all
}

// Numbers are the worked examples of the authorities and encyclopaedias, or made up
// with right check digits; none is of a person.
func TestFind(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"write to erika.mustermann@firma-beispiel.de today", "email erika.mustermann@firma-beispiel.de"},
		{"<a href='mailto:j.smith+x@mail.uni.ac.uk'>", "email j.smith+x@mail.uni.ac.uk"},
		{"call +49 30 901820 now", "phone +49 30 901820"},
		{"Tel. (030) 901820-12", "phone 030) 901820-12"},
		{"mobile: 07700 912345", "phone 07700 912345"},
		{"联系电话 13812345679", "phone 13812345679"},
		{"SE45 5000 0000 0583 9825 7466", "iban SE45 5000 0000 0583 9825 7466"},
		{"iban=PT50000201231234567890154;", "iban PT50000201231234567890154"},
		{"card 4539 5787 6362 1486", "card 4539 5787 6362 1486"},
		{"5425-2334-3010-9903", "card 5425-2334-3010-9903"},
		{"amex: 374245455400126", "card 374245455400126"},
		{"SSN 536-22-8746", "us-ssn 536-22-8746"},
		{"itin 912-72-1234", "us-itin 912-72-1234"},
		{"NI number AB 12 34 57 C", "uk-nino AB 12 34 57 C"},
		{"Steuer-ID 86 095 742 719", "de-tax-id 86 095 742 719"},
		{"steuernummer: 47036892816", "de-tax-id 47036892816"},
		{"2 55 08 14 168 025 38", "fr-nir 2 55 08 14 168 025 38"},
		{"DNI 54362315K", "es-dni 54362315K"},
		{"NIE: X1234567L", "es-dni X1234567L"},
		{"RSSMRA85T10A562S", "it-cf RSSMRA85T10A562S"},
		{"BSN 111222333", "nl-bsn 111222333"},
		{"PESEL 44051401359", "pl-pesel 44051401359"},
		{"529.982.247-25", "br-cpf 529.982.247-25"},
		{"Aadhaar 2341 2341 2346", "in-aadhaar 2341 2341 2346"},
		{"permanent account ABCPE1234F", "in-pan ABCPE1234F"},
		{"身份证 11010519491231002X", "cn-id 11010519491231002X"},
		{"my number 1234 5678 9018", "jp-mynumber 1234 5678 9018"},
		{"social insurance 130 692 544", "ca-sin 130 692 544"},
		{"TFN 123 456 782", "au-tfn 123 456 782"},
		{"personnummer 811228-9874", "se-pnr 811228-9874"},
		{"131052-308T", "fi-hetu 131052-308T"},
		{"85.07.30-033.28", "be-nrn 85.07.30-033.28"},
		{"756.9217.0769.85", "ch-ahv 756.9217.0769.85"},
		{"S1234567D", "sg-nric S1234567D"},
		{"SA ID 8001015009087", "za-id 8001015009087"},
		{"TC Kimlik 10000000146", "tr-tckn 10000000146"},
		{"HEGG560427MVZRRL04", "mx-curp HEGG560427MVZRRL04"},
		{"CPR 070761-4285", "dk-cpr 070761-4285"},
		{"fødselsnummer 01010750160", "no-fnr 01010750160"},
		{"NHS number 943 476 5919", "uk-nhs 943 476 5919"},
		{"Medicare MBI 1EG4-TE5-MK73", "us-mbi 1EG4-TE5-MK73"},
		{"Medicare 2123 45670 1", "au-medicare 2123 45670 1"},
		{"Versichertennummer A123456780", "de-kvnr A123456780"},
		{"MRN: 00483921", "patient-id 00483921"},
		{"Reisepass C01X00T47", "passport C01X00T47"},
		{"passport number 340020013", "passport 340020013"},
		{"date of birth: 1984-03-12", "birth-date 1984-03-12"},
		{"geboren am 12.03.1984", "birth-date 12.03.1984"},
		{"client ip 84.17.52.113", "ip 84.17.52.113"},
		{"eth0 3c:22:fb:8a:41:07", "mac 3c:22:fb:8a:41:07"},
		{"Patient: Erika Mustermann", "name Erika Mustermann"},
		{"Herr Max Beispiel", "name Max Beispiel"},
		{"742 Evergreen Terrace Road, Springfield, OR 97403", "address 742 Evergreen Terrace Road, Springfield, OR 97403"},
		{"Musterstraße 12a, 10115 Berlin", "address Musterstraße 12a, 10115 Berlin"},
		{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10", "mrz P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159"},
	} {
		got := kindsIn(tt.text, finding.Unsure)
		if d := cmp.Diff([]string{tt.want}, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, d)
		}
	}
}

// A digit more or other is another number: what has check digits is not found then.
func TestWrongCheckDigits(t *testing.T) {
	for _, s := range []string{
		"SE45 5000 0000 0583 9825 7467", "card 4539 5787 6362 1487", "SSN 666-22-8746", "SSN 536-00-8746", "SSN 078-05-1120", "NI number QQ 12 34 56 C", "NI number BG 12 34 57 C",
		"Steuer-ID 86 095 742 718", "2 55 08 14 168 025 39", "DNI 54362315L", "RSSMRA85T10A562T", "BSN 111222334", "PESEL 44051401358", "529.982.247-26", "Aadhaar 2341 2341 2347",
		"11010519491231002Y", "110105194913310029", "TFN 123 456 783", "131052-308U", "85.07.30-033.29", "756.9217.0769.84", "S1234567E", "SA ID 8001015009088", "TC Kimlik 10000000147",
		"HEGG560427MVZRRL05", "NHS number 943 476 5918", "Versichertennummer A123456781", "fødselsnummer 01010750161",
	} {
		if got := kindsIn(s, finding.Unsure); got != nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// What programs print is full of numbers that are nobody's.
func TestOrdinaryText(t *testing.T) {
	for _, s := range []string{
		"epoch 12/100 loss 0.48291734 acc 0.91 12345678 samples in 1699999999.123 s",
		"2026-11-21 14:51:30.123456 INFO started", "20261121145130", "2026-11-21T14:51:30+00:00",
		"commit 5f0b02c75b57c5855da9ae460ce51323ea669d8a", "uuid 123e4567-e89b-12d3-a456-426614174000", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"torch.Size([32, 3, 224, 224]) 4294967296 18446744073709551615", "tensor(3.141592653589793238)", "version 10.4.2.1 of the tool", "numpy==1.26.4", "tool@1.2.3 name@2x.png user@example.com",
		"git@github.com:org/repo.git", "@pytest.fixture", "noreply@example.org", "a@b", "x @ y", "http://127.0.0.1:8888/lab?token=x", "192.168.1.10 10.0.0.1 8.8.8.8 from 203.0.113.7",
		"arXiv:2405.20641v2", "ISBN 978-3-16-148410-0", "doi 10.1000/182", "+1 555 0100", "phone: 555-0123", "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00", "1 234 567 890 bytes", "1,234,567,890",
		"card 4111 1111 1111 1111", "iban DE89 3704 0044 0532 0130 00", "0x1234567890123456", "id=1234567890123456789", "lr=1e-05 seed=1234567", "Chapter 12 34 56 78", "GPU-8a1b2c3d", "name: resnet50", "Dr. Watson", "100.64.0.1 from",
		"tel: 2026-11-21", "mobile: 3.14159265", "born to run 2024", "INV-2024-000123", "The Way Back 12 Street", "12:34:56:78:9a", "3C:22:FB:8A:41:07:11:22:33:44:55:66:77:88:99:aa",
	} {
		if got := kindsIn(s, finding.Likely); got != nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"erika.mustermann@firma-beispiel.de": "e…@….de", "SE4550000000058398257466": "SE… (24 characters)", "call +49 30 901820": "+49…", "card 4539 5787 6362 1486": "(19 characters)",
	} {
		m := Find([]byte(text))
		if len(m) != 1 || m[0].Masked([]byte(text)) != want {
			t.Errorf("%q: %v, want %q", text, m, want)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if kinds[k].title == "" || kinds[k].class == "" {
			t.Errorf("%s has no title or class", k)
		}
	}
	for _, n := range national {
		if _, ok := kinds[n.kind]; !ok {
			t.Errorf("%s is no kind", n.kind)
		}
		if _, ok := contexts[n.word]; !ok {
			t.Errorf("%s: no context %q", n.kind, n.word)
		}
	}
	for _, c := range codesOf {
		if _, ok := contexts[c.word]; c.word != "" && !ok {
			t.Errorf("%s: no context %q", c.kind, c.word)
		}
	}
}

// TestRandomNumbers says how often chance makes a number look like one of a person,
// without a word beside it.
func TestRandomNumbers(t *testing.T) {
	seed := uint64(1)
	next := func() uint64 {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return seed
	}
	found := 0
	const n = 20_000
	for i := range n {
		s := fmt.Sprintf("%0*d", 7+i%12, next()%1_000_000_000_000_000_000)
		found += len(kindsIn("value "+s[:7+i%12]+" end", finding.Likely))
	}
	if found > n/1000 {
		t.Errorf("%d of %d random numbers are reported", found, n)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Tel. +49 30 901820, DE89370400440532013000 131052-308T P<UTO 姓名:王小明 a@b.co")
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, m := range Find([]byte(s)) {
			if m.Start < last || m.End <= m.Start || m.End > len(s) {
				t.Fatalf("%q: %+v", s, m)
			}
			last = m.End
			if v := s[m.Start:m.End]; len(v) > 12 && strings.Contains(m.Masked([]byte(s)), v) {
				t.Errorf("%q is not masked", v)
			}
		}
	})
}
