package archive

import (
	"strings"

	"github.com/merlon-security/merlon/engine/archive"
)

// HintTorch tells the scanners of members that they belong to a file of torch.save:
// persistent ids in its pickles name storages, which are members too.
const HintTorch = "torch"

// layout returns the hint for each member: what kind of model the archive is tells
// how the pickles in it are loaded.
func layout(members []archive.Member) func(m *archive.Member) string {
	for i := range members {
		if name := members[i].Name; name == "data.pkl" || strings.HasSuffix(name, "/data.pkl") {
			return func(m *archive.Member) string { return HintTorch }
		}
	}
	return func(*archive.Member) string { return "" }
}
