#!/bin/sh
# Takes the picture of the README: the HTML report of the example in a browser.
set -eu
cd "$(dirname "$0")/.."
for browser in chromium chromium-browser google-chrome; do
	command -v $browser >/dev/null 2>&1 && break
done
bin/merlon scan --output html=.cache/report.html examples/loan-approval || [ $? = 1 ]
mkdir -p docs/images
$browser --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
	--window-size=1280,1000 --screenshot=docs/images/report.png "file://$PWD/.cache/report.html"
