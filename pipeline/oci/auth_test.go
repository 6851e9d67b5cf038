package oci

import (
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/registry"
)

const user, password = "ada", "of-no-account"

func basicAuth() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// guarded is a registry that asks for credentials: a password, or a token that another
// server gives for it.
func guarded(t *testing.T, challenge func(w http.ResponseWriter), header string) string {
	t.Helper()
	inner := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != header {
			challenge(w)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// login writes what docker login writes.
func login(t *testing.T, host string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	write(t, dir, map[string]string{"config.json": `{"auths": {"` + host + `": {"auth": "` + strings.TrimPrefix(basicAuth(), "Basic ") + `"}}}`})
}

func roundTrip(t *testing.T, host string) error {
	t.Helper()
	model := write(t, t.TempDir(), map[string]string{"a": "1", "b": "2"})
	if _, err := Push(t.Context(), open(t, host+"/m:v1"), model, time.Now()); err != nil {
		return err
	}
	_, err := Pull(t.Context(), open(t, host+"/m:v1"), filepath.Join(t.TempDir(), "out"))
	return err
}

func TestPassword(t *testing.T) {
	host := guarded(t, func(w http.ResponseWriter) { w.Header().Set("WWW-Authenticate", `Basic realm="x"`) }, basicAuth())
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	if err := roundTrip(t, host); err == nil || !strings.Contains(err.Error(), "docker login "+host) {
		t.Errorf("without credentials: %v", err)
	}
	login(t, "other.example.com")
	if err := roundTrip(t, host); err == nil {
		t.Error("the credentials for another registry were sent")
	}
	login(t, host)
	if err := roundTrip(t, host); err != nil {
		t.Error(err)
	}
}

func TestToken(t *testing.T) {
	var asked url.Values
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked = req.URL.Query()
		if req.Header.Get("Authorization") != basicAuth() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"token": "t123"}`)
	}))
	t.Cleanup(tokens.Close)
	host := guarded(t, func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+tokens.URL+`/token",service="registry",scope="repository:m:pull,push"`)
	}, "Bearer t123")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	if err := roundTrip(t, host); err == nil || !strings.Contains(err.Error(), "gives no token") {
		t.Errorf("without credentials: %v", err)
	}
	login(t, host)
	if err := roundTrip(t, host); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(url.Values{"service": {"registry"}, "scope": {"repository:m:pull,push"}}, asked); diff != "" {
		t.Error(diff)
	}
}

// TestCredentialsStayWithTheRegistry: where it sends uploads and downloads they do not go.
func TestCredentialsStayWithTheRegistry(t *testing.T) {
	var got []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		got = append(got, req.Header.Get("Authorization"))
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(elsewhere.Close)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		case req.Method == http.MethodPost:
			w.Header().Set("Location", elsewhere.URL+"/upload")
			w.WriteHeader(http.StatusAccepted)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "http://")
	login(t, host)
	if err := roundTrip(t, host); err == nil {
		t.Error("no error")
	}
	for _, h := range got {
		if h != "" {
			t.Errorf("another server got %q", h)
		}
	}
	if len(got) == 0 {
		t.Error("nothing was uploaded: the test shows nothing")
	}
}

func TestTokensOnlyOverTLS(t *testing.T) {
	a := &authorizer{host: "registry.example.com"}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry.example.com/v2/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, challenge := range []string{`Bearer realm="http://tokens.example.com"`, `Bearer realm="/token"`, `Bearer`, `Negotiate`, ``} {
		if h, err := a.answer(http.DefaultClient, req, challenge); err == nil {
			t.Errorf("%s: %s", challenge, h)
		}
	}
}
