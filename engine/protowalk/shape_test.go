package protowalk

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachOf(t *testing.T) {
	b := []byte("\x08\x01" + "\x08\x02" + // field 1, twice
		"\x12\x01\x05" + "\x10\x06" + // field 2, packed and not
		"\x1a\x01x" + "\x1d\x00\x00\x00\x00" + // field 3, then with another wire type
		"\x22\x00") // field 4
	w := walker(b, Limits{})
	var got []string
	err := w.EachOf(w.All(), Shape{1: Varint, 2: Many | Varint, 3: Bytes},
		func(f Field, o Oddity) error { got = append(got, fmt.Sprintf("%d %s", f.Num, o)); return nil },
		func(f Field) error { got = append(got, fmt.Sprintf("%d", f.Num)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1", "1 repeated field", "1", "2", "2", "3", "3 wrong wire type", "4 unknown field"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSchema(t *testing.T) {
	s, err := ParseSchema("# from a test\nmessage a.A\n1 x varint\n2 sub message* a.B\nmessage a.B\n3 name bytes\n")
	if err != nil {
		t.Fatal(err)
	}
	w := walker([]byte("\x08\x05\x12\x04\x1a\x02hi\x12\x00"), Limits{})
	var got []string
	err = s["a.A"].Walk(w, w.All(), nil, func(f Field, i Info) error {
		got = append(got, i.Name)
		if i.Type == "" {
			return nil
		}
		return s[i.Type].Walk(w, f.Body, nil, func(f Field, i Info) error {
			text, _, err := w.Text(f, 10)
			got = append(got, i.Name+"="+text)
			return err
		})
	})
	if d := cmp.Diff([]string{"x", "sub", "name=hi", "sub"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, bad := range []string{"1 x varint", "message a\nx y z", "message a\n1 x kind", "message a\n1 x message b"} {
		if _, err := ParseSchema(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
