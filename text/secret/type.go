// Package secret finds credentials in text: keys, tokens and passwords of some 560
// kinds, told by their format, their checksum, the name they are given and, where
// nothing else speaks, by whether chance made them.
//
// For most uses call [Default] and [Detector.Find]. A [Match] says where the value
// is; the value itself is never copied out: what may be printed is [Match.Masked].
package secret

import (
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/finding"
)

// Type is a kind of credential.
type Type struct {
	ID       string // "anthropic-api-key": lower case, unique
	Provider string // who issues it; whom to ask for a new one
	Title    string // what it is: "API key"
	// Pattern is the format of the value in RE2 syntax. It holds for the whole
	// value: what follows must not continue it.
	Pattern string
	// Near lists words in lower case, separated by spaces, of which one must be in
	// the name that the value is given or shortly before: many providers issue keys
	// that are just characters. Optional.
	Near string
	// Alone says that the format tells the value although it has no literal to look
	// for: it is tried on what any name of a secret is given. Optional.
	Alone bool
	// Check looks at what a pattern cannot say. Optional.
	Check func(value string) Verdict
	// Fix turns a string that fits the pattern into one that passes Check. Used by
	// [Type.Example]. Optional.
	Fix      func(value string) string
	Severity finding.Severity // what it means that the value leaked
	Rotate   string           // where to revoke it and to make another
	search   *search          // a rule of gitleaks, instead of a pattern
	Note     string           // what the holder can do with it, when the title does not say. Optional
}

// Verdict is what a check thinks of a value. The zero value has no objection.
type Verdict struct {
	Refuse     bool               // not a credential of this type
	Type       string             // id of a more specific type. Optional
	Severity   finding.Severity   // instead of the type's. Optional
	Confidence finding.Confidence // instead of the usual. Optional
	Note       string             // why. Optional
}

// builtin is the table of contents: every type there is.
var builtin = sync.OnceValue(func() []Type {
	return slices.Concat(aiTypes, aiToolTypes, aiNamedTypes, cloudTypes, azureTypes, platformTypes, hostTypes, registryTypes, ciTypes,
		messagingTypes, saasTypes, socialTypes, paymentTypes, observeTypes, databaseTypes, infraTypes, identityTypes, namedTypes, moreTypes, keyTypes, urlTypes, genericTypes)
})

// Types lists the built-in types, ordered by id.
func Types() []Type {
	all := slices.Clone(builtin())
	slices.SortFunc(all, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
	return all
}
