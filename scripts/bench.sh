#!/usr/bin/env bash
# The figures of the README's benchmark section. Machines differ and are noisy: read ratios and
# medians.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
goroot=$(go env GOROOT)

echo "== what the page weighs (bytes)"
go run ./scripts/build-wasm -release
go run ./scripts/bench

echo "== the core and the simulator, natively"
go test -run '^$' -bench 'BenchmarkRun' -benchmem ./raft/sim
go test -run '^$' -bench . -benchmem ./raft/world ./raft/check ./raft/trace
go test -run '^$' -bench . -benchmem ./viz/draw ./viz/panel
go test -run '^$' -bench . -benchmem ./store

echo "== the core against etcd's, in turns: medians"
(cd server/engine/etcd && go test -count=1 -v -run TestSpeedRatio . -args -speed 100ms -speed-runs 9)

echo "== the same in WebAssembly (Node)"
if command -v node >/dev/null; then
	for bench in ./raft/sim:BenchmarkRun ./raft/world:BenchmarkSeekMillion; do
		GOOS=js GOARCH=wasm go test -exec "$goroot/lib/wasm/go_js_wasm_exec" -run '^$' \
			-bench "${bench#*:}" "${bench%%:*}"
	done
	(cd server/engine/etcd && GOOS=js GOARCH=wasm go test -count=1 -v -run TestSpeedRatio \
		-exec "$goroot/lib/wasm/go_js_wasm_exec" . -args -speed 100ms -speed-runs 5)
else
	echo "there is no node; left out"
fi

echo "== the page"
go build -trimpath -o bin/raftarium ./server/cmd/raftarium
bash scripts/chromium.sh
go test -run '^$' -bench . -benchtime 5x ./scripts/e2e
