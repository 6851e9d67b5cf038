package gate

import (
	"embed"
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/text/strictyaml"
)

//go:embed policies/*.yaml
var policies embed.FS

// Builtin lists the names of the built-in policies, the mildest first.
func Builtin() []string {
	return []string{"baseline", "strict", "llm-app", "eu-ai-act-high-risk", "regulated-health"}
}

// Named returns a built-in policy.
func Named(name string) (Policy, error) {
	for _, n := range Builtin() {
		if n != name {
			continue
		}
		doc, err := policies.ReadFile("policies/" + n + ".yaml")
		if err != nil {
			return Policy{}, err
		}
		return Parse(doc)
	}
	if near := strictyaml.Nearest(name, Builtin()); near != "" {
		return Policy{}, fmt.Errorf("unknown policy %q; did you mean %q?", name, near)
	}
	return Policy{}, fmt.Errorf("unknown policy %q: a file, or one of %s", name, strings.Join(Builtin(), ", "))
}

// Source returns the text of a built-in policy, "" for an unknown one.
func Source(name string) string {
	doc, _ := policies.ReadFile("policies/" + name + ".yaml")
	return string(doc)
}
