package keycheck

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/merlon-security/merlon/text/secret"
)

// issuer is every issuer there is, on this machine: whatever host is asked, it answers.
func issuer(t *testing.T, handler http.HandlerFunc) *Checker {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(&bytes.Buffer{}, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := New(&http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the certificate is for another name
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
		},
	})
	c.pause = time.Millisecond
	return c
}

// TestCheck: every issuer in the table is asked in its own way, once for a value.
func TestCheck(t *testing.T) {
	var asked atomic.Int64
	c := issuer(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		credential := r.Header.Get("Authorization") + r.Header.Get("x-api-key")
		user, _, _ := r.BasicAuth()
		switch {
		case r.Method != http.MethodGet:
			t.Errorf("%s %s", r.Method, r.URL)
		case strings.Contains(credential+user, "good"):
			w.WriteHeader(http.StatusOK)
		case strings.Contains(credential+user, "bad"):
			w.WriteHeader(http.StatusUnauthorized)
		case strings.Contains(credential+user, "moved"):
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		default:
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	types := map[string]bool{}
	for _, ty := range secret.Types() {
		types[ty.ID] = true
	}
	for _, id := range Types() {
		if !types[id] {
			t.Errorf("%s: there is no such type", id)
		}
		if !strings.HasPrefix(requests()[id].address, "https://") {
			t.Errorf("%s: asked at %s", id, requests()[id].address)
		}
		for value, want := range map[string]State{"good": Works, "bad": Refused, "moved": Unknown, "busy": Unknown} {
			value += "-" + id
			for range 2 {
				state, ok, err := c.Check(t.Context(), id, value)
				if state != want || !ok || err != nil && (want != Unknown || strings.Contains(err.Error(), value)) {
					t.Errorf("%s: %s: %s, %t, %v", id, value, state, ok, err)
				}
			}
		}
	}
	if n := asked.Load(); n != int64(4*len(Types())) {
		t.Errorf("%d requests for %d values", n, 4*len(Types()))
	}
	if _, ok, _ := c.Check(t.Context(), "generic-password", "x"); ok {
		t.Error("a password is sent to somebody")
	}
}

// TestBounds: an issuer that hangs costs the time limit and no more, and a list of keys
// is not tried through.
func TestBounds(t *testing.T) {
	c := issuer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c.client.Timeout = 20 * time.Millisecond
	if state, _, err := c.Check(t.Context(), "groq-api-key", "x"); state != Unknown || err == nil {
		t.Errorf("%s, %v", state, err)
	}
	c = issuer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	c.pause = 0
	for i := range most {
		if _, _, err := c.Check(t.Context(), "groq-api-key", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := c.Check(t.Context(), "groq-api-key", "one more"); !errors.Is(err, ErrMany) {
		t.Errorf("%v", err)
	}
}
