package archive

import (
	"path"
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/model/artifact/pickle"
)

// layout returns the hint for each member: what kind of model the archive is tells
// how the pickles in it are loaded. Beside a data.pkl, persistent ids name storages
// that are members too, which package torchzip checks.
func layout(members []archive.Member) func(m *archive.Member) string {
	for i := range members {
		if strings.EqualFold(path.Base(members[i].Name), "data.pkl") {
			return func(m *archive.Member) string {
				if strings.EqualFold(path.Ext(m.Name), ".pkl") {
					return pickle.HintTorch
				}
				return ""
			}
		}
	}
	return func(*archive.Member) string { return "" }
}
