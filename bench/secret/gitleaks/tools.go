//go:build tools

// Package gitleaks pins the peer that make bench-secret compares with. Nothing of
// merlon imports it.
package gitleaks

import _ "github.com/zricethezav/gitleaks/v8"
