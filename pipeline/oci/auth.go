package oci

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/safeio"
)

const maxConfig = 1 << 20 // bytes

// authorizer answers what a registry asks before it serves: a user and password, or a
// token that another server gives for them (Distribution token specification).
type authorizer struct {
	host           string // whom credentials are for, and nobody else
	plain          bool
	user, password string

	mu     sync.Mutex
	header string // that worked last
}

// newAuthorizer reads the credentials for a registry from the file of docker.
func newAuthorizer(name, host string, plain bool) (*authorizer, error) {
	a := &authorizer{host: host, plain: plain}
	dir := os.Getenv("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return a, nil
		}
		dir = filepath.Join(home, ".docker")
	}
	file := filepath.Join(dir, "config.json")
	b, err := safeio.ReadFile(file, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	var c struct {
		Auths map[string]struct {
			Auth          string `json:"auth"`
			IdentityToken string `json:"identitytoken"`
		} `json:"auths"`
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	keys := []string{name, "https://" + name, "http://" + name}
	if name == "docker.io" {
		keys = append(keys, "https://index.docker.io/v1/")
	}
	for _, k := range keys {
		entry, ok := c.Auths[k]
		if !ok || entry.Auth == "" {
			continue
		}
		plain, err := base64.StdEncoding.DecodeString(entry.Auth)
		user, password, ok := strings.Cut(string(plain), ":")
		if err != nil || !ok {
			return nil, fmt.Errorf("%s: the credentials for %s are not in the form of docker login", file, name)
		}
		a.user, a.password = user, strings.TrimRight(password, "\x00")
		break
	}
	return a, nil
}

// send sends a request, and once more with credentials when the registry asks for them.
// They go to the registry and the server of tokens that it names, and to no other.
func (a *authorizer) send(c *http.Client, req *http.Request) (*http.Response, error) {
	ours := sameHost(req.URL, a.host)
	a.mu.Lock()
	used := a.header
	a.mu.Unlock()
	if ours && used != "" {
		req.Header.Set("Authorization", used)
	}
	res, err := c.Do(req)
	if err != nil || res.StatusCode != http.StatusUnauthorized || !ours {
		return res, err
	}
	challenge := res.Header.Get("WWW-Authenticate")
	_ = res.Body.Close()
	header, err := a.answer(c, req, challenge)
	if err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	again.Header.Set("Authorization", header)
	a.mu.Lock()
	a.header = header
	a.mu.Unlock()
	return c.Do(again)
}

// answer returns the header that a challenge asks for.
func (a *authorizer) answer(c *http.Client, req *http.Request, challenge string) (string, error) {
	scheme, rest, _ := strings.Cut(challenge, " ")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(a.user+":"+a.password))
	switch strings.ToLower(scheme) {
	case "basic":
		if a.user == "" {
			return "", fmt.Errorf("%s asks for a password: docker login %s", a.host, a.host)
		}
		return basic, nil
	case "bearer":
	default:
		return "", fmt.Errorf("%s asks for credentials in a way that is not known: %.60q", a.host, scheme)
	}
	p := parameters(rest)
	realm, err := url.Parse(p["realm"])
	if err != nil || realm.Host == "" || realm.Scheme != "https" && !(realm.Scheme == "http" && a.plain) {
		return "", fmt.Errorf("%s names no safe server for tokens: %.200q", a.host, p["realm"])
	}
	q := realm.Query()
	for _, k := range []string{"service", "scope"} {
		if p[k] != "" {
			q.Set(k, p[k])
		}
	}
	realm.RawQuery = q.Encode()
	ask, err := http.NewRequestWithContext(req.Context(), http.MethodGet, realm.String(), nil)
	if err != nil {
		return "", err
	}
	if a.user != "" {
		ask.Header.Set("Authorization", basic)
	}
	res, err := c.Do(ask)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxConfig))
	if err != nil {
		return "", err
	}
	var token struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if res.StatusCode != http.StatusOK || json.Unmarshal(b, &token) != nil || token.Token+token.AccessToken == "" {
		return "", fmt.Errorf("%s gives no token (%s): docker login %s", realm.Host, res.Status, a.host)
	}
	if token.Token == "" {
		token.Token = token.AccessToken
	}
	return "Bearer " + token.Token, nil
}

// parameters reads key="value", separated by commas (RFC 9110, section 11.2).
func parameters(s string) map[string]string {
	out := map[string]string{}
	for s != "" {
		key, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(rest, `"`); isQuoted {
			value, rest, _ = strings.Cut(quoted, `"`)
			rest = strings.TrimPrefix(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		out[strings.ToLower(strings.Trim(key, ", "))] = value
		s = rest
	}
	return out
}
