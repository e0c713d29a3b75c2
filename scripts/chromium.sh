#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests: from Debian's packages where it is
# missing and may be installed.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null; then
		echo "browser: $(command -v "$name")"
		exit 0
	fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "the browser tests need Chromium; install it (Debian: apt-get install chromium)" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null
echo "browser: $(command -v chromium), just installed"
