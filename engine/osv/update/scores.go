package update

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/safeio"
)

// maxScores bounds the catalogues beside the advisories.
const maxScores = 256 << 20

// readKEV reads CISA's catalogue: {"vulnerabilities": [{"cveID": "CVE-..."}]}.
func readKEV(file string) (map[string]bool, error) {
	raw, err := safeio.ReadFile(file, maxScores)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Vulnerabilities []struct {
			ID string `json:"cveID"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: not the catalogue of known exploited vulnerabilities: %w", file, err)
	}
	ids := map[string]bool{}
	for _, v := range doc.Vulnerabilities {
		if v.ID != "" {
			ids[v.ID] = true
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: names no vulnerability: want {\"vulnerabilities\": [{\"cveID\": ...}]}", file)
	}
	return ids, nil
}

// readEPSS reads the daily scores: a comment, a line of names, then cve,epss,percentile.
func readEPSS(file string) (map[string]float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		r = z
	}
	rows := csv.NewReader(io.LimitReader(r, maxScores))
	rows.Comment, rows.ReuseRecord, rows.FieldsPerRecord = '#', true, -1
	scores := map[string]float64{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(row) < 2 || !strings.HasPrefix(row[0], "CVE-") {
			continue // the names of the columns
		}
		p, err := strconv.ParseFloat(row[1], 64)
		if err != nil || p < 0 || p > 1 {
			return nil, fmt.Errorf("%s: %s: %q is no probability", file, row[0], row[1])
		}
		scores[strings.Clone(row[0])] = p
	}
	if len(scores) == 0 {
		return nil, fmt.Errorf("%s: no scores in it: want lines of cve,epss,percentile", file)
	}
	return scores, nil
}
