package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/pipeline/admission"
	"github.com/merlon-security/merlon/safeio"
)

func newAdmission(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admission",
		Short: "let workloads into Kubernetes only with a passing decision",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAdmissionServe(s), newAdmissionManifest(s))
	return cmd
}

type admissionFlags struct {
	listen, cert, key, dir string
	keys, policies         []string
	maxAge, fresh, stale   time.Duration
	open, audit            []string
	modelsOnly             bool
}

func newAdmissionServe(s streams) *cobra.Command {
	var f admissionFlags
	cmd := &cobra.Command{
		Use:   "serve --evidence DIR --key PUB --tls-cert FILE --tls-key FILE",
		Short: "run the webhook that Kubernetes asks",
		Long: `serve answers the admission reviews of Kubernetes at https://ADDRESS/validate. A
workload is admitted if every image in it, and every model that its annotation
` + admission.Annotation + ` names by digest, carries a passing decision (merlon gate --sign)
of a key given with --key. The newest decision about a digest counts.

While the folder of evidence cannot be read, what is known stays known for --stale; in
namespaces named with --open a workload that nothing is known about is then admitted,
in all others it is refused.`,
		Example: `  merlon admission serve --evidence /evidence --key gate.pub --policy strict --tls-cert tls.crt --tls-key tls.key
  merlon admission manifest --service merlon --namespace merlon --ca ca.crt | kubectl apply -f -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.serve(cmd.Context(), s) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", ":8443", "`ADDRESS` to listen on")
	fl.StringVar(&f.cert, "tls-cert", "", "certificate of the webhook, PEM; read again when it is renewed")
	fl.StringVar(&f.key, "tls-key", "", "key of the certificate, PEM")
	fl.StringVar(&f.dir, "evidence", "", "folder of evidence `DIR`")
	fl.StringArrayVar(&f.keys, "key", nil, "public key whose decisions count, `FILE` or vault://MOUNT/keys/NAME; may be given many times")
	fl.StringArrayVar(&f.policies, "policy", nil, "policy whose decisions count, a `FILE` or the name of one; may be given many times (default any)")
	fl.DurationVar(&f.maxAge, "max-age", 0, "how old a decision may be, such as 720h (default any age)")
	fl.DurationVar(&f.fresh, "fresh", 30*time.Second, "how long an answer is used again without looking")
	fl.DurationVar(&f.stale, "stale", time.Hour, "how long an answer is used while the evidence cannot be read")
	fl.StringSliceVar(&f.open, "open", nil, "`NAMESPACES` that admit workloads while the evidence about them cannot be read")
	fl.StringSliceVar(&f.audit, "audit", nil, "`NAMESPACES` in which nothing is refused, only warned about")
	fl.BoolVar(&f.modelsOnly, "models-only", false, "ask decisions of models only, not of images")
	return cmd
}

func (f admissionFlags) serve(ctx context.Context, s streams) error {
	switch {
	case f.dir == "":
		return usageErrorf("--evidence is missing: name the folder")
	case len(f.keys) == 0:
		return usageErrorf("--key is missing: name the public keys whose decisions count")
	case f.cert == "" || f.key == "":
		return usageErrorf("--tls-cert and --tls-key are missing: Kubernetes asks webhooks over TLS only")
	}
	if _, err := os.Stat(f.dir); err != nil {
		return usageErrorf("--evidence: %w", err)
	}
	keys, _, err := namedKeys(ctx, f.keys)
	if err != nil {
		return err
	}
	o := admission.Options{MaxAge: f.maxAge, Fresh: f.fresh, Stale: f.stale, Open: f.open, Audit: f.audit, ModelsOnly: f.modelsOnly}
	for _, name := range f.policies {
		p, err := policyNamed(name)
		if err != nil {
			return err
		}
		digest, err := p.Digest()
		if err != nil {
			return err
		}
		o.Policies = append(o.Policies, digest)
	}
	for _, ns := range f.open {
		if slices.Contains(f.audit, ns) {
			return usageErrorf("namespace %s is given to both --open and --audit", ns)
		}
	}
	o.Store = func(_ context.Context, about evidence.Subject) ([]evidence.Record, error) {
		records, _, err := evidence.Folder{Dir: f.dir}.Read(about, keys...)
		return records, err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = admission.Serve(ctx, admission.Serving{
		Listen: f.listen, CertFile: f.cert, KeyFile: f.key, ErrorLog: s.err, Evaluates: admission.Handler(o),
		Ready: func(address string) {
			fmt.Fprintf(s.err, "merlon: admission webhook at https://%s/validate\n", address)
		},
	})
	if err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	return nil
}

func newAdmissionManifest(s streams) *cobra.Command {
	var w admission.Webhook
	var ca string
	cmd := &cobra.Command{
		Use:   "manifest --service NAME --namespace NS --ca FILE",
		Short: "print the YAML that makes Kubernetes ask the webhook",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var err error
			if ca != "" {
				if w.CA, err = safeio.ReadFile(ca, 1<<20); err != nil {
					return usageErrorf("--ca: %w", err)
				}
			}
			text, err := admission.Manifest(w)
			if err != nil {
				return usageErrorf("%w", err)
			}
			_, err = io.WriteString(s.out, text)
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&w.Name, "name", "merlon", "name of the configuration")
	fl.StringVar(&w.Service, "service", "", "service of the webhook in the cluster")
	fl.StringVar(&w.Namespace, "namespace", "", "namespace of the service")
	fl.StringVar(&w.URL, "url", "", "address of the webhook instead of a service")
	fl.StringVar(&ca, "ca", "", "certificate of the authority that issued the webhook's, PEM")
	fl.BoolVar(&w.Ignore, "ignore-failure", false, "let workloads start while the webhook itself cannot be reached (default: refuse them)")
	fl.StringSliceVar(&w.Exempt, "exempt", nil, "`NAMESPACES` that are not asked about, besides kube-system")
	return cmd
}
