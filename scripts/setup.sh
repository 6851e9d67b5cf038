#!/bin/sh
# Installs what the checks need beyond Go, git and make: Debian packages when this
# is root or may use sudo, and a Python environment under .cache. Everything that
# is already there is left alone. What cannot be had is printed as
# "missing: NAME: WHY"; the checks then say that they could not run it.
set -u
cd "$(dirname "$0")/.."
mkdir -p .cache

missing() { echo "missing: $1: $2"; }

# have COMMAND...: one of the commands is there.
have() {
	for c in "$@"; do command -v "$c" >/dev/null 2>&1 && return 0; done
	return 1
}

wanted=
have gcc cc || wanted="$wanted gcc libc6-dev" # the race detector links with cgo
have chromium chromium-browser google-chrome || wanted="$wanted chromium"
have openssl || wanted="$wanted openssl"
have python3 || wanted="$wanted python3"
{ have node && have npm; } || wanted="$wanted nodejs npm"
python3 -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"
have npm || wanted="$wanted nodejs npm"
/usr/bin/python3 -c 'import torch' 2>/dev/null || wanted="$wanted python3-torch"

if [ -n "$wanted" ]; then
	as=
	[ "$(id -u)" = 0 ] || as="sudo -n"
	if have apt-get && $as true 2>/dev/null; then
		echo "installing$wanted"
		export DEBIAN_FRONTEND=noninteractive
		# shellcheck disable=SC2086 # the list is meant to be split
		{ $as apt-get update -q && $as apt-get install -q -y --no-install-recommends $wanted; } >.cache/apt.log 2>&1 ||
			tail -n 5 .cache/apt.log
	fi
fi
have gcc cc || missing gcc "the race detector needs a C compiler: apt-get install gcc libc6-dev"
have chromium chromium-browser google-chrome || missing chromium "the HTML report is opened in a browser: apt-get install chromium"

{ have node && have npm; } || missing node "versions are compared with node-semver, agents with real servers: apt-get install nodejs npm"

# The Python environment holds the real libraries that models are saved with. It
# is made anew when the pinned list changes.
want=$(cat scripts/requirements.txt | sha256sum | cut -c1-16)
if [ "$(cat .cache/venv/.made 2>/dev/null)" != "$want" ]; then
	rm -rf .cache/venv
	if python3 -m venv .cache/venv >.cache/venv.log 2>&1 &&
		.cache/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
			-r scripts/requirements.txt >>.cache/venv.log 2>&1; then
		echo "$want" >.cache/venv/.made
	else
		tail -n 5 .cache/venv.log
		missing python "the libraries of scripts/requirements.txt could not be installed, see .cache/venv.log"
	fi
fi

# Public servers of the Model Context Protocol, which the tests inspect. What npm gets
# has the digests of the lock file, and no script of a package is run.
want=$(cat scripts/mcp/package-lock.json scripts/mcp/newest.mjs | sha256sum | cut -c1-16)
if [ "$(cat .cache/mcp/.made 2>/dev/null)" != "$want" ]; then
	rm -rf .cache/mcp
	mkdir -p .cache/mcp
	cp scripts/mcp/package.json scripts/mcp/package-lock.json scripts/mcp/newest.mjs .cache/mcp/
	if have npm && (cd .cache/mcp && npm ci --ignore-scripts --no-audit --no-fund) >.cache/mcp.log 2>&1; then
		echo "$want" >.cache/mcp/.made
	else
		tail -n 5 .cache/mcp.log 2>/dev/null
		missing mcp-servers "the servers of scripts/mcp could not be installed with npm, see .cache/mcp.log"
	fi
fi
exit 0
