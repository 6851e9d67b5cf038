#!/bin/sh
# Speed and memory of the front end of Python, over the standard library that
# python3 has and the transformers package of bench/python/packages.txt.
set -eu
cd "$(dirname "$0")/.."
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o .cache/bench/bin/pythonspeed ./bench/python/speed
pin=$(grep '^transformers==' bench/python/packages.txt)
src=.cache/python/src/$pin
if [ ! -d "$src" ]; then
	rm -rf .cache/python/wheel
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: -d .cache/python/wheel "$pin"
	mkdir -p "$src"
	python3 -m zipfile -e .cache/python/wheel/*.whl "$src"
	rm -rf .cache/python/wheel
fi
exec .cache/bench/bin/pythonspeed "$(python3 -c 'import os; print(os.path.dirname(os.__file__))')" "$src" "$@"
