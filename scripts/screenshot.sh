#!/bin/sh
# Takes the picture of the README: the HTML report of the example, opened by the
# same browser test that looks for errors on it.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache docs/images
bin/merlon scan --output html=.cache/report.html examples/loan-approval >/dev/null || [ $? = 1 ]
MERLON_REPORT="$PWD/.cache/report.html" MERLON_PICTURE="$PWD/docs/images/report.png" \
	go test -count=1 -run '^TestPicture$' ./report/html
