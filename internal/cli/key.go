package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign/key"
	"github.com/spf13/cobra"
)

func newKey(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "make keys that sign models and evidence",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyGenerate(s), newKeyPublic(s))
	return cmd
}

func newKeyGenerate(s streams) *cobra.Command {
	var typ, passphrase string
	var encrypt bool
	cmd := &cobra.Command{
		Use:   "generate NAME",
		Short: "write a new key pair: NAME.key, which is secret, and NAME.pub",
		Long: `generate writes a private key to NAME.key (PKCS#8 in PEM, readable by you only) and
its public key to NAME.pub. It never overwrites a file.

Models are signed with ECDSA keys (p256, p384, p521), evidence with those or with
ed25519.`,
		Example: `  merlon key generate release
  merlon key generate release --encrypt
  merlon key generate evidence --type ed25519`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(key.Types(), key.Type(typ)) {
				return usageErrorf("unknown type of key %q (one of %v)", typ, key.Types())
			}
			var pass []byte
			if encrypt || passphrase != "" {
				var err error
				if pass, err = readPassphrase(passphrase, "new passphrase"); err != nil || len(pass) == 0 {
					return usageErrorf("--encrypt: no passphrase: give --passphrase-file FILE or set $%s", passphraseVar)
				}
			}
			k, err := key.Generate(key.Type(typ))
			if err != nil {
				return err
			}
			return writeKey(s, args[0], k, pass)
		},
	}
	cmd.Flags().StringVar(&typ, "type", string(key.P256), "p256, p384, p521 or ed25519")
	cmd.Flags().BoolVar(&encrypt, "encrypt", false, "encrypt NAME.key with a passphrase (asked for, or $"+passphraseVar+")")
	cmd.Flags().StringVar(&passphrase, "passphrase-file", "", "encrypt NAME.key with the passphrase in `FILE`")
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]string{"p256", "p384", "p521", "ed25519"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// writeKey writes both files, or none of them.
func writeKey(s streams, name string, k *key.Private, pass []byte) error {
	secret, public := name+".key", name+".pub"
	if _, err := os.Lstat(public); err == nil {
		return usageErrorf("%s is already there; keys are never overwritten", public)
	}
	text, err := key.EncodePrivate(k, pass)
	if err != nil {
		return err
	}
	if err := writeNew(secret, 0o600, string(text)); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return usageErrorf("%s is already there; keys are never overwritten", secret)
		}
		return usageErrorf("%w", err)
	}
	if err := writeNew(public, 0o644, string(k.PublicKey().PEM())); err != nil {
		_ = os.Remove(secret)
		return usageErrorf("%w", err)
	}
	fmt.Fprintf(s.out, "secret  %s\npublic  %s\ntype    %s\nid      %s\n", secret, public, k.PublicKey().Type(), k.PublicKey().KeyID())
	return nil
}

func newKeyPublic(s streams) *cobra.Command {
	var f keyFlags
	var output string
	cmd := &cobra.Command{
		Use:   "public KEY",
		Short: "print the public key of a private one, also of one in Vault or OpenBao",
		Long: `public prints the public half of a key in PEM: of a file, or of a key in a transit
engine, so that its signatures can be verified offline.`,
		Example: `  merlon key public release.key
  merlon key public vault://transit/keys/release --output release.pub`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			f.key = args[0]
			k, err := f.signer(ctx)
			if err != nil {
				return err
			}
			if output == "" {
				_, err = s.out.Write(k.PublicKey().PEM())
				return err
			}
			return safeio.WriteFile(output, 0o644, func(w io.Writer) error {
				_, err := w.Write(k.PublicKey().PEM())
				return err
			})
		},
	}
	cmd.Flags().StringVar(&f.passphrase, "passphrase-file", "", "`FILE` with the passphrase of an encrypted key")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE`")
	return cmd
}
