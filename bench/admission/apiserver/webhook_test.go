// Package apiserver asks the admission webhook with the client that the API server of
// Kubernetes uses.
package apiserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	webhooktesting "k8s.io/apiserver/pkg/admission/plugin/webhook/testing"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/validating"
	"k8s.io/apiserver/pkg/authentication/user"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"sigs.k8s.io/yaml"

	"github.com/merlon-security/merlon/evidence"
	merlonadmission "github.com/merlon-security/merlon/pipeline/admission"
	"github.com/merlon-security/merlon/sign/key"
)

const requests = 5000

// TestAPIServerClient sends 5,000 pods through the API server's own webhook plugin
// while the folder of evidence is taken away and brought back. No pod with an image
// that failed, or that nobody decided about, may ever pass; one that passed and was
// asked about before must.
func TestAPIServerClient(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "evidence")
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	signer, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	digest := func(i int) string { return fmt.Sprintf("%064x", i+1) }
	const images = 60 // by threes: passed, failed, never decided
	for i := range images {
		if i%3 == 2 {
			continue
		}
		d := evidence.Decision{Outcome: evidence.Pass, Policy: "strict", InputDigest: "sha256:" + digest(i), Rules: []evidence.RuleResult{}}
		if i%3 == 1 {
			d.Outcome = evidence.Fail
			d.Rules = append(d.Rules, evidence.RuleResult{ID: "signed", Outcome: evidence.Fail, Reason: "nobody signed it", Findings: []string{}})
		}
		st, err := evidence.About(evidence.NewSummary(d, "test", "image", "", nil, time.Now()), evidence.Subject{Name: "image", Digest: map[string]string{"sha256": digest(i)}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := evidence.Sign(t.Context(), st, signer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (evidence.Folder{Dir: store}).Add(e); err != nil {
			t.Fatal(err)
		}
	}

	cert, keyFile, ca := certificate(t, dir)
	handler := merlonadmission.Handler(merlonadmission.Options{
		Fresh: time.Nanosecond, // look every time: the cache must not hide that the folder is away
		Store: func(_ context.Context, about evidence.Subject) ([]evidence.Record, error) {
			records, _, err := evidence.Folder{Dir: store}.Read(about, signer.Public())
			return records, err
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- merlonadmission.Serve(ctx, merlonadmission.Serving{Listen: "127.0.0.1:0", CertFile: cert, KeyFile: keyFile, Evaluates: handler, Ready: func(a string) { ready <- a }})
	}()
	address := <-ready

	manifest, err := merlonadmission.Manifest(merlonadmission.Webhook{URL: "https://" + address + "/validate", CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	var configuration admissionv1.ValidatingWebhookConfiguration
	if err := yaml.UnmarshalStrict([]byte(manifest), &configuration); err != nil {
		t.Fatalf("the manifest is not what Kubernetes reads: %v\n%s", err, manifest)
	}

	informed := make(chan struct{})
	defer close(informed)
	plugin, err := validating.NewValidatingAdmissionWebhook(nil)
	if err != nil {
		t.Fatal(err)
	}
	client, informer := webhooktesting.NewFakeValidatingDataSource("prod", configuration.Webhooks, informed)
	plugin.SetAuthenticationInfoResolverWrapper(func(webhookutil.AuthenticationInfoResolver) webhookutil.AuthenticationInfoResolver {
		r, err := webhookutil.NewDefaultAuthenticationInfoResolver("")
		if err != nil {
			t.Error(err)
		}
		return r
	})
	plugin.SetServiceResolver(webhookutil.NewDefaultServiceResolver())
	plugin.SetExternalKubeClientSet(client)
	plugin.SetExternalKubeInformerFactory(informer)
	informer.Start(informed)
	informer.WaitForCacheSync(informed)
	if err := plugin.ValidateInitialization(); err != nil {
		t.Fatal(err)
	}
	interfaces := webhooktesting.NewObjectInterfacesForTest()

	r := mrand.New(mrand.NewPCG(1, 2))
	answered := map[int]bool{} // images the webhook has read evidence about
	count := map[string]int{}
	var took []time.Duration
	away := false
	for n := range requests {
		if n%250 == 249 {
			if away {
				err = os.Rename(store+".away", store)
			} else {
				err = os.Rename(store, store+".away")
			}
			if err != nil {
				t.Fatal(err)
			}
			away = !away
		}
		i := r.IntN(images)
		pod := &corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("pod-", n), Namespace: "prod"},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "registry.example.com/app@sha256:" + digest(i)}}},
		}
		attributes := admission.NewAttributesRecord(pod, nil, schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, "prod", pod.Name,
			schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "", admission.Create, &metav1.CreateOptions{}, false, &user.DefaultInfo{Name: "somebody"})
		start := time.Now()
		err := plugin.Validate(t.Context(), attributes, interfaces)
		took = append(took, time.Since(start))
		said := ""
		if err != nil {
			said = err.Error()
		}
		switch {
		case err == nil:
			count["admitted"]++
			if i%3 != 0 {
				t.Fatalf("request %d: an image that must not run was admitted (%d)", n, i%3)
			}
			if away && !answered[i] {
				t.Fatalf("request %d: admitted although nothing could be known", n)
			}
		case !strings.Contains(said, "merlon:"):
			t.Fatalf("request %d: refused by something else: %v", n, err)
		case i%3 == 0 && (!away || answered[i]):
			t.Fatalf("request %d: an image with a passing decision was refused: %v", n, err)
		default:
			count["refused"]++
		}
		if !away {
			answered[i] = true
		}
	}
	slices.Sort(took)
	t.Logf("%d requests: %v; half within %v, 99 of 100 within %v", requests, count, took[len(took)/2], took[len(took)*99/100])
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func certificate(t *testing.T, dir string) (cert, keyFile string, ca []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "webhook"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, b := range map[string][]byte{cert: ca, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, keyFile, ca
}
