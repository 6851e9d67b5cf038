package pickle

import (
	"strings"
	"testing"

	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func TestHostile(t *testing.T) {
	for name, content := range map[string]string{
		"a.pkl": p2(call(glob("collections", "OrderedDict"))),
		"b.pkl": p4(list(str("a"), str("b"))),
		"c.pkl": "(dp0\nS'a'\np1\n(lp2\nI1\nas.",
		"d.pkl": evilFile,
		"e.pkl": p4(raw(evilFile)) + strings.Repeat("\x00", 20) + p2("N"),
	} {
		// A stack of pickles is whole after each of them, and before the zeros behind it.
		artifacttest.Truncate(t, New(), name, []byte(content), func(n int) bool { return name == "e.pkl" })
		artifacttest.Mutate(t, New(), name, []byte(content), 300)
	}
}
