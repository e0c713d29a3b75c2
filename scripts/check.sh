#!/usr/bin/env bash
# The one judge: people and CI run this file. With --quick it leaves out what needs a browser or a
# race detector.
set -euo pipefail
cd "$(dirname "$0")/.."
quick=${1:-}
export CGO_ENABLED=0

step() { printf '\n== %s\n' "$*"; }

step "format"
unformatted=$(gofmt -l raft store server viz wasm static scripts)
if [ -n "$unformatted" ]; then
	printf 'not formatted (gofmt -w them):\n%s\n' "$unformatted" >&2
	exit 1
fi

step "vet, for the server and for the page"
go vet ./...
GOOS=js GOARCH=wasm go vet ./wasm/... ./viz/... ./raft/...

step "layers, nevers, style"
go test -count=1 ./scripts/tidy

step "unit tests"
go test -count=1 -timeout 10m $(go list ./... | grep -vE '/scripts/(tidy|e2e)$')

step "the same schedules through etcd's core (a module of its own)"
(cd server/engine/etcd && go vet . && go test -count=1 -timeout 5m .)

if [ "$quick" = "--quick" ]; then
	step "quick: the browser and the race detector were left out"
	exit 0
fi

step "the race detector, where there are goroutines"
if command -v gcc >/dev/null; then
	CGO_ENABLED=1 go test -count=1 -race -timeout 10m -short ./server/... ./store/...
else
	echo "no C compiler: the race detector was left out"
fi

step "a second of fuzzing for what takes in bytes (make fuzz takes its time)"
bash scripts/fuzz.sh 1 raft raft/trace server/wire store

step "the page and the program"
go run ./scripts/build-wasm
go build -trimpath -o bin/raftarium ./server/cmd/raftarium

step "the page in a browser"
bash scripts/chromium.sh
go test -count=1 -timeout 10m -v ./scripts/e2e
