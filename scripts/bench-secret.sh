#!/bin/sh
# Compares merlon with gitleaks on packages from PyPI and on the history of a
# generated repository of 10,000 commits. Fetches and builds what it needs below
# .cache/bench-secret, once. Other work on the machine makes the figures worse.
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
[ -d "$dir/history/.git" ] || python3 bench/secret/make_history.py "$dir/history"
set -- "$@" # more trees may be given
for d in "$dir"/src/*; do set -- "$@" "$d"; done
exec go run ./bench/secret -merlon bin/merlon -gitleaks "$dir/gitleaks" -history "$dir/history" "$@"
