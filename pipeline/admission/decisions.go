package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/evidence"
)

// Store gives the evidence about a subject, as [evidence.Folder.Read] does: verified
// records in order of time. It may fail and come back.
type Store func(ctx context.Context, subject evidence.Subject) ([]evidence.Record, error)

// verdict is what is known about one digest.
type verdict struct {
	allowed bool
	reason  string
	record  string // digest of the decision that counted
	until   time.Time
}

// decisions answers whether a digest carries a passing decision, from a cache where it
// can. An answer is kept as long as it is fresh; while the store cannot be read an old
// answer is used for as long as stale allows, and nothing is guessed beyond it.
type decisions struct {
	store    Store
	policies []string // digests of policies that count; empty: any
	maxAge   time.Duration
	fresh    time.Duration
	stale    time.Duration
	now      func() time.Time

	mu    sync.Mutex
	known map[string]*entry
}

type entry struct {
	v     verdict
	asked time.Time // when v was found; zero: never
}

// maxKnown bounds the cache; past it everything is forgotten, which costs time only.
const maxKnown = 100_000

// about gives the verdict on a digest. The error is that of the store: nothing is
// known.
func (d *decisions) about(ctx context.Context, digest string) (verdict, error) {
	d.mu.Lock()
	if d.known == nil || len(d.known) > maxKnown {
		d.known = map[string]*entry{}
	}
	e := d.known[digest]
	if e == nil {
		e = &entry{}
		d.known[digest] = e
	}
	now := d.now()
	if !e.asked.IsZero() && now.Sub(e.asked) < d.fresh && (e.v.until.IsZero() || now.Before(e.v.until)) {
		v := e.v
		d.mu.Unlock()
		return v, nil
	}
	d.mu.Unlock()

	v, err := d.ask(ctx, digest, now)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		if !e.asked.IsZero() && now.Sub(e.asked) < d.stale && (e.v.until.IsZero() || now.Before(e.v.until)) {
			return e.v, nil
		}
		return verdict{}, err
	}
	e.v, e.asked = v, now
	return v, nil
}

// ask reads the store. The newest decision of a policy that counts decides.
func (d *decisions) ask(ctx context.Context, digest string, now time.Time) (verdict, error) {
	records, err := d.store(ctx, evidence.SubjectOf(digest))
	if err != nil {
		return verdict{}, err
	}
	other := false
	for _, r := range slices.Backward(records) {
		s, ok := r.Predicate.(*evidence.Summary)
		if !ok {
			continue
		}
		if len(d.policies) > 0 && !slices.Contains(d.policies, s.Policy.Digest["sha256"]) {
			other = true
			continue
		}
		v := verdict{record: r.Digest}
		if d.maxAge > 0 {
			v.until = s.TimeVerified.Add(d.maxAge)
		}
		switch {
		case s.TimeVerified.After(now.Add(clockSkew)):
			v.reason = fmt.Sprintf("its decision is of %s, which is in the future: look at the clocks", s.TimeVerified.Format(time.RFC3339))
		case d.maxAge > 0 && now.Sub(s.TimeVerified) > d.maxAge:
			v.reason = fmt.Sprintf("its decision of %s is older than %s: decide again with merlon gate", s.TimeVerified.Format(time.RFC3339), d.maxAge)
		case s.Result != evidence.VSAPassed:
			v.reason = fmt.Sprintf("its decision of %s is %s%s", s.TimeVerified.Format(time.RFC3339), s.Result, whatFailed(s))
		default:
			v.allowed = true
			v.reason = fmt.Sprintf("passed on %s", s.TimeVerified.Format(time.RFC3339))
		}
		return v, nil
	}
	if other {
		return verdict{reason: "it has decisions, none by a policy that counts here"}, nil
	}
	return verdict{reason: "nobody has decided about it: run merlon gate with --sign"}, nil
}

// clockSkew is how far clocks may be apart.
const clockSkew = 2 * time.Minute

// whatFailed names the rules of the policy that did not hold.
func whatFailed(s *evidence.Summary) string {
	if s.Decision == nil {
		return ""
	}
	var ids []string
	for _, r := range s.Decision.Rules {
		if r.Outcome == evidence.Fail || r.Outcome == evidence.Incomplete {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return " (" + strings.Join(ids, ", ") + ")"
}
