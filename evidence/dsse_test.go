package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// edKey is a signer for tests; the real ones are a floor above.
type edKey struct{ key ed25519.PrivateKey }

func newEdKey(seed byte) edKey {
	return edKey{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))}
}

func (k edKey) Sign(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(k.key, m), nil }
func (k edKey) Public() Verifier                                 { return k }
func (k edKey) KeyID() string                                    { return fmt.Sprintf("%x", k.key.Public()) }
func (k edKey) Verify(m, sig []byte) error {
	if !ed25519.Verify(k.key.Public().(ed25519.PublicKey), m, sig) {
		return errors.New("no")
	}
	return nil
}

// liar gives signatures of another key.
type liar struct{ edKey }

func (l liar) Sign(ctx context.Context, m []byte) ([]byte, error) { return newEdKey(99).Sign(ctx, m) }

// The example of the DSSE v1.0 protocol.
func TestPAE(t *testing.T) {
	got := PAE("http://example.com/HelloWorld", []byte("hello world"))
	if want := "DSSEv1 29 http://example.com/HelloWorld 11 hello world"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := PAE("", nil); string(got) != "DSSEv1 0  0 " {
		t.Errorf("%q", got)
	}
}

func signed(t testing.TB, keys ...Signer) *Envelope {
	t.Helper()
	s := statement(KindScan, example(t, KindScan))
	e, err := Sign(context.Background(), s, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSignAndVerify(t *testing.T) {
	a, b, c := newEdKey(1), newEdKey(2), newEdKey(3)
	e := signed(t, a, b)
	raw, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseEnvelope(raw)
	if err != nil {
		t.Fatal(err)
	}
	s, by, err := back.Verify(c, b)
	if err != nil || len(by) != 1 || by[0] != b.KeyID() || s.Kind() != KindScan {
		t.Errorf("%v %v", by, err)
	}
	if _, by, _ := back.Verify(a, b, c); len(by) != 2 {
		t.Errorf("signed by %v, want two", by)
	}
	for name, trusted := range map[string][]Verifier{"another key": {c}, "no key": nil} {
		if _, _, err := back.Verify(trusted...); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The id of a key decides nothing.
	back.Signatures[0].KeyID, back.Signatures[1].KeyID = c.KeyID(), ""
	if _, _, err := back.Verify(c); !errors.Is(err, ErrSignature) {
		t.Errorf("a key id was believed: %v", err)
	}
	if _, _, err := back.Verify(a); err != nil {
		t.Errorf("a wrong key id matters: %v", err)
	}
	if _, err := Sign(context.Background(), s, liar{a}); err == nil {
		t.Error("a signature was not checked before it left")
	}
	if _, err := Sign(context.Background(), s); err == nil {
		t.Error("signed by nobody")
	}
}

func TestTamperedEnvelope(t *testing.T) {
	k := newEdKey(1)
	e := signed(t, k)
	raw, _ := e.Encode()
	for i := range e.Payload {
		changed := *e
		changed.Payload = bytes.Clone(e.Payload)
		changed.Payload[i] ^= 1
		if _, _, err := changed.Verify(k); !errors.Is(err, ErrSignature) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	replace := func(old, with string) []byte { return bytes.Replace(raw, []byte(old), []byte(with), 1) }
	for name, b := range map[string][]byte{
		"type":               replace("in-toto+json", "in-toto+yaml"),
		"no type":            replace("payloadType", "other"),
		"no payload":         replace(`"payload"`, `"other"`),
		"no signatures":      replace("signatures", "other"),
		"payload twice":      replace(`{"payloadType"`, `{"payload":"e30=","payloadType"`),
		"payload twice (Aa)": replace(`{"payloadType"`, `{"PAYLOAD":"e30=","payloadType"`),
		"line break":         replace(`"payload":"`, `"payload":"\n`),
		"bits after the end": replace(`"payload":"`+base64.StdEncoding.EncodeToString(e.Payload), `"payload":"e31="}`),
		"data after the end": append(bytes.Clone(raw), '1'),
		"many signatures":    replace(`"signatures":[`, `"signatures":[`+strings.Repeat(`{"sig":"AAAA"},`, 16)),
		"empty signature":    replace(`"sig":"`, `"sig":"","x":"`),
		"deep":               replace(`{`, `{"x":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)+`,`),
	} {
		p, err := ParseEnvelope(b)
		if err == nil {
			_, _, err = p.Verify(k)
		}
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// Both alphabets, and fields of others.
	url := bytes.Replace(raw, []byte(base64.StdEncoding.EncodeToString(e.Payload)), []byte(base64.URLEncoding.EncodeToString(e.Payload)), 1)
	url = bytes.Replace(url, []byte("{"), []byte(`{"later":1,`), 1)
	if p, err := ParseEnvelope(url); err != nil {
		t.Error(err)
	} else if _, _, err := p.Verify(k); err != nil {
		t.Error(err)
	}
}

func TestStrict(t *testing.T) {
	for _, good := range []string{`{}`, ` [1, "\ud83d\ude00", {"a":1,"b":{"a":2}}] `, `"x\\u"`, `"\\ud800"`, `0.1e-3`, `null`} {
		if err := Strict([]byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		``, ` `, `{`, `{}{}`, `{}x`, `[1,]`, `{"a":1,}`, `{"a":1,"a":1}`, `{"a":1,"A":1}`, `{"a":{"b":1,"B":2}}`, `{"\u0061":1,"a":2}`,
		`{"K":1,"K":2}`, `{"s":1,"ſ":2}`, `"\ud800"`, `"\udc00x"`, `"\ud800\u0041"`, "\"\xff\"", `nul`, `+1`, `01`, `'a'`, "\ufeff{}",
		strings.Repeat("[", 65) + strings.Repeat("]", 65), `[1 2]`, `{"a" 1}`, `{1:2}`,
	} {
		if err := Strict([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		` { "b" : 1 , "a" : [ true , null ] } `: `{"a":[true,null],"b":1}`,
		// RFC 8785, sections 3.2.2 and 3.2.3
		`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]}`: `{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}`,
		`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`:                               `"€$\u000f\nA'B\"\\\\\"/"`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`:   "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		`[-0, -0.0, 1.0, 18446744073709551615, 1e21, 123456789012345680000.0]`:          `[0,0,1,18446744073709551615,1e+21,123456789012345680000]`,
		"\"<>&\u2028\u2029\u007f\\u2028\"":                                              "\"<>&\u2028\u2029\u007f\u2028\"",
	} {
		got, err := Canonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s (%v)\nwant %s", in, got, err, want)
		}
		if again, err := Canonical(got); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s is not canonical itself: %s, %v", got, again, err)
		}
	}
	if _, err := Canonical([]byte(`1e999`)); err == nil {
		t.Error("a number without a value was accepted")
	}
}

func FuzzEnvelope(f *testing.F) {
	k := newEdKey(1)
	raw, _ := signed(f, k).Encode()
	f.Add(raw)
	f.Add([]byte(`{"payloadType":"x","payload":"e30","signatures":[{"sig":"-_"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEnvelope(b)
		if err != nil {
			return
		}
		if _, _, err := e.Verify(k); err == nil && !bytes.Equal(e.Payload, signed(t, k).Payload) {
			t.Error("another payload verifies")
		}
		out, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseEnvelope(out)
		if err != nil || !bytes.Equal(back.Payload, e.Payload) || len(back.Signatures) != len(e.Signatures) {
			t.Errorf("came back changed: %v", err)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, k := range Kinds() {
		f.Add(example(f, k))
	}
	f.Add([]byte(`{"a":[1.0,-0,1e5,"\ud83d\ude00\u0000"]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Canonical(b)
		if err != nil {
			return
		}
		again, err := Canonical(got)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%q is not canonical: %q, %v", got, again, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for i, k := range Kinds() {
		f.Add(uint8(i), example(f, k))
	}
	f.Fuzz(func(t *testing.T, i uint8, b []byte) {
		kinds := Kinds()
		s := statement(kinds[int(i)%len(kinds)], b)
		if p, err := s.Decode(); err == nil {
			_ = p.When()
			if err := p.Check(); err != nil {
				t.Errorf("decoded although %v", err)
			}
		}
	})
}
