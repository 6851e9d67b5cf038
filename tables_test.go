package merlon

import "testing"

// TestTables holds every scanner and rule to what reports and baselines rely on.
func TestTables(t *testing.T) {
	scanners, rules := map[string]bool{}, map[string]string{}
	for _, s := range Scanners() {
		info := s.Info()
		if info.ID == "" || info.Version == "" || scanners[info.ID] {
			t.Errorf("scanner %q: an id of its own and a version are needed", info.ID)
		}
		scanners[info.ID] = true
		for _, r := range info.Rules {
			if err := r.Check(); err != nil {
				t.Errorf("scanner %s: %v", info.ID, err)
			}
			if other := rules[r.ID]; other != "" {
				t.Errorf("rule %s is in the tables of %s and %s", r.ID, other, info.ID)
			}
			rules[r.ID] = info.ID
		}
	}
}
