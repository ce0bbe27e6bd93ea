# Sluice's commands. `make` or `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

VIEWERS ?= 50
DURATION ?= 30s
BENCH ?= density --seconds 10
CARGO_TARGET := $(or $(CARGO_TARGET_DIR),target)
# Features are unified over the whole workspace, so that `run` and `test` share their builds.
BUILD := cargo build --workspace --locked
NEXTEST := $(shell cargo nextest --version > /dev/null 2>&1 && echo yes)

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## Install what the tests need (browsers, ffmpeg 9, Node packages)
	@scripts/setup test

.PHONY: run
run: ## Build everything and start the demo on http://localhost:8080
	@scripts/setup run
	@$(MAKE) web
	@echo "==> Building the server (the first time takes a few minutes)"
	@$(BUILD) --bin sluice
	@exec $(CARGO_TARGET)/debug/sluice serve --demo

.PHONY: web
web: ## Build the web app into web/dist (the server embeds it)
	@scripts/setup run
	@scripts/stamped web-build web 'cd web && npm run --silent build'

.PHONY: test
test: check test-rust test-web test-e2e ## Run everything: checks, unit, engine, API, web and browser tests

.PHONY: check
check: ## Formatting, clippy, house rules, generated files, web lint and types
	@scripts/setup test
	@$(MAKE) web
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features sluice-fuzz/targets --locked -- -D warnings
	$(BUILD) --bin xtask --bin sluice
	$(CARGO_TARGET)/debug/xtask tidy
	$(CARGO_TARGET)/debug/xtask types --check
	$(CARGO_TARGET)/debug/xtask config --check
	$(CARGO_TARGET)/debug/xtask requirements --check
	@scripts/stamped web-lint web 'cd web && npm run --silent lint && npm run --silent typecheck'
	@scripts/stamped browser-types tests/browser 'cd tests/browser && npx --no-install tsc --noEmit -p .'

.PHONY: test-rust
test-rust: ## Unit, engine, API and server tests
	@$(MAKE) web
ifeq ($(NEXTEST),yes)
	cargo nextest run --workspace --locked -E 'not package(sluice-e2e)' --no-fail-fast
else
	cargo test --workspace --exclude sluice-e2e --locked --no-fail-fast
endif
	cargo test --workspace --doc --locked

.PHONY: test-web
test-web: ## Tests of the web app
	@scripts/setup run
	@scripts/stamped web-test web 'cd web && npm test --silent'

.PHONY: test-e2e
test-e2e: ## The real server with real browsers and encoders
	@scripts/setup test
	@$(MAKE) web
ifeq ($(NEXTEST),yes)
	SLUICE_BIN=$(abspath $(CARGO_TARGET))/debug/sluice cargo nextest run --workspace --locked -E 'package(sluice-e2e)' -j 1 --no-fail-fast
else
	$(BUILD) --bins
	SLUICE_BIN=$(abspath $(CARGO_TARGET))/debug/sluice cargo test -p sluice-e2e --locked --no-fail-fast -- --test-threads=1
endif

.PHONY: schemathesis
schemathesis: ## Generated requests for the whole OpenAPI document against a real server
	$(BUILD) --bin sluice
	@scripts/schemathesis $(abspath $(CARGO_TARGET))/debug/sluice

.PHONY: fmt
fmt: ## Format Rust and TypeScript
	cargo fmt --all
	cd web && npm run --silent format

.PHONY: types
types: ## Regenerate what is made from the code: TypeScript, deploy/sluice.toml, docs/requirements.md
	cargo xtask types
	cargo xtask config
	cargo xtask requirements

.PHONY: bench
bench: ## Viewers a core, cost of a packet and delays of the release build (make bench BENCH="join-storm")
	cargo build --release --workspace --locked --bin sluice --bin sluice-load
	@$(CARGO_TARGET)/release/sluice-load bench $(BENCH)

.PHONY: load
load: ## One publisher and VIEWERS viewers against a server of its own (make load VIEWERS=200)
	$(BUILD) --bin sluice --bin sluice-load
	@scripts/load debug $(VIEWERS) $(DURATION)

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZ_SECONDS (default 300); needs cargo-fuzz and nightly
	@scripts/fuzz $${FUZZ_SECONDS:-300}

.PHONY: dist
dist: ## Release binary, tarball and Debian package in dist, checked by streaming through them
	@$(MAKE) web
	cargo build --release --workspace --locked --bin sluice --bin sluice-load
	$(BUILD) --bin xtask
	$(CARGO_TARGET)/debug/xtask licences $(CARGO_TARGET)/THIRD-PARTY.txt
	@scripts/dist $(CARGO_TARGET)/release/sluice $(CARGO_TARGET)/THIRD-PARTY.txt dist
	@scripts/dist-check dist $(CARGO_TARGET)/release/sluice-load

.PHONY: clean
clean: ## Delete builds, installed tools and the demo's data
	cargo clean
	rm -rf target dist web/dist web/node_modules tests/browser/node_modules data
