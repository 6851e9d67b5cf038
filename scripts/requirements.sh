#!/bin/sh
# Writes scripts/requirements.txt: the exact versions and hashes for every Python
# from 3.11 on. uv is used because pip cannot resolve for other versions.
set -eu
cd "$(dirname "$0")/.."
[ -x .cache/uv/bin/uv ] || { python3 -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==0.13.8; }
.cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make requirements" scripts/requirements.in -o scripts/requirements.txt
.cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make requirements" bench/python/bandit/requirements.in -o bench/python/bandit/requirements.txt
.cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make requirements" bench/python/against/requirements.in -o bench/python/against/requirements.txt
