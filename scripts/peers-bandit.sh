#!/bin/sh
# Compares profile bandit with the real Bandit: bench/python/bandit/compare.py says how.
# Arguments are more folders to compare the two on. .cache/bandit keeps Bandit.
set -eu
cd "$(dirname "$0")/.."
want=$(sha256sum <bench/python/bandit/requirements.txt | cut -c1-16)
if [ ! -e ".cache/bandit/$want" ]; then
	rm -rf .cache/bandit
	python3 -m venv .cache/bandit
	.cache/bandit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bench/python/bandit/requirements.txt
	touch ".cache/bandit/$want"
fi
CGO_ENABLED=0 go build -trimpath -o .cache/bandit/merlon ./cmd/merlon
exec python3 bench/python/bandit/compare.py --merlon .cache/bandit/merlon --bandit .cache/bandit/bin/bandit code/sast/testdata/profile-bandit "$@"
