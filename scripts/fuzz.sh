#!/usr/bin/env bash
# Runs every fuzz target for a number of seconds, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
for pkg in $(go list ./raft/... ./server/... ./store/...); do
	for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
		echo "== $pkg $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${seconds}s" "$pkg"
	done
done
