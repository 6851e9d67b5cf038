#!/bin/sh
# Compares the syntax trees of Python files with those of the newest CPython
# (bench/python/peers.py says how), and newer syntax with tree-sitter-python
# (bench/python/treesitter.py), and finds the names of the models in their packages
# (bench/python/names.py). The first run downloads the packages (1.7 GB);
# .cache/python keeps what is read of them (about 900 MB).
set -eu
cd "$(dirname "$0")/.."
cache=.cache/python
CGO_ENABLED=0 go build -trimpath -o $cache/compare ./bench/python/compare
nice python3 bench/python/peers.py --compare $cache/compare --cache $cache "$@"
venv=$cache/treesitter
if [ ! -f $venv/made ]; then
	rm -rf $venv
	python3 -m venv $venv
	$venv/bin/pip install -q --require-hashes --no-deps -r bench/python/treesitter.txt
	touch $venv/made
fi
library=$cache/root-forky/usr/lib/python3.14
[ -d $library ] || library=$(python3.14 -c 'import os; print(os.path.dirname(os.__file__))')
tests=
for name in statements newest match expressions fstring; do
	tests="$tests engine/python/testdata/golden/$name.py"
done
for name in type_params type_aliases patma except_star tstring fstring grammar syntax named_expressions coroutines with generators; do
	[ ! -f "$library/test/test_$name.py" ] || tests="$tests $library/test/test_$name.py"
done
# The list of files is to be split: no name has a space.
# shellcheck disable=SC2086
nice $venv/bin/python bench/python/treesitter.py --compare $cache/compare "$library/typing.py" "$library/ast.py" $tests

# Every name in the models is defined in the source of its package.
$venv/bin/python -c 'import yaml' 2>/dev/null || $venv/bin/pip install -q pyyaml==6.0.3
nice $venv/bin/python bench/python/names.py --cache $cache
