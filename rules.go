package merlon

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Rules lists the rules of all scanners, ordered by id.
func Rules() []finding.Rule { return rulesOf(append(Scanners(), DeepScanners()...)) }

func rulesOf(scanners []scan.Scanner) []finding.Rule {
	var rules []finding.Rule
	for _, s := range scanners {
		rules = append(rules, s.Info().Rules...)
	}
	slices.SortFunc(rules, func(a, b finding.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// RulesDigest names the set of rules, their texts included, in lower-case hex: two
// reports with the same digest were judged by the same rules.
func RulesDigest() string { return digestOfRules(append(Scanners(), DeepScanners()...)) }

func digestOfRules(scanners []scan.Scanner) string {
	type version struct{ ID, Version string }
	var versions []version
	for _, s := range scanners {
		info := s.Info()
		versions = append(versions, version{info.ID, info.Version})
	}
	b, err := json.Marshal(struct {
		Rules    []finding.Rule
		Scanners []version
	}{rulesOf(scanners), versions})
	if err != nil {
		panic(err) // plain data always encodes
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
