#!/bin/sh
# Runs every fuzz target for the given time, one after the other. Inputs that fail
# are kept by go test below testdata/fuzz of their package.
set -eu
cd "$(dirname "$0")/.."
each=${1:-10m}
failed=0
for file in $(git ls-files -co --exclude-standard '*_test.go'); do
	for name in $(sed -n 's/^func \(Fuzz[A-Z][A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "== $name in $(dirname "$file"), $each"
		go test -vet=off -run '^$' -fuzz "^$name\$" -fuzztime "$each" -fuzzminimizetime 20x "./$(dirname "$file")" || failed=1
	done
done
exit $failed
