package merlon

import (
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/joblib"
	"github.com/merlon-security/merlon/model/artifact/numpy"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/model/artifact/polyglot"
	"github.com/merlon-security/merlon/model/artifact/safetensors"
	"github.com/merlon-security/merlon/model/artifact/torchzip"
	"github.com/merlon-security/merlon/scan"
)

// Scanners lists every scanner, in the order in which they see a file. This is the
// table of contents of merlon: a new scanner is one line here.
func Scanners() []scan.Scanner {
	return []scan.Scanner{
		archive.New(),
		torchzip.New(),
		joblib.New(),
		numpy.New(),
		pickle.New(),
		polyglot.New(),
		safetensors.New(),
	}
}
