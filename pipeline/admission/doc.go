// Package admission is a validating admission webhook for Kubernetes: a workload may
// start only if its images, and the models that it names, carry a passing decision of
// the gate, signed by a key that is trusted.
//
// A decision is a signed statement about a digest ([evidence.Summary]); who can change
// the store of evidence can remove statements but make none. What the webhook answers
// when it cannot read the store is chosen for each namespace, never guessed.
package admission
