package docs

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
)

// registryAddress starts a registry on this machine, for documents that name $REGISTRY.
// It ends with the tests.
var registryAddress = sync.OnceValue(func() string {
	s := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	return strings.TrimPrefix(s.URL, "http://")
})
