package sign

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/merlon-security/merlon/sign/key"
)

// write makes files below a new folder: name, content, name, content.
func write(t testing.TB, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		put(t, filepath.Join(dir, filepath.FromSlash(pairs[i])), pairs[i+1])
	}
	return dir
}

func put(t testing.TB, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB, typ key.Type) *key.Private {
	t.Helper()
	k, err := key.Generate(typ)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSign(t testing.TB, path string, k Signer, o Options) []byte {
	t.Helper()
	sig, _, err := Sign(context.Background(), path, k, o)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}
