#!/bin/sh
# Measures signing and verifying (4 GB below .cache/bench-sign, once; -size 1000000000
# for the full 20 GB). Other work on the machine makes the figures worse.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory build
if [ ! -x .cache/bench-sign-venv/bin/model_signing ]; then
	python3 -m venv .cache/bench-sign-venv
	.cache/bench-sign-venv/bin/pip install --quiet --disable-pip-version-check model-signing==1.1.1 pyopenssl==26.4.0
fi
exec go run ./bench/sign -python .cache/bench-sign-venv/bin/python "$@"
