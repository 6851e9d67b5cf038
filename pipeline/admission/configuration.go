package admission

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Webhook says where the API server finds the webhook.
type Webhook struct {
	Name      string // of the configuration. Default "merlon"
	Service   string // of the cluster, with its Namespace
	Namespace string
	URL       string // instead of a service
	CA        []byte // PEM of the authority of the server's certificate
	Ignore    bool   // failurePolicy Ignore: workloads start while the webhook is away
	Exempt    []string
}

// Manifest is the ValidatingWebhookConfiguration (admissionregistration.k8s.io/v1) for
// it, as YAML. Nothing in it is left to a default of the cluster.
func Manifest(w Webhook) (string, error) {
	if w.Name == "" {
		w.Name = "merlon"
	}
	var client string
	switch {
	case w.URL != "" && w.Service == "":
		client = fmt.Sprintf("      url: %q\n", w.URL)
	case w.Service != "" && w.Namespace != "" && w.URL == "":
		client = fmt.Sprintf("      service:\n        name: %q\n        namespace: %q\n        path: /validate\n        port: 443\n", w.Service, w.Namespace)
	default:
		return "", fmt.Errorf("name a service with its namespace, or a URL")
	}
	if len(w.CA) == 0 {
		return "", fmt.Errorf("the certificate authority of the webhook is missing")
	}
	policy := "Fail"
	if w.Ignore {
		policy = "Ignore"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: %q
webhooks:
  - name: workloads.merlon.dev
    admissionReviewVersions: ["v1"]
    sideEffects: None
    failurePolicy: %s
    timeoutSeconds: 5
    matchPolicy: Equivalent
    clientConfig:
%s      caBundle: %s
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: NotIn
          values: [%s]
    rules:
      - apiGroups: [""]
        apiVersions: ["v1"]
        operations: ["CREATE", "UPDATE"]
        resources: ["pods", "pods/ephemeralcontainers", "replicationcontrollers"]
        scope: Namespaced
      - apiGroups: ["apps"]
        apiVersions: ["v1"]
        operations: ["CREATE", "UPDATE"]
        resources: ["deployments", "replicasets", "statefulsets", "daemonsets"]
        scope: Namespaced
      - apiGroups: ["batch"]
        apiVersions: ["v1"]
        operations: ["CREATE", "UPDATE"]
        resources: ["jobs", "cronjobs"]
        scope: Namespaced
`, w.Name, policy, client, base64.StdEncoding.EncodeToString(w.CA), quoteAll(append([]string{"kube-system"}, w.Exempt...)))
	return b.String(), nil
}

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}
