package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Masked returns what may be printed of the value: its length, and of a value that
// chance made the first four characters, which tell it from others to its owner
// and nothing to anybody else.
func (m *Match) Masked(text []byte) string {
	n := m.End - m.Start
	if strings.HasPrefix(m.Type.ID, "private-key") {
		return fmt.Sprintf("(%d bytes)", n)
	}
	if n < 20 || strings.HasPrefix(m.Type.ID, "generic-password") || strings.HasPrefix(m.Type.ID, "url-") {
		return fmt.Sprintf("(%d characters)", n)
	}
	return fmt.Sprintf("%s… (%d characters)", text[m.Start:m.Start+4], n)
}

// Identity names a strong value without giving it away: 32 hexadecimal digits of
// its SHA-256, which nobody inverts for 100 random bits. For any other value it is
// empty: a hash of what can be guessed gives it away.
func (m *Match) Identity(text []byte) string {
	if !m.Strong {
		return ""
	}
	sum := sha256.Sum256(append([]byte("merlon secret\x00"), text[m.Start:m.End]...))
	return hex.EncodeToString(sum[:16])
}
