package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/merlon-security/merlon/sign/key"
	"github.com/merlon-security/merlon/sign/transit"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// passphraseVar holds the passphrase of an encrypted key. It never goes on a command
// line, where other users of the machine could read it.
const passphraseVar = "MERLON_KEY_PASSPHRASE"

// keyFlags say which private key signs.
type keyFlags struct {
	key        string
	passphrase string // file
	chain      string
}

func (f *keyFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.key, "key", "", "private key: PEM `FILE`, or vault://MOUNT/keys/NAME for a key in Vault or OpenBao")
	fl.StringVar(&f.passphrase, "passphrase-file", "", "`FILE` with the passphrase of an encrypted key (default: $"+passphraseVar+", or asked for)")
}

// signer opens the key.
func (f keyFlags) signer(ctx context.Context) (sign.Signer, error) {
	if f.key == "" {
		return nil, usageErrorf("--key is missing: name a private key (merlon key generate NAME makes one)")
	}
	if strings.HasPrefix(f.key, transit.Scheme) {
		k, err := transit.Open(ctx, f.key, os.LookupEnv)
		if err != nil {
			return nil, usageErrorf("--key: %w", err)
		}
		return k, nil
	}
	k, err := key.LoadSigner(f.key, func() ([]byte, error) { return readPassphrase(f.passphrase, "passphrase of "+f.key) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageErrorf("--key: %s does not exist (merlon key generate NAME makes a key)", f.key)
	case errors.Is(err, key.ErrPassphrase):
		return nil, usageErrorf("--key: %w (--passphrase-file FILE, or $%s)", err, passphraseVar)
	case err != nil:
		return nil, usageErrorf("--key: %w", err)
	}
	return k, nil
}

// certificates reads --cert-chain of a verb that signs: the signer's certificate
// first.
func (f keyFlags) certificates() ([][]byte, error) {
	if f.chain == "" {
		return nil, nil
	}
	list, err := key.LoadCertificates(f.chain)
	if err != nil {
		return nil, usageErrorf("--cert-chain: %w", err)
	}
	var out [][]byte
	for _, c := range list {
		out = append(out, c.Raw)
	}
	return out, nil
}

const maxPassphrase = 1 << 10 // bytes

// readPassphrase finds a passphrase: in a file, in the environment, or by asking.
func readPassphrase(file, prompt string) ([]byte, error) {
	if file != "" {
		b, err := safeio.ReadFile(file, maxPassphrase)
		return bytes.TrimRight(b, "\r\n"), err
	}
	if p := os.Getenv(passphraseVar); p != "" {
		return []byte(p), nil
	}
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) || !isTerminal(os.Stderr) {
		return nil, key.ErrPassphrase
	}
	fmt.Fprint(os.Stderr, prompt+": ")
	b, err := term.ReadPassword(fd)
	fmt.Fprintln(os.Stderr)
	return b, err
}

// publicKey reads a key to verify with: a PEM file, or what a transit engine says.
func publicKey(ctx context.Context, ref string) (*key.Public, error) {
	if strings.HasPrefix(ref, transit.Scheme) {
		k, err := transit.Open(ctx, ref, os.LookupEnv)
		if err != nil {
			return nil, usageErrorf("--key: %w", err)
		}
		return k.PublicKey(), nil
	}
	p, err := key.LoadPublic(ref)
	if err != nil {
		return nil, usageErrorf("--key: %w", err)
	}
	return p, nil
}

// roots reads --cert-chain of a verb that verifies: what to trust.
func roots(file string) (*key.Roots, error) {
	list, err := key.LoadCertificates(file)
	if err != nil {
		return nil, usageErrorf("--cert-chain: %w", err)
	}
	r, err := key.NewRoots(list)
	if err != nil {
		return nil, usageErrorf("--cert-chain %s: %w", file, err)
	}
	return r, nil
}

// certificateName is how a certificate is shown to people.
func certificateName(c *x509.Certificate) string {
	return fmt.Sprintf("%s, issued by %s, valid to %s", c.Subject, c.Issuer, c.NotAfter.UTC().Format("2006-01-02"))
}
