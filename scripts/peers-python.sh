#!/bin/sh
# Compares the syntax trees of Python files with those of the newest CPython:
# bench/python/peers.py says how. The first run downloads the packages (1.7 GB);
# .cache/python keeps what is read of them (about 900 MB).
set -eu
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -trimpath -o .cache/python/compare ./bench/python/compare
exec nice python3 bench/python/peers.py --compare .cache/python/compare --cache .cache/python "$@"
