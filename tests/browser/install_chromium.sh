#!/bin/sh
# Finds a Chromium for the browser tests: one that is installed, else Debian's, else Playwright's own.
set -u

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if "$BIN/python" -c 'import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())' 2>/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's Chromium ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && exit 0
fi
echo "Installing Playwright's Chromium ..."
"$BIN/python" -m playwright install chromium && exit 0
echo "The browser tests need Chromium: install your system's package (Debian: apt-get install chromium) and try again." >&2
exit 1
