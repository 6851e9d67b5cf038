package admission

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Serving says where and as whom the webhook listens.
type Serving struct {
	Listen    string // "host:port"; port 0 takes a free one
	CertFile  string // PEM, the server's certificate first
	KeyFile   string
	Ready     func(address string) // called once it listens. Optional
	ErrorLog  io.Writer            // what goes wrong with connections. Optional
	Evaluates http.Handler         // [Handler]
}

// Serve answers at /validate, and at /healthz, until ctx ends; what is being answered
// then is answered. The certificate is read again when its file changes, as it does when
// it is renewed.
func Serve(ctx context.Context, s Serving) error {
	pair := &keyPair{cert: s.CertFile, key: s.KeyFile}
	if _, err := pair.get(nil); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/validate", s.Evaluates)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	out := s.ErrorLog
	if out == nil {
		out = io.Discard
	}
	server := &http.Server{
		Handler:           mux,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get},
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(out, "merlon: ", 0),
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return err
	}
	if s.Ready != nil {
		s.Ready(listener.Addr().String())
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(end)
	}()
	if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// keyPair gives the certificate of two files as they are now.
type keyPair struct {
	cert, key string

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  [2]time.Time
}

func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var stamp [2]time.Time
	for i, name := range [...]string{k.cert, k.key} {
		if st, err := os.Stat(name); err == nil {
			stamp[i] = st.ModTime()
		}
	}
	if k.loaded != nil && stamp == k.stamp {
		return k.loaded, nil
	}
	c, err := tls.LoadX509KeyPair(k.cert, k.key)
	if err != nil {
		if k.loaded != nil {
			return k.loaded, nil // half renewed: the old one is still good
		}
		return nil, fmt.Errorf("certificate: %w", err)
	}
	k.loaded, k.stamp = &c, stamp
	return k.loaded, nil
}
