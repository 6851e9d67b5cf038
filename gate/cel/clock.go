package cel

import (
	"fmt"
	"regexp"
	"sync"
	"time"
)

// strictTime is RFC 3339; time.Parse accepts more.
var strictTime = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
})

func parseTime(s string) (Value, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !strictTime().MatchString(s) {
		return Value{}, fmt.Errorf("type conversion error from 'string' to 'timestamp': %q; write it as 2026-11-01T00:00:00Z", s)
	}
	if v, why := at(t); why == "" {
		return v, nil
	}
	return Value{}, fmt.Errorf("timestamp overflow: %q is not between the years 1 and 9999", s)
}

// clock is what there is to ask of times, in UTC, and of durations.
func clock() []function {
	var out []function
	add := func(name string, of *Type, do func(v Value) int64) {
		out = append(out, function{name, true, []*Type{of}, Int, func(_ *frame, a arguments) (Value, error) { return Value{n: do(a[0])}, nil }})
	}
	part := func(name string, get func(time.Time) int) {
		add(name, Timestamp, func(v Value) int64 { return int64(get(v.time().UTC())) })
	}
	part("getFullYear", time.Time.Year)
	part("getMonth", func(t time.Time) int { return int(t.Month()) - 1 })
	part("getDate", time.Time.Day)
	part("getDayOfMonth", func(t time.Time) int { return t.Day() - 1 })
	part("getDayOfWeek", func(t time.Time) int { return int(t.Weekday()) })
	part("getDayOfYear", func(t time.Time) int { return t.YearDay() - 1 })
	part("getHours", time.Time.Hour)
	part("getMinutes", time.Time.Minute)
	part("getSeconds", time.Time.Second)
	part("getMilliseconds", func(t time.Time) int { return t.Nanosecond() / 1e6 })
	whole := func(name string, unit time.Duration) {
		add(name, Duration, func(v Value) int64 { return int64(time.Duration(v.n) / unit) })
	}
	whole("getHours", time.Hour)
	whole("getMinutes", time.Minute)
	whole("getSeconds", time.Second)
	whole("getMilliseconds", time.Millisecond)
	return out
}
