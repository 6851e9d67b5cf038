package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/sign"
	"github.com/merlon-security/merlon/text/strictyaml"
	"github.com/spf13/cobra"
)

type attestFlags struct {
	predicate string
	typ       string
	key       keyFlags
	output    string
	dir       string
	ignore    []string
}

func newAttest(s streams) *cobra.Command {
	var f attestFlags
	cmd := &cobra.Command{
		Use:   "attest PATH",
		Short: "sign a statement about a model, dataset or other file or folder",
		Long: `attest binds a predicate, a JSON document of a known form, to the digest of PATH and
signs it (in-toto Statement v1 in a DSSE envelope). PATH may also be a digest,
sha256:HEX.

Types: ` + kindList() + `.
A type that merlon does not define is named by its URI; its form is not checked.

Exit code: 0 signed, 2 usage, 3 PATH could not be read, 4 the predicate does not have
the form of its type.`,
		Example: `  merlon attest ./my-model --type card --predicate card.json --key me.key --output card.dsse.json
  merlon attest ./my-model --type approval --predicate ok.json --key me.key --evidence evidence`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible()
			defer stop()
			return f.run(ctx, s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.predicate, "predicate", "", "JSON `FILE` with what is stated")
	fl.StringVar(&f.typ, "type", "", "type of the predicate: one of the above, or a URI")
	f.key.register(cmd)
	fl.StringVarP(&f.output, "output", "o", "", "write the signed statement to `FILE`")
	fl.StringVar(&f.dir, "evidence", "", "keep the signed statement in the folder of evidence `DIR`")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "a file or folder that is not part of the model, `PATH` below it; may be given many times")
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(strings.Split(kindList(), ", "), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// kindList names what can be attested.
func kindList() string {
	var names []string
	for _, k := range evidence.Kinds() {
		if k != evidence.KindProvenance { // of build services; read, not made
			names = append(names, string(k))
		}
	}
	return strings.Join(names, ", ")
}

// predicateType resolves --type.
func predicateType(name string) (string, error) {
	if t := evidence.Kind(name).Type(); t != "" {
		return t, nil
	}
	if strings.HasPrefix(name, "https://") {
		return name, nil
	}
	if near := strictyaml.Nearest(name, strings.Split(kindList(), ", ")); near != "" {
		return "", usageErrorf("unknown --type %q; did you mean %s? (one of %s, or a URI)", name, near, kindList())
	}
	return "", usageErrorf("unknown --type %q (one of %s, or a URI)", name, kindList())
}

const maxPredicate = 16 << 20 // bytes

func (f attestFlags) run(ctx context.Context, s streams, path string) error {
	switch {
	case f.predicate == "":
		return usageErrorf("--predicate is missing: name the JSON file with what is stated")
	case f.typ == "":
		return usageErrorf("--type is missing (one of %s, or a URI)", kindList())
	case f.output == "" && f.dir == "":
		return usageErrorf("say where to write: --output FILE, or --evidence DIR")
	}
	typ, err := predicateType(f.typ)
	if err != nil {
		return err
	}
	predicate, err := safeio.ReadFile(f.predicate, maxPredicate)
	if err != nil {
		return usageErrorf("--predicate: %w", err)
	}
	subject, err := subjectOf(ctx, path, f.dir, f.ignore)
	if err != nil {
		return err
	}
	st := evidence.Statement{Type: evidence.StatementType, Subject: []evidence.Subject{subject}, PredicateType: typ, Predicate: predicate}
	if err := st.Check(); err != nil {
		return invalidErrorf("%s: %w", f.predicate, err)
	}
	if st.Kind() != "" {
		if _, err := st.Decode(); err != nil {
			return invalidErrorf("%s: %w", f.predicate, err)
		}
	} else if err := evidence.Strict(predicate); err != nil {
		return invalidErrorf("%s: %w", f.predicate, err)
	}
	signer, err := f.key.signer(ctx)
	if err != nil {
		return err
	}
	e, err := evidence.Sign(ctx, st, signer)
	if err != nil {
		return err
	}
	return f.store(s, e, subject, signer)
}

func (f attestFlags) store(s streams, e *evidence.Envelope, subject evidence.Subject, signer sign.Signer) error {
	var files []string
	if f.output != "" {
		b, err := e.Encode()
		if err != nil {
			return err
		}
		err = safeio.WriteFile(f.output, 0o644, func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
		files = append(files, f.output)
	}
	if f.dir != "" {
		stored, err := (evidence.Folder{Dir: f.dir}).Add(e)
		if err != nil {
			return err
		}
		files = append(files, stored...)
	}
	fmt.Fprintf(s.out, "attested   %s\nsubject    sha256:%s\nkey        %s\n", subject.Name, subject.Digest["sha256"], signer.PublicKey().KeyID())
	for _, file := range files {
		fmt.Fprintf(s.out, "written    %s\n", file)
	}
	return nil
}

var digestRef = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) })

// subjectOf names what a verb about evidence is about: a path, or a digest. A folder
// of evidence below the path is not part of it.
func subjectOf(ctx context.Context, path, dir string, ignore []string) (evidence.Subject, error) {
	if digestRef().MatchString(path) {
		return evidence.Subject{Name: path, Digest: map[string]string{"sha256": path[len("sha256:"):]}}, nil
	}
	if err := exists(path); err != nil {
		return evidence.Subject{}, err
	}
	o := sign.IdentityOptions{Ignore: ignore}
	if _, err := sign.CleanIgnore(ignore); err != nil {
		return evidence.Subject{}, usageErrorf("--ignore: %w", err)
	}
	if rel, ok := sign.Below(path, dir); ok {
		o.Ignore = append(o.Ignore, rel)
	}
	id, err := sign.Identify(ctx, path, o)
	if err != nil {
		return evidence.Subject{}, err
	}
	return id.Subject(), nil
}
