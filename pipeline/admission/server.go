package admission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Options says what is admitted.
type Options struct {
	Store    Store    // required
	Policies []string // SHA-256 of the policies whose decisions count, in lower-case hex. Optional, default any

	// MaxAge is how old a decision may be. Optional, default any age.
	MaxAge time.Duration
	// Fresh is how long an answer of the store is used again: so long a new decision may
	// go unnoticed. Optional, default 30 seconds.
	Fresh time.Duration
	// Stale is how long an answer is used while the store cannot be read. Optional,
	// default one hour.
	Stale time.Duration

	// Open names namespaces in which a workload is admitted while nothing is known
	// because the store cannot be read. In all others it is refused.
	Open []string
	// Audit names namespaces in which what would be refused is admitted with a warning.
	Audit []string
	// ModelsOnly leaves images alone.
	ModelsOnly bool

	Now func() time.Time // Optional, default time.Now
}

// maxReview bounds a request: the API server's own bound for objects is 3 MiB.
const maxReview = 8 << 20

// Handler answers admission reviews (POST, application/json).
func Handler(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Fresh == 0 {
		o.Fresh = 30 * time.Second
	}
	if o.Stale == 0 {
		o.Stale = time.Hour
	}
	return &handler{o: o, decisions: &decisions{store: o.Store, policies: o.Policies, maxAge: o.MaxAge, fresh: o.Fresh, stale: o.Stale, now: o.Now}}
}

type handler struct {
	o         Options
	decisions *decisions
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "admission reviews are posted", http.StatusMethodNotAllowed)
		return
	}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReview))
	if err != nil {
		http.Error(w, "the review cannot be read: "+err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	var in review
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "not an AdmissionReview: "+err.Error(), http.StatusBadRequest)
		return
	}
	if in.APIVersion != reviewVersion || in.Kind != reviewKind || in.Request == nil || in.Request.UID == "" {
		http.Error(w, "want an AdmissionReview of "+reviewVersion+" with a request that has a uid", http.StatusBadRequest)
		return
	}
	out := review{APIVersion: reviewVersion, Kind: reviewKind, Response: h.answer(r.Context(), in.Request)}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return // the caller has gone; its failurePolicy decides
	}
}

// answer decides about one request.
func (h *handler) answer(ctx context.Context, r *request) *response {
	out := &response{UID: r.UID, Allowed: true, Annotations: map[string]string{}}
	if r.Operation == "DELETE" || r.Operation == "CONNECT" {
		return out
	}
	refuse := func(reason string) *response {
		out.Annotations["decision"] = "deny"
		out.Annotations["reason"] = reason
		if slices.Contains(h.o.Audit, r.Namespace) {
			out.Annotations["decision"] = "audit"
			out.Warnings = append(out.Warnings, clip("merlon would refuse this: "+reason))
			return out
		}
		out.Allowed = false
		out.Status = &status{Code: http.StatusForbidden, Reason: "Forbidden", Message: "merlon: " + reason}
		return out
	}
	pod, err := workload(r.Kind, r.Object)
	if errors.Is(err, errNoWorkload) {
		// Whatever it makes in the end are pods, which are reviewed themselves.
		out.Annotations["decision"] = "not a workload"
		return out
	}
	if err != nil {
		return refuse("the object cannot be read: " + err.Error())
	}
	wanted, err := needs(pod)
	if err != nil {
		return refuse(err.Error())
	}
	var failed, proof []string
	unknown := ""
	for _, n := range wanted {
		if n.what == "image" && h.o.ModelsOnly {
			continue
		}
		if n.digest == "" {
			failed = append(failed, fmt.Sprintf("%s %.200q names no digest: write NAME@sha256:...", n.what, n.name))
			continue
		}
		v, err := h.decisions.about(ctx, n.digest)
		switch {
		case err != nil:
			unknown = fmt.Sprintf("the evidence about %s %.200s cannot be read", n.what, n.name)
		case !v.allowed:
			failed = append(failed, fmt.Sprintf("%s %.200s: %s", n.what, n.name, v.reason))
		default:
			proof = append(proof, v.record)
		}
	}
	switch {
	case len(failed) > 0:
		return refuse(strings.Join(failed, "; "))
	case unknown != "" && slices.Contains(h.o.Open, r.Namespace):
		out.Annotations["decision"] = "open"
		out.Annotations["reason"] = unknown
		out.Warnings = append(out.Warnings, clip("merlon: "+unknown+"; this namespace is open to that"))
	case unknown != "":
		return refuse(unknown + "; this namespace is closed to that")
	case len(proof) == 0:
		out.Annotations["decision"] = "nothing to decide on"
	default:
		out.Annotations["decision"] = "allow"
		out.Annotations["evidence"] = strings.Join(proof, ",")
	}
	return out
}

// clip keeps a warning within what clients show: 256 characters.
func clip(s string) string {
	if len(s) <= 256 {
		return s
	}
	return strings.ToValidUTF8(s[:253], "") + "..."
}
