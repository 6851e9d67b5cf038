#!/bin/sh
# Scans what the current and two older versions of the libraries save, and prints
# how many files are ok, unverified, malicious or unreadable: bench/peers/peers.py
# says how. The first run installs the libraries (minutes); .cache/peers keeps them.
set -eu
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -trimpath -o bin/merlon ./cmd/merlon
exec python3 bench/peers/peers.py --merlon bin/merlon --cache .cache/peers "$@"
