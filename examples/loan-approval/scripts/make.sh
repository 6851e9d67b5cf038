#!/bin/sh
# Makes the credentials and models of the example again. The data sample needs the
# full data set and is made by hand, see sample_data.py.
set -eu
cd "$(dirname "$0")"
venv=../../../.cache/venv/bin/python
[ -x $venv ] || { echo "make.sh: $venv is missing; sh scripts/setup.sh at the top of the repository makes it" >&2; exit 1; }
$venv make_secrets.py ..
$venv make_models.py ..
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
	/usr/bin/python3 make_torch.py ..
else
	echo "make.sh: no PyTorch for /usr/bin/python3, its models stay as they are (apt-get install python3-torch)" >&2
fi
