package view

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

func TestPlace(t *testing.T) {
	file := asset.Ref{Path: "a"}
	member := file.Join(asset.Step{Kind: asset.Member, Name: "x/data.pkl"})
	for _, tt := range []struct {
		l    finding.Location
		want string
	}{
		{finding.At(file), "a"},
		{finding.Location{Ref: file, Line: 3}, "a, line 3"},
		{finding.Location{Ref: file, Line: 3, Col: 5}, "a, line 3:5"},
		{finding.AtOffset(file, 0), "a, offset 0"},
		{finding.AtOffset(member, 7), "a, x/data.pkl, offset 7"},
		{finding.At(member.Join(asset.Step{Kind: asset.Member, Name: "in.pkl", N: 2})), "a, x/data.pkl!/in.pkl#2"},
		{finding.At(member.Join(asset.Step{Kind: asset.Nested, N: 9})), "a, x/data.pkl, nested at offset 9"},
		{finding.At(file.Join(asset.Step{Kind: asset.Stream, Name: "gzip"})), "a, gzip"},
		{finding.At(file.Join(asset.Step{Kind: asset.Cell, N: 3})), "a, cell 3"},
		{finding.At(file.Join(asset.Step{Kind: asset.Column, Name: "tax\u202eid"})), `a, column tax\u202eid`},
		{finding.At(file.Join(asset.Step{Kind: asset.Layer, Name: "sha256:0"}).Join(asset.Step{Kind: asset.Member, Name: "b"})), "a, layer@sha256:0!/b"},
		{finding.Location{}, "(no file)"},
	} {
		if got := Whole(tt.l); got != tt.want {
			t.Errorf("Whole(%+v) = %q, want %q", tt.l, got, tt.want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"0 B": Bytes(0), "1023 B": Bytes(1023), "1.0 KiB": Bytes(1024), "1.0 MiB": Bytes(1<<20 - 1), "3.2 GiB": Bytes(3435973837),
		"3 ms": Seconds(3 * time.Millisecond), "0.4 s": Seconds(412 * time.Millisecond), "3 min 20 s": Seconds(200 * time.Second), "2 h 0 min": Seconds(2 * time.Hour),
		"1 finding": Count(1, "finding"), "2,300 findings": Count(2300, "finding"), "3 entries": Count(3, "entry"), "1,234,567": Number(1234567), "-5": Number(-5),
		"Do this": Sentence("Do this. Then that."), "Use e.g. this": Sentence("Use e.g. this."), "One line": Sentence("One\n line"),
		"1 critical, 2 low": Counts{finding.Critical: 1, finding.Low: 2}.String(), "none": Counts{}.String(),
		"3 paths left out on purpose: 2 link; 1 fifo": Skipped([]scan.Skip{{Reason: "link"}, {Reason: "fifo"}, {Reason: "link"}}),
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestModelsWorstFirst(t *testing.T) {
	at := func(path string, v asset.Verdict) asset.Asset {
		return asset.Asset{Ref: asset.Ref{Path: path}, Verdict: v}
	}
	got := Models([]asset.Asset{at("a", asset.OK), at("b", asset.Unknown), at("c", asset.Failed), at("e", asset.Malicious), at("d", asset.Malicious)})
	want := []asset.Asset{at("d", asset.Malicious), at("e", asset.Malicious), at("c", asset.Failed), at("a", asset.OK)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("2 malicious, 1 error, 1 ok", Verdicts(got)); diff != "" {
		t.Error(diff)
	}
}

func FuzzWriteJSON(f *testing.F) {
	f.Add("plain")
	f.Add("\u202e\U000e0041\x1b\x7f\u0085<>&")
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		if err := WriteJSON(&b, map[string]string{"s": s}); err != nil {
			t.Fatal(err)
		}
		var got, want map[string]string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		plain, _ := json.Marshal(map[string]string{"s": s})
		_ = json.Unmarshal(plain, &want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("escaping changed the value (-want +got):\n%s", diff)
		}
	})
}
