package secret

import (
	"bytes"
	"encoding/base64"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/secret"
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// kubernetes looks into the data of manifests of kind Secret, where values are in
// base64 and too short to be found as such: every value is shown to the detector as
// an assignment to its key (Kubernetes, "Secret v1 core"). It returns the lines that
// it understood.
func (r *reporter) kubernetes(d *secret.Detector, b []byte) (seen []span) {
	if !bytes.Contains(b, []byte("Secret")) {
		return nil
	}
	offset := 0
	secretDoc, in, indent, number := false, false, 0, 0
	for line := range bytes.Lines(b) {
		number++
		begin := offset
		offset += len(line)
		trimmed := bytes.TrimLeft(line, " ")
		depth := len(line) - len(trimmed)
		trimmed = bytes.TrimRight(trimmed, "\r\n \t,")
		switch {
		case bytes.HasPrefix(line, []byte("---")):
			secretDoc, in = false, false
		case bytes.Equal(trimmed, []byte("kind: Secret")), bytes.Equal(trimmed, []byte(`"kind": "Secret"`)):
			secretDoc = true
		case bytes.Equal(trimmed, []byte("data:")), bytes.Equal(trimmed, []byte(`"data": {`)):
			in, indent = true, depth
		case in && depth <= indent && len(trimmed) > 0:
			in = false
		}
		key, value, ok := bytes.Cut(trimmed, []byte(":"))
		if !in || !ok || len(value) > 64<<10 {
			continue
		}
		plain, err := base64.StdEncoding.DecodeString(string(bytes.Trim(value, ` "'`)))
		if err != nil || len(plain) < 6 || !secretDoc && !bytes.Contains(b, []byte("kind: Secret")) && !bytes.Contains(b, []byte(`"kind": "Secret"`)) {
			continue
		}
		seen = append(seen, span{begin, offset})
		text := append(append(bytes.Trim(key, ` "'`), '='), plain...)
		found := d.Find(text)
		for i := range found {
			r.add(text, &found[i], finding.Location{Ref: r.ref, Line: number, Col: depth + 1}, "in base64 of a Kubernetes Secret", found)
		}
	}
	return seen
}
