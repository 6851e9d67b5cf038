// Package keycheck asks the issuers of credentials whether a value works, with the
// smallest request that only reads. It is the only part of the search for credentials
// that uses the network, and takes part only where it is asked for.
//
// Requests go to the addresses of a table and nowhere else: https, no redirects, a time
// limit, one request a second to a host. A value is asked about once; what is remembered
// of it is a keyed hash, for as long as the program runs. Neither value nor answer is
// logged or returned.
package keycheck

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// State is what an issuer says of a value.
type State string

// The states.
const (
	Works   State = "works"   // the issuer accepts it
	Refused State = "refused" // it does not: revoked, expired, made up
	Unknown State = "unknown" // no answer, or one that says neither
)

//go:embed table.tsv
var table string

// request is how an issuer is asked.
type request struct {
	address, header, value string
	works, refused         []int
}

var requests = sync.OnceValue(func() map[string]request {
	all := map[string]request{}
	for line := range strings.Lines(table) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(c) != 6 {
			continue
		}
		header, value, _ := strings.Cut(c[2], ": ")
		all[c[0]] = request{c[1], header, value, codes(c[3]), codes(c[4])}
	}
	return all
})

func codes(list string) (out []int) {
	for s := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(s); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// Types lists the types whose issuers are asked.
func Types() []string {
	var all []string
	for id := range requests() {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// Checker asks. The zero value is not of use: see [New].
type Checker struct {
	client *http.Client
	key    []byte
	pause  time.Duration
	mu     sync.Mutex
	known  map[[sha256.Size]byte]*answer
	next   map[string]time.Time // when a host may be asked again
}

// answer is there when done is closed.
type answer struct {
	done  chan struct{}
	state State
}

// most is how many values are asked about at most, so that a list of keys is no attack
// on their issuer.
const most = 200

// ErrMany is returned by [Checker.Check] when too many values were asked about.
var ErrMany = errors.New("no more credentials are checked: that is enough for one run")

// New returns a checker that uses a transport; nil is the usual one.
func New(transport http.RoundTripper) *Checker {
	c := &Checker{
		client: &http.Client{Transport: transport, Timeout: 10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		key: make([]byte, 32), pause: time.Second, known: map[[sha256.Size]byte]*answer{}, next: map[string]time.Time{},
	}
	_, _ = rand.Read(c.key) // never fails
	return c
}

// Check asks the issuer of a type about a value. ok is false for types whose issuers are
// not asked.
func (c *Checker) Check(ctx context.Context, typ, value string) (state State, ok bool, err error) {
	how, ok := requests()[typ]
	if !ok {
		return Unknown, false, nil
	}
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte(typ + "\x00" + value))
	name := [sha256.Size]byte(h.Sum(nil))
	c.mu.Lock()
	a := c.known[name]
	mine := a == nil
	if mine {
		if len(c.known) >= most {
			c.mu.Unlock()
			return Unknown, true, ErrMany
		}
		a = &answer{done: make(chan struct{}), state: Unknown}
		c.known[name] = a
	}
	c.mu.Unlock()
	if mine {
		defer close(a.done)
		a.state, err = c.ask(ctx, how, value)
		return a.state, true, err
	}
	select {
	case <-a.done:
		return a.state, true, nil
	case <-ctx.Done():
		return Unknown, true, ctx.Err()
	}
}

func (c *Checker) ask(ctx context.Context, how request, value string) (State, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, how.address, nil)
	if err != nil || req.URL.Scheme != "https" {
		return Unknown, fmt.Errorf("address of the issuer: %q", how.address)
	}
	if err := c.wait(ctx, req.URL.Host); err != nil {
		return Unknown, err
	}
	header := strings.ReplaceAll(how.value, "%b", base64.StdEncoding.EncodeToString([]byte(value+":")))
	req.Header.Set(how.header, strings.ReplaceAll(header, "%s", value))
	if how.header == "x-api-key" {
		req.Header.Set("anthropic-version", "2023-06-01")
	}
	req.Header.Set("User-Agent", "merlon")
	resp, err := c.client.Do(req)
	if err != nil {
		return Unknown, fmt.Errorf("%s does not answer", req.URL.Host) // the cause may quote the request
	}
	_ = resp.Body.Close()
	switch {
	case slices.Contains(how.works, resp.StatusCode):
		return Works, nil
	case slices.Contains(how.refused, resp.StatusCode):
		return Refused, nil
	}
	return Unknown, fmt.Errorf("%s answers with status %d", req.URL.Host, resp.StatusCode)
}

// wait keeps requests to a host a second apart.
func (c *Checker) wait(ctx context.Context, host string) error {
	c.mu.Lock()
	now := time.Now()
	at := c.next[host]
	if at.Before(now) {
		at = now
	}
	c.next[host] = at.Add(c.pause)
	c.mu.Unlock()
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
