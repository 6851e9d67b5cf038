package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/text/strictyaml"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func hash(c string) string { return strings.Repeat(c, 64) }

// decided is a store with one decision about each digest.
func decided(passed map[string]bool, policy string, at time.Time) Store {
	return func(_ context.Context, s evidence.Subject) ([]evidence.Record, error) {
		ok, known := passed[s.Digest["sha256"]]
		if !known {
			return nil, nil
		}
		d := evidence.Decision{Outcome: evidence.Fail, Policy: "strict", Rules: []evidence.RuleResult{{ID: "signed", Outcome: evidence.Fail}, {ID: "fine", Outcome: evidence.Pass}}}
		if ok {
			d.Outcome, d.Rules = evidence.Pass, nil
		}
		return []evidence.Record{{Digest: "record-of-" + s.Digest["sha256"][:1], Predicate: evidence.NewSummary(d, "test", "", policy, nil, at)}}, nil
	}
}

func ask(t *testing.T, h http.Handler, namespace, kind, group, object string) *response {
	t.Helper()
	body := fmt.Sprintf(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","kind":{"group":%q,"version":"v1","kind":%q},"operation":"CREATE","namespace":%q,"object":%s}}`, group, kind, namespace, object)
	r := httptest.NewRequest(http.MethodPost, "/validate", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var out review
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	if out.APIVersion != reviewVersion || out.Kind != reviewKind || out.Response == nil || out.Response.UID != "u-1" {
		t.Fatalf("%+v", out)
	}
	return out.Response
}

func pod(images ...string) string {
	var list []string
	for i, m := range images {
		list = append(list, fmt.Sprintf(`{"name":"c%d","image":%q}`, i, m))
	}
	return `{"spec":{"containers":[` + strings.Join(list, ",") + `]}}`
}

func TestAnswers(t *testing.T) {
	good, bad, unknown := "r/i@sha256:"+hash("a"), "r/i@sha256:"+hash("b"), "r/i@sha256:"+hash("c")
	h := Handler(Options{Store: decided(map[string]bool{hash("a"): true, hash("b"): false}, "p1", now.Add(-time.Hour)), Policies: []string{"p1"}, MaxAge: 24 * time.Hour, Audit: []string{"lab"}, Now: func() time.Time { return now }})
	for _, tt := range []struct {
		name, namespace, kind, group, object string
		allowed                              bool
		says                                 string
	}{
		{"decided well", "prod", "Pod", "", pod(good), true, ""},
		{"decided badly", "prod", "Pod", "", pod(good, bad), false, "is FAILED (signed)"},
		{"never decided", "prod", "Pod", "", pod(unknown), false, "nobody has decided about it"},
		{"a tag", "prod", "Pod", "", pod("r/i:latest"), false, "names no digest"},
		{"a digest that is none", "prod", "Pod", "", pod("r/i@sha256:abc"), false, "names no digest"},
		{"container that starts first", "prod", "Pod", "", `{"spec":{"initContainers":[{"image":"` + bad + `"}],"containers":[{"image":"` + good + `"}]}}`, false, "FAILED"},
		{"container for debugging", "prod", "Pod", "", `{"spec":{"ephemeralContainers":[{"image":"` + bad + `"}],"containers":[{"image":"` + good + `"}]}}`, false, "FAILED"},
		{"image as a volume", "prod", "Pod", "", `{"spec":{"containers":[],"volumes":[{"name":"m","image":{"reference":"` + bad + `"}}]}}`, false, "FAILED"},
		{"deployment", "prod", "Deployment", "apps", `{"spec":{"template":` + pod(bad) + `}}`, false, "FAILED"},
		{"cron job", "prod", "CronJob", "batch", `{"spec":{"jobTemplate":{"spec":{"template":` + pod(bad) + `}}}}`, false, "FAILED"},
		{"model by annotation", "prod", "Pod", "", `{"metadata":{"annotations":{"merlon.dev/models":"sha256:` + hash("a") + `, sha256:` + hash("b") + `"}},"spec":{}}`, false, "model sha256:bbb"},
		{"model of a deployment", "prod", "Deployment", "apps", `{"metadata":{"annotations":{"merlon.dev/models":"sha256:` + hash("b") + `"}},"spec":{"template":{"spec":{}}}}`, false, "model sha256:bbb"},
		{"model that is no digest", "prod", "Pod", "", `{"metadata":{"annotations":{"merlon.dev/models":"latest"}},"spec":{}}`, false, "is no digest"},
		{"object of another shape", "prod", "Pod", "", `{"spec":{"containers":"x"}}`, false, "cannot be read"},
		{"something else", "prod", "ConfigMap", "", `{"data":{}}`, true, ""},
		{"nothing in it", "prod", "Pod", "", `{"spec":{}}`, true, ""},
		{"namespace that is only watched", "lab", "Pod", "", pod(bad), true, "would refuse"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, h, tt.namespace, tt.kind, tt.group, tt.object)
			said := strings.Join(got.Warnings, " ")
			if got.Status != nil {
				said += got.Status.Message
			}
			if got.Allowed != tt.allowed || !strings.Contains(said, tt.says) {
				t.Errorf("allowed %v, said %q; want %v, %q", got.Allowed, said, tt.allowed, tt.says)
			}
			if got.Allowed == false && got.Status == nil {
				t.Error("refused without a reason")
			}
		})
	}
	if diff := cmp.Diff(map[string]string{"decision": "allow", "evidence": "record-of-a"}, ask(t, h, "prod", "Pod", "", pod(good)).Annotations); diff != "" {
		t.Errorf("audit annotations, -want +got\n%s", diff)
	}
}

func TestWhichDecisionsCount(t *testing.T) {
	image := "r/i@sha256:" + hash("a")
	passed := map[string]bool{hash("a"): true}
	for name, tt := range map[string]struct {
		o    Options
		says string
	}{
		"of another policy": {Options{Store: decided(passed, "p2", now), Policies: []string{"p1"}}, "none by a policy that counts"},
		"of the future":     {Options{Store: decided(passed, "p1", now.Add(time.Hour))}, "in the future"},
		"too old":           {Options{Store: decided(passed, "p1", now.Add(-25*time.Hour)), MaxAge: 24 * time.Hour}, "older than"},
		"not the newest one": {Options{Store: func(ctx context.Context, s evidence.Subject) ([]evidence.Record, error) {
			a, _ := decided(passed, "p1", now.Add(-time.Hour))(ctx, s)
			b, _ := decided(map[string]bool{hash("a"): false}, "p1", now.Add(-time.Minute))(ctx, s)
			return append(a, b...), nil
		}}, "is FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.o.Now = func() time.Time { return now }
			got := ask(t, Handler(tt.o), "prod", "Pod", "", pod(image))
			if got.Allowed || !strings.Contains(got.Status.Message, tt.says) {
				t.Errorf("%+v, want a refusal that says %q", got, tt.says)
			}
		})
	}
}

// TestStoreAway: while the store cannot be read, what is known stays known for a time,
// and what is not known is admitted only where somebody said so.
func TestStoreAway(t *testing.T) {
	var away atomic.Bool
	at := now
	inner := decided(map[string]bool{hash("a"): true, hash("b"): true}, "p", now)
	h := Handler(Options{Now: func() time.Time { return at }, Fresh: time.Minute, Stale: time.Hour, Open: []string{"dev"}, Store: func(ctx context.Context, s evidence.Subject) ([]evidence.Record, error) {
		if away.Load() {
			return nil, errors.New("connection refused")
		}
		return inner(ctx, s)
	}})
	known, other := pod("r/i@sha256:"+hash("a")), pod("r/i@sha256:"+hash("b"))
	if !ask(t, h, "prod", "Pod", "", known).Allowed {
		t.Fatal("refused while all is well")
	}
	away.Store(true)
	at = now.Add(2 * time.Minute)
	if !ask(t, h, "prod", "Pod", "", known).Allowed {
		t.Error("what is known was forgotten at once")
	}
	if got := ask(t, h, "prod", "Pod", "", other); got.Allowed || !strings.Contains(got.Status.Message, "cannot be read") {
		t.Errorf("closed namespace: %+v", got)
	}
	if got := ask(t, h, "dev", "Pod", "", other); !got.Allowed || got.Annotations["decision"] != "open" || len(got.Warnings) != 1 {
		t.Errorf("open namespace: %+v", got)
	}
	at = now.Add(2 * time.Hour)
	if ask(t, h, "prod", "Pod", "", known).Allowed {
		t.Error("what is known was never forgotten")
	}
	away.Store(false)
	if !ask(t, h, "prod", "Pod", "", other).Allowed {
		t.Error("refused after the store came back")
	}
}

// TestFailedDecisionIsSeen: a refusal replaces an earlier passing answer after Fresh.
func TestFailedDecisionIsSeen(t *testing.T) {
	var fail atomic.Bool
	at := now
	h := Handler(Options{Now: func() time.Time { return at }, Fresh: time.Minute, Store: func(ctx context.Context, s evidence.Subject) ([]evidence.Record, error) {
		return decided(map[string]bool{hash("a"): !fail.Load()}, "p", now)(ctx, s)
	}})
	image := pod("r/i@sha256:" + hash("a"))
	if !ask(t, h, "p", "Pod", "", image).Allowed {
		t.Fatal("refused")
	}
	fail.Store(true)
	at = now.Add(61 * time.Second)
	if ask(t, h, "p", "Pod", "", image).Allowed {
		t.Error("still admitted")
	}
}

func TestBadRequests(t *testing.T) {
	h := Handler(Options{Store: decided(nil, "", now)})
	for name, tt := range map[string]struct {
		method, contentType, body string
		want                      int
	}{
		"get":             {http.MethodGet, "application/json", "", http.StatusMethodNotAllowed},
		"other type":      {http.MethodPost, "text/plain", "{}", http.StatusUnsupportedMediaType},
		"no JSON":         {http.MethodPost, "application/json", "{", http.StatusBadRequest},
		"another kind":    {http.MethodPost, "application/json", `{"apiVersion":"v1","kind":"Pod"}`, http.StatusBadRequest},
		"no request":      {http.MethodPost, "application/json", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, http.StatusBadRequest},
		"no uid":          {http.MethodPost, "application/json", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}`, http.StatusBadRequest},
		"without an end":  {http.MethodPost, "application/json", strings.Repeat(" ", maxReview+1), http.StatusRequestEntityTooLarge},
		"other character": {http.MethodPost, "application/json; charset=utf-8", "[]", http.StatusBadRequest},
	} {
		r := httptest.NewRequest(tt.method, "/validate", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", name, w.Code, tt.want)
		}
	}
}

func TestManifest(t *testing.T) {
	text, err := Manifest(Webhook{Service: "merlon", Namespace: "merlon", CA: []byte("PEM"), Exempt: []string{"merlon"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"failurePolicy: Fail", "timeoutSeconds: 5", "sideEffects: None", "caBundle: UEVN", `values: ["kube-system", "merlon"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var doc map[string]any
	if err := strictyaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Error(err)
	}
	for _, w := range []Webhook{{CA: []byte("x")}, {Service: "s", CA: []byte("x")}, {URL: "https://h", Service: "s", Namespace: "n", CA: []byte("x")}, {URL: "https://h"}} {
		if _, err := Manifest(w); err == nil {
			t.Errorf("%+v: no error", w)
		}
	}
}

func FuzzReview(f *testing.F) {
	h := Handler(Options{Store: decided(nil, "", now)})
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","kind":{"kind":"Pod"},"operation":"CREATE","object":{"spec":{"containers":[{"image":"x"}]}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/validate", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			return
		}
		var out review
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Response == nil || out.Response.UID == "" {
			t.Errorf("%s: %v", w.Body, err)
		}
	})
}

// BenchmarkCached is a request about what is known: it must stay far below 5 ms.
func BenchmarkCached(b *testing.B) {
	h := Handler(Options{Store: decided(map[string]bool{hash("a"): true}, "p", now), Now: func() time.Time { return now }})
	body := []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","kind":{"group":"","version":"v1","kind":"Pod"},"operation":"CREATE","namespace":"prod","object":` + pod("r/i@sha256:"+hash("a")) + `}}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/validate", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
