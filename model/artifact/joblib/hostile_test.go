package joblib_test

import (
	"fmt"
	"testing"

	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/joblib"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

var all = []scan.Scanner{archive.New(), joblib.New(), pickle.New()}

// old is the form of joblib before 0.10.
func old() []byte {
	const pkl = "\x80\x02]q\x00K\x01a."
	return []byte(fmt.Sprintf("ZF%-19s", fmt.Sprintf("0x%x", len(pkl))) + packed(pkl))
}

func TestHostile(t *testing.T) {
	for name, b := range map[string][]byte{"old.joblib": old(), "zlib.joblib": []byte(packed("\x80\x02]q\x00K\x01a."))} {
		artifacttest.TruncateAll(t, all, name, b, nil)
		artifacttest.MutateAll(t, all, name, b, 500)
	}
}

func FuzzJoblib(f *testing.F) {
	f.Add(old())
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.FuzzAll(t, all, "m.joblib", b) })
}
