// Package lint pins the linter. It is a module of its own, so that the linter's
// dependencies stay out of merlon's.
package lint
