package beside

import "github.com/merlon-security/merlon/asset"

// Name is the name by which a loader would judge a file: that of the file or archive
// member itself; empty for what lies further inside, like an object in a file.
func Name(r asset.Ref) string {
	if n := len(r.Inner); n > 0 && r.Inner[n-1].Kind != asset.Member {
		return ""
	}
	return r.Name()
}
