package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/merlon-security/merlon/evidence"
	"golang.org/x/mod/sumdb/note"
)

// MaxEntry is the largest encoded entry in bytes: what an entry bundle of C2SP
// tlog-tiles can hold.
const MaxEntry = 1<<16 - 1

// Entry is one thing that happened. Seq, Prev, Time and Sig are given by the ledger.
type Entry struct {
	Seq      uint64    `json:"seq"`                // from 0
	Prev     string    `json:"prev"`               // SHA-256 of the line before in hex; 64 zeros for the first
	Time     time.Time `json:"time"`               // UTC; says when, never in which order
	Actor    Actor     `json:"actor"`              // who
	Action   string    `json:"action"`             // verb and command or route: "model.promote"
	Subjects []string  `json:"subjects"`           // "sha256:..." of what it was done to
	Decision string    `json:"decision,omitempty"` // allow, deny, modify
	Reason   string    `json:"reason,omitempty"`   // why, in a code or one sentence
	Policy   string    `json:"policy,omitempty"`   // "sha256:..." of the policy in force
	Evidence []string  `json:"evidence,omitempty"` // "sha256:..." of the statements it rests on
	Request  string    `json:"request,omitempty"`  // joins records of other systems
	Sig      string    `json:"sig"`                // the ledger key's, in base64, over the entry without it
}

// Actor is a verified identity.
type Actor struct {
	Subject string `json:"subject"`          // account, service, key id
	Issuer  string `json:"issuer,omitempty"` // who vouches for the subject
	Method  string `json:"method,omitempty"` // how it was established: os, oidc, mtls, key
}

// Check reports what makes an entry unfit to be kept.
func (e Entry) Check() error {
	switch {
	case e.Actor.Subject == "":
		return errors.New("the entry names no actor")
	case e.Action == "":
		return errors.New("the entry names no action")
	case e.Decision != "" && e.Decision != "allow" && e.Decision != "deny" && e.Decision != "modify":
		return fmt.Errorf("decision %q is none of allow, deny, modify", e.Decision)
	case e.Policy != "" && !isDigest(e.Policy):
		return fmt.Errorf("policy %q is not sha256: and 64 hex digits", e.Policy)
	}
	for _, s := range append(append([]string{}, e.Subjects...), e.Evidence...) {
		if !isDigest(s) {
			return fmt.Errorf("%q is not sha256: and 64 hex digits", s)
		}
	}
	for _, s := range []string{e.Actor.Subject, e.Actor.Issuer, e.Actor.Method, e.Action, e.Reason, e.Request} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%q is not UTF-8", s)
		}
	}
	return nil
}

func isDigest(s string) bool {
	h, ok := strings.CutPrefix(s, "sha256:")
	return ok && evidence.IsSHA256(h)
}

// encode returns the one form in which an entry is kept: a line of JSON without its
// newline.
func (e Entry) encode() ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	if e.Subjects == nil {
		e.Subjects = []string{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(line) > MaxEntry {
		return nil, fmt.Errorf("the entry has %d bytes, more than %d", len(line), MaxEntry)
	}
	return line, nil
}

// decode reads a line of the write-ahead log. Only what encode writes is accepted,
// so that an entry has one digest.
func decode(line []byte) (Entry, error) {
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return e, fmt.Errorf("not an entry: %w", err)
	}
	again, err := e.encode()
	if err != nil {
		return e, err
	}
	if !bytes.Equal(again, line) {
		return e, errors.New("not written in the one form that entries have")
	}
	return e, nil
}

// hashOf names a line.
func hashOf(line []byte) string {
	h := sha256.Sum256(line)
	return hex.EncodeToString(h[:])
}

// signed returns what the signature of an entry is made over. Its first line keeps
// it apart from checkpoints, which the same key signs.
func (e Entry) signed() ([]byte, error) {
	e.Sig = ""
	line, err := e.encode()
	if err != nil {
		return nil, err
	}
	return append([]byte("merlon ledger entry v1\n"), line...), nil
}

// sign fills in Sig. An entry that is not covered by a checkpoint yet is believed
// because of it: whoever can write to the folder but has no key cannot add entries.
func (e *Entry) sign(s note.Signer) error {
	msg, err := e.signed()
	if err != nil {
		return err
	}
	sig, err := s.Sign(msg)
	e.Sig = base64.StdEncoding.EncodeToString(sig)
	return err
}

func (e Entry) verify(v note.Verifier) error {
	msg, err := e.signed()
	if err != nil {
		return err
	}
	sig, err := base64.StdEncoding.DecodeString(e.Sig)
	if err != nil || !v.Verify(msg, sig) {
		return &TamperError{Seq: &e.Seq, File: walFile, Reason: "is not signed with the ledger's key: somebody else wrote it"}
	}
	return nil
}

// noPrev is the Prev of the first entry.
var noPrev = strings.Repeat("0", 2*sha256.Size)
