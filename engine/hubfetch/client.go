package hubfetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// hub is a client of one endpoint.
type hub struct {
	base    *url.URL
	token   string
	client  *http.Client
	proxies sync.Map // host:port of proxies that the user has set
}

const maxRedirects = 5

// parseEndpoint allows https, and http on this machine.
func parseEndpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("HF_ENDPOINT %q is no address of a hub: write https://HOST", s)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("HF_ENDPOINT %q is not encrypted: write https://HOST", s)
	}
	return u, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// folder names the endpoint in the quarantine.
func (h *hub) folder() string { return strings.ReplaceAll(h.base.Host, ":", "_") }

// get asks for a path below the endpoint, which is escaped already.
func (h *hub) get(ctx context.Context, escaped, query string) (*http.Response, error) {
	u := *h.base
	u.RawQuery = query
	u.RawPath = h.base.EscapedPath() + escaped
	var err error
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "merlon")
	req.Header.Set("Accept-Encoding", "identity") // sizes are of what is sent
	resp, err := h.client.Do(req)
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return nil, fmt.Errorf("%s: %w", public(e.URL), e.Err)
	}
	return resp, err
}

// public is an address without what is secret in it: a password, or the signature in
// the query.
func public(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that is none"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// escape keeps the slashes of a path, and nothing else that has a meaning in a URL.
func escape(p string) string {
	return strings.ReplaceAll(url.PathEscape(p), "%2F", "/")
}

// redirect is asked before each redirect is followed.
func (h *hub) redirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case req.URL.User != nil:
		return errors.New("a redirect with a password in it")
	case req.URL.Scheme != "https" && (req.URL.Scheme != "http" || h.base.Scheme != "http" || !loopback(req.URL.Hostname())):
		return fmt.Errorf("a redirect to %s://%s, which is not encrypted", req.URL.Scheme, req.URL.Host)
	}
	return nil
}

// transport sends the token to the endpoint alone, whatever redirects say, and
// connects to no address inside of a network that the hub is not in.
func (h *hub) transport() http.RoundTripper {
	plain := &net.Dialer{Timeout: 30 * time.Second}
	guarded := &net.Dialer{Timeout: 30 * time.Second, Control: outside}
	t := &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			u, err := http.ProxyFromEnvironment(r)
			if u != nil {
				h.proxies.Store(canonical(u), true)
			}
			return u, err
		},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if _, proxy := h.proxies.Load(addr); proxy || addr == canonical(h.base) || h.base.Scheme == "http" {
				return plain.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
		ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 2,
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: 60 * time.Second, MaxResponseHeaderBytes: 1 << 20,
	}
	return roundTripper{t, h}
}

type roundTripper struct {
	*http.Transport
	h *hub
}

func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	r.Header.Del("Referer")
	if t.h.token != "" && r.URL.Scheme == t.h.base.Scheme && canonical(r.URL) == canonical(t.h.base) {
		r.Header.Set("Authorization", "Bearer "+t.h.token)
	}
	return t.Transport.RoundTrip(r)
}

// canonical is the host with its port.
func canonical(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// outside refuses the addresses to which only somebody inside can connect: a redirect
// must not make this machine ask its neighbours.
func outside(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := ap.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return fmt.Errorf("a redirect to %s, which is inside of a private network", ip)
	}
	return nil
}
