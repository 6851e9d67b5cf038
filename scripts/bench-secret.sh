#!/bin/sh
# Compares merlon with gitleaks on packages from PyPI, on the modules of go.sum, on the
# history of a generated repository of 10,000 commits and on made-up credentials of
# every type; measures the hook and bad input. Fetches and builds what it needs below
# .cache/bench-secret, once. Other work on the machine makes the figures worse. Fails
# when a target is missed or a finding is not judged in bench/secret/judged.tsv.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory build
dir=$PWD/.cache/bench-secret
mkdir -p "$dir/wheels" "$dir/src"
[ -x "$dir/gitleaks" ] || (cd bench/secret/gitleaks && go build -o "$dir/gitleaks" github.com/zricethezav/gitleaks/v8)
while read -r package version; do
	[ -d "$dir/src/$package" ] && continue
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12 \
		--platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux2014_x86_64 -d "$dir/wheels" "$package==$version"
	mkdir -p "$dir/src/$package.tmp"
	python3 -m zipfile -e "$dir"/wheels/"$(echo "$package" | tr - _)"-"$version"*.whl "$dir/src/$package.tmp"
	find "$dir/src/$package.tmp" -name '*.so*' -type f -delete # no text, and gigabytes
	mv "$dir/src/$package.tmp" "$dir/src/$package"
done <bench/secret/packages.txt
[ -d "$dir/packed/.git" ] || python3 bench/secret/make_history.py "$dir/packed"
set -- "$@" # more trees may be given
for d in "$dir"/src/*; do set -- "$@" "$d"; done
for d in $(go mod download -json | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p'); do set -- "$@" "$d"; done
rules=$(cd bench/secret/gitleaks && go list -m -f '{{.Dir}}' github.com/zricethezav/gitleaks/v8)/config/gitleaks.toml
failed=0
go run ./bench/secret/samples -merlon bin/merlon -gitleaks "$dir/gitleaks" -toml "$rules" || failed=1
go run ./bench/secret -merlon bin/merlon -gitleaks "$dir/gitleaks" -history "$dir/packed" -hook "$dir/hook" -big "$dir/big" "$@" || failed=1
exit $failed
