#!/bin/sh
# Speed and memory of the analysis of Python: the front end alone, then `merlon scan`
# beside Bandit and ruff on the transformers package of bench/python/packages.txt, with
# data flow and without, with the cache, and on twice the input. The table says which
# targets are met; the exit code is 1 if one is not.
set -eu
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
go build -trimpath -ldflags "-s -w" -o .cache/bench/bin/merlon ./cmd/merlon
go build -trimpath -ldflags "-s -w" -o .cache/bench/bin/pythonspeed ./bench/python/speed
go build -trimpath -ldflags "-s -w" -o .cache/bench/bin/pythonagainst ./bench/python/against
pin=$(grep '^transformers==' bench/python/packages.txt)
src=.cache/python/src/$pin
if [ ! -d "$src" ]; then
	rm -rf .cache/python/wheel
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: -d .cache/python/wheel "$pin"
	mkdir -p "$src"
	python3 -m zipfile -e .cache/python/wheel/*.whl "$src"
	rm -rf .cache/python/wheel
fi
venv=.cache/bench/python-peers
want=$(cat bench/python/bandit/requirements.txt bench/python/against/requirements.txt | sha256sum | cut -c1-16)
if [ ! -e "$venv/$want" ]; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r bench/python/bandit/requirements.txt -r bench/python/against/requirements.txt
	touch "$venv/$want"
fi
status=0
.cache/bench/bin/pythonspeed "$(python3 -c 'import os; print(os.path.dirname(os.__file__))')" "$src" || status=$?
echo
.cache/bench/bin/pythonagainst -merlon .cache/bench/bin/merlon -bandit "$venv/bin/bandit" -ruff "$venv/bin/ruff" \
	-work .cache/bench/python-work "$@" "$src" || status=$?
exit $status
