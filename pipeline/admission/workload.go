package admission

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// Annotation is the key under which a workload names the models it loads: digests
// ("sha256:...") separated by commas or white space.
const Annotation = "merlon.dev/models"

// need is something that must carry a passing decision.
type need struct {
	what   string // "image" or "model"
	name   string // as the workload writes it
	digest string // lower-case hex; empty where the workload names none
}

// container is the part of a container that says what runs.
type container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

type podSpec struct {
	Containers []container `json:"containers"`
	Init       []container `json:"initContainers"`
	Ephemeral  []container `json:"ephemeralContainers"`
	Volumes    []struct {
		Name  string `json:"name"`
		Image *struct {
			Reference string `json:"reference"`
		} `json:"image"` // image volumes: how models are mounted (KEP-4639)
	} `json:"volumes"`
}

type meta struct {
	Annotations map[string]string `json:"annotations"`
}

type podTemplate struct {
	Meta meta    `json:"metadata"`
	Spec podSpec `json:"spec"`
}

var errNoWorkload = errors.New("not a workload")

// workload finds the pod of an object: of a Pod itself, or the template of what makes
// pods.
func workload(k kind, object json.RawMessage) (podTemplate, error) {
	var pod podTemplate
	if k.Kind == "Pod" && k.Group == "" {
		if err := json.Unmarshal(object, &pod); err != nil {
			return pod, err
		}
		return pod, nil
	}
	var maker struct {
		Meta meta `json:"metadata"`
		Spec struct {
			Template    *podTemplate `json:"template"`
			JobTemplate *struct {
				Spec struct {
					Template *podTemplate `json:"template"`
				} `json:"spec"`
			} `json:"jobTemplate"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(object, &maker); err != nil {
		return pod, err
	}
	switch {
	case maker.Spec.JobTemplate != nil && maker.Spec.JobTemplate.Spec.Template != nil:
		pod = *maker.Spec.JobTemplate.Spec.Template
	case maker.Spec.Template != nil:
		pod = *maker.Spec.Template
	default:
		return pod, errNoWorkload
	}
	if models := maker.Meta.Annotations[Annotation]; models != "" {
		// What the object says counts with what its pods say.
		if pod.Meta.Annotations == nil {
			pod.Meta.Annotations = map[string]string{}
		}
		pod.Meta.Annotations[Annotation] += " " + models
	}
	return pod, nil
}

// needs lists everything of a pod that must carry a decision, each digest once.
func needs(pod podTemplate) ([]need, error) {
	var out []need
	seen := map[string]bool{}
	add := func(n need) {
		if key := n.what + "\x00" + n.name; !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	}
	for _, list := range [][]container{pod.Spec.Init, pod.Spec.Containers, pod.Spec.Ephemeral} {
		for _, c := range list {
			add(need{"image", c.Image, digestOf(c.Image)})
		}
	}
	for _, v := range pod.Spec.Volumes {
		if v.Image != nil {
			add(need{"image", v.Image.Reference, digestOf(v.Image.Reference)})
		}
	}
	for model := range strings.FieldsFuncSeq(pod.Meta.Annotations[Annotation], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		hex, ok := strings.CutPrefix(model, "sha256:")
		if !ok || !evidence.IsSHA256(hex) {
			return nil, fmt.Errorf("annotation %s: %.80q is no digest: want sha256: and 64 hexadecimal digits", Annotation, model)
		}
		add(need{"model", model, hex})
	}
	if len(out) > maxNeeds {
		return nil, fmt.Errorf("%d images and models, more than %d", len(out), maxNeeds)
	}
	return out, nil
}

// maxNeeds bounds the work for one request.
const maxNeeds = 1000

// digestOf is the digest of an image reference "name[:tag]@sha256:...", empty where it
// has none.
func digestOf(reference string) string {
	_, digest, ok := strings.Cut(reference, "@sha256:")
	if !ok || !evidence.IsSHA256(digest) {
		return ""
	}
	return digest
}
