// Package sast finds vulnerabilities in Python code of AI applications. It follows
// data from where it comes in to where it hurts, across functions and files
// (engine/pyflow), and looks at calls whose arguments alone are a mistake.
//
// What it knows of libraries is data: models/*.yaml says which calls and attributes
// are sources, sinks and cleaners, rules/*.yaml what a finding says and how bad it
// is. Adding a library or a rule needs no Go.
package sast
