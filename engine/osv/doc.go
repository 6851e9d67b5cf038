// Package osv knows advisories: what versions of which packages have a known
// vulnerability or are malicious, as published in the Open Source Vulnerability
// format (https://ossf.github.io/osv-schema/).
//
// Advisories are compiled once into an [Index], one file that answers for a package
// by reading its own block and nothing else; matching follows the evaluation
// algorithm of the OSV schema and orders versions as their ecosystem does.
//
// An index is made of facts: identifiers, ranges, aliases, dates, scores, symbols and
// a line of summary. It judges nothing; that is done by who asks.
package osv
