# Few targets, the same for people and for CI.
SHELL := /bin/bash
BIN := .cache/bin
export CGO_ENABLED := 1
GO := go
TESTFLAGS ?=
FUZZTIME ?= 30s

.PHONY: demo test build deps check lint gen fuzz bench bench-web clean servers web e2e

## demo: build, write eight days of logs, load them, show them in a web page until Ctrl-C
demo: build
	@scripts/demo

## test: set up and pass every test
test: deps servers
	@scripts/test

## build: the binary ./yagura
build: deps
	@$(GO) build -o yagura ./cmd/yagura

## deps: what the build needs beyond Go
deps:
	@scripts/deps

## servers: real servers that tests talk to (S3)
servers: deps
	@scripts/servers

## lint: what go vet and gofmt say
lint:
	@test -z "$$(gofmt -l cmd content internal test web/*.go *.go | tee /dev/stderr)" || { echo "run: gofmt -w on the files above"; exit 1; }
	@$(GO) vet ./...

## gen: rewrite generated files (reference pages, expected events)
gen:
	@scripts/gen

## fuzz: every fuzz target for FUZZTIME each
fuzz: deps
	@scripts/fuzz $(FUZZTIME)

## bench: the figures of docs/performance.md
bench: build
	@scripts/bench

## bench-web: what the page and the dashboards cost, against their bars
bench-web: build
	@scripts/bench-web $(DIR)

## web: build the browser interface into web/dist (needs Node; commit the result)
web:
	@scripts/web

## e2e: the pages in a real browser
e2e: build
	@scripts/web e2e

## check: all a change needs
check: lint test

clean:
	@rm -rf yagura .cache .demo
