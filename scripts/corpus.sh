#!/bin/sh
# Fills .cache/corpus with pickles of real objects, saved by the libraries of the
# Python environment and by the system's PyTorch. The oracle test reads them.
set -eu
cd "$(dirname "$0")/.."
stamp="$(cat scripts/requirements.txt tools/allowlist/emit.py tools/allowlist/emit/*.py scripts/corpus.sh | sha256sum)"
[ "$(cat .cache/corpus.made 2>/dev/null)" != "$stamp" ] || exit 0
rm -rf .cache/corpus
.cache/venv/bin/python tools/allowlist/emit.py .cache/corpus/venv stdlib numpy scipy pandas sklearn boost
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
	/usr/bin/python3 tools/allowlist/emit.py .cache/corpus/torch torch
	# The oracle loads pickles, so archives are replaced by the pickle in them.
	/usr/bin/python3 - .cache/corpus/torch <<-'END'
		import pathlib, sys, zipfile
		for path in pathlib.Path(sys.argv[1]).iterdir():
		    if zipfile.is_zipfile(path):
		        with zipfile.ZipFile(path) as z:
		            for name in z.namelist():
		                if name.endswith("data.pkl"):
		                    path.with_suffix(".data.pkl").write_bytes(z.read(name))
		        path.unlink()
	END
else
	echo "missing: torch: the oracle does without PyTorch's pickles: apt-get install python3-torch"
fi
rm -f .cache/corpus/*/*.tsv
echo "$stamp" >.cache/corpus.made
