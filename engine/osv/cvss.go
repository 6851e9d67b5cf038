package osv

import (
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"
)

// bestScore computes the score of the newest CVSS version among vectors, 0 to 10: base
// scores for versions 2 and 3, with what is said of threat for version 4. Vectors that
// are none are passed over.
func bestScore(vectors []severity) (vector string, score float64) {
	newest := 0
	for _, v := range vectors {
		generation, s, ok := scoreOf(v.Score)
		if ok && (generation > newest || generation == newest && s > score) {
			newest, vector, score = generation, v.Score, s
		}
	}
	return vector, score
}

func scoreOf(vector string) (generation int, score float64, ok bool) {
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		if v, err := cvss40.ParseVector(vector); err == nil {
			return 4, v.Score(), true
		}
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		if v, err := cvss31.ParseVector(vector); err == nil {
			return 3, v.BaseScore(), true
		}
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		if v, err := cvss30.ParseVector(vector); err == nil {
			return 3, v.BaseScore(), true
		}
	case strings.HasPrefix(vector, "AV:"):
		if v, err := cvss20.ParseVector(vector); err == nil {
			return 2, v.BaseScore(), true
		}
	}
	return 0, 0, false
}
