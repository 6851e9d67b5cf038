package transit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/merlon-security/merlon/safeio"
)

const (
	timeout = 30 * time.Second
	maxCA   = 1 << 20 // bytes
)

// server is where the keys are, and who asks.
type server struct {
	base      string // without a slash at the end
	token     string
	namespace string
	client    *http.Client
}

// newServer reads the environment. The token is sent over TLS only, or to this
// machine; redirections are not followed, so that it goes nowhere else.
func newServer(env func(string) (string, bool)) (*server, error) {
	get := func(name string) string {
		for _, prefix := range []string{"VAULT_", "BAO_"} {
			if v, ok := env(prefix + name); ok && v != "" {
				return v
			}
		}
		return ""
	}
	s := &server{base: strings.TrimRight(get("ADDR"), "/"), token: get("TOKEN"), namespace: get("NAMESPACE")}
	if s.base == "" || s.token == "" {
		return nil, errors.New("set VAULT_ADDR and VAULT_TOKEN (or BAO_ADDR and BAO_TOKEN) to use a key in Vault or OpenBao")
	}
	u, err := url.Parse(s.base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("VAULT_ADDR is not an address such as https://vault.example:8200")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fmt.Errorf("VAULT_ADDR %s would send the token in the clear: use https", s.base)
	}
	if strings.ContainsAny(s.token+s.namespace, "\r\n") {
		return nil, errors.New("VAULT_TOKEN or VAULT_NAMESPACE has a line break in it")
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := get("CACERT"); file != "" {
		b, err := safeio.ReadFile(file, maxCA)
		if err != nil {
			return nil, fmt.Errorf("VAULT_CACERT: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("VAULT_CACERT: no certificate in %s", file)
		}
	}
	s.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
