package gate

import "slices"

// verdicts from best to worst.
var verdicts = []string{"", "ok", "unverified", "error", "malicious"}

func worseVerdict(a, b string) string {
	if slices.Index(verdicts, a) > slices.Index(verdicts, b) {
		return a
	}
	return b
}

// worseItem is what is left of one finding that two scans report. What is not
// suppressed in one of them is not.
func worseItem(a, b Item) Item {
	worst := a
	if b.Severity > a.Severity || b.Severity == a.Severity && b.Path < a.Path {
		worst = b
	}
	worst.Severity, worst.Confidence = max(a.Severity, b.Severity), max(a.Confidence, b.Confidence)
	switch {
	case a.Suppressed == "" || b.Suppressed == "":
		worst.Suppressed = ""
	case a.Suppressed != b.Suppressed:
		worst.Suppressed = "baseline" // counts where old findings do
	}
	return worst
}
