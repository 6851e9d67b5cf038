//go:build !linux || !(amd64 || arm64)

package watch

import (
	"os"
	"time"
)

// Listener receives what watched programs are about to do.
type Listener struct{}

// Child returns [ErrUnsupported].
func Child(int, string, []string, []string) error { return ErrUnsupported }

// Sockets returns [ErrUnsupported].
func Sockets() (parent, child *os.File, err error) { return nil, nil, ErrUnsupported }

// Receive returns [ErrUnsupported].
func Receive(*os.File) (*Listener, error) { return nil, ErrUnsupported }

// Close does nothing.
func (*Listener) Close() error { return nil }

// Serve returns [ErrUnsupported].
func (*Listener) Serve(<-chan struct{}, time.Duration, func(Event)) (bool, error) {
	return false, ErrUnsupported
}
