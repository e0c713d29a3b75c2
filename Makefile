# Raftarium. `make` alone explains itself.
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: help run build page dev-page test quick e2e bench fuzz soak swarm museum clean

help: ## what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: dev-page build ## build the page and the program, start the page and a real local cluster
	./bin/raftarium run

build: ## the program, at bin/raftarium
	$(GO) build -trimpath -o bin/raftarium ./server/cmd/raftarium

page: ## the page into static/dist, with .br and .gz beside each file
	$(GO) run ./scripts/build-wasm -release

dev-page: ## the same page without them, for now
	$(GO) run ./scripts/build-wasm

test: ## everything that CI judges; installs Chromium where it is missing and may
	bash scripts/check.sh

quick: ## what needs no browser: format, vet, layers, style, unit tests
	bash scripts/check.sh --quick

e2e: dev-page build ## the page in a real browser
	$(GO) test -count=1 -timeout 8m ./scripts/e2e

bench: ## the figures of the README's benchmark section
	bash scripts/bench.sh

fuzz: ## every decoder for FOR seconds (default 60) each
	bash scripts/fuzz.sh $(or $(FOR),60)

soak: ## simulations with every fault, SEEDS of them (default 2000), at most half an hour
	SEEDS=$(or $(SEEDS),2000) $(GO) test -count=1 -timeout 30m -run TestFaults -v ./raft/sim

swarm: build ## simulated clusters with all that a seed draws, for SECONDS (default 1800)
	./bin/raftarium swarm --seconds $(or $(SECONDS),1800) --jobs $(or $(JOBS),2) --out _swarm

museum: ## hunts every historical bug anew, SEEDS of them at most (default 2000), for the grid
	MUSEUM_SEEDS=$(or $(SEEDS),2000) $(GO) test -count=1 -timeout 60m -run TestGrid -v ./raft/mutant \
		-args -rewrite

clean: ## what was built
	rm -rf bin _trace _shots _swarm
	find static/dist -mindepth 1 ! -name .keep -delete
