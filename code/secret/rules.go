package secret

import (
	"fmt"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/secret"
)

// rules makes a rule of every type of credential.
var rules = sync.OnceValue(func() []finding.Rule {
	var list []finding.Rule
	for _, t := range secret.Types() {
		list = append(list, ruleOf(t))
	}
	return list
})

func ruleOf(t secret.Type) finding.Rule {
	title := t.Provider + ": " + t.Title
	switch {
	case strings.HasPrefix(t.ID, "generic-"):
		title = t.Title + " in an assignment"
	case t.Provider == "the service":
		title = t.Title
	}
	revoke := "Revoke it where it was issued, and make another"
	if t.Rotate != "" {
		revoke = "Revoke it at " + t.Rotate + " and make another"
	}
	why := "Whoever can read this file can act at " + t.Provider + " in the name of its owner. Programs search public repositories, packages and images for such values and use them within minutes."
	if t.Provider == "the service" {
		why = "Whoever can read this file can use it as its owner does. Programs search public repositories, packages and images for such values and use them within minutes."
	}
	return finding.Rule{
		ID:       "secret/" + t.ID,
		Category: finding.Secret,
		Title:    title,
		Why:      why,
		Remedy: revoke + ". Assume that it is known. Keep the new one out of files: in the environment, or in the secret store " +
			"of the platform. Removing the line is not enough where there is a history.",
		Bad:        fmt.Sprintf("a %s in a file", t.Title),
		Good:       `os.environ["NAME"]`,
		Severity:   t.Severity,
		Confidence: finding.Likely,
		CWE:        []string{"CWE-798"},
		Taxonomy:   []string{"atlas:5.6:AML.T0055", "owasp-llm:2025:LLM02"},
	}
}
