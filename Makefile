# `make` or `make help` lists what there is. Everything here is a command that can also be typed.

.DEFAULT_GOAL := help
SHELL := /bin/bash

# The versions of the tools are those of .ci/run, so that both find the same.
tool = $(shell sed -n 's/^$(1)=\(.*@.*\)$$/\1/p' .ci/run)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: sandbox
sandbox: ## everything on this machine, with stand-ins for both systems and a page to play them
	go run ./sandbox

.PHONY: test
test: ## all tests, with those on a real Temporal server (its first build takes minutes)
	go test ./... -timeout 60m

.PHONY: proof
proof: ## the end-to-end tests with every cell of their matrices, and the long forms
	E2E_PROOF=1 go test ./e2e -timeout 120m -count=1 -v

.PHONY: lint
lint: ## formatting, go vet, golangci-lint and workflowcheck
	@test -z "$$(gofmt -l .)" || { echo "Run gofmt -w on:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(call tool,golangci) run ./...
	go run $(call tool,workflowcheck) -config .ci/workflowcheck.yaml ./workflows/...

.PHONY: ci
ci: ## what CI runs: tests, proof and lint of the above, and more
	.ci/run

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each (default 1m)
	@set -euo pipefail; \
	grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r folder; do \
		for target in $$(go test -list '^Fuzz' "$$folder" | grep '^Fuzz'); do \
			echo "=== $$folder $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime "$${FUZZTIME:-1m}" -fuzzminimizetime 5s "$$folder" </dev/null; \
		done; \
	done

.PHONY: vuln
vuln: ## known vulnerabilities in what the programs call (needs vuln.go.dev, or VULNDB=file:///folder)
	go run $(call tool,govulncheck) $(if $(VULNDB),-db $(VULNDB)) ./...

.PHONY: sbom
sbom: ## the bill of materials of worker and starter in SBOM (default bin/), as CycloneDX
	mkdir -p $(or $(SBOM),bin)
	@set -e; for program in worker starter; do \
		echo "$(or $(SBOM),bin)/$$program.cdx.json"; \
		go run $(call tool,cyclonedx) app -json -licenses -main $$program -output $(or $(SBOM),bin)/$$program.cdx.json .; \
	done

.PHONY: build
build: ## worker and starter as static programs in bin/
	mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -tags=timetzdata -o bin/ ./worker ./starter

.PHONY: images
images: ## the container images of the programs and of the stand-ins
	docker build --target programs -t tampuuri-hillava:local .
	docker build --target sandbox -t tampuuri-hillava-sandbox:local .

.PHONY: secrets
secrets: ## the secret files of docker-compose.yml that are missing
	deploy/secrets.sh
