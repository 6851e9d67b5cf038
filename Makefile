# make test is the one that counts: it installs what it needs, runs everything and
# says what it could not run. Only Go is needed for build, test-unit, lint and fuzz.

export GOTOOLCHAIN = local
TIME ?= 10m
CHECK = go run ./tools/check

.PHONY: test-peers-webhook help build test test-unit test-peers test-peers-python test-peers-bandit lint fuzz bench-artifacts bench-scan bench-python bench-judged bench-ledger screenshot requirements example clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/merlon, static
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/merlon ./cmd/merlon

test: ## everything, with what it needs installed (minutes)
	$(CHECK)

test-unit: ## the Go tests, with nothing but Go
	go test ./...

lint: ## gofmt, go vet for every system, staticcheck
	$(CHECK) -only gofmt,vet,staticcheck

fuzz: ## every fuzz target, TIME=10m each
	sh scripts/fuzz.sh $(TIME)

test-peers: build test-peers-webhook test-peers-python test-peers-bandit ## models of real libraries, other versions than the allowlist saw
	python3 bench/peers/peers.py
	python3 bench/peers/benign.py
	python3 bench/peers/formats.py

test-peers-python: ## Python trees against the newest CPython, 90 packages (1.7 GB)
	sh scripts/peers-python.sh

test-peers-bandit: ## profile bandit against the real Bandit: the same ids in the same lines; ARGS=more folders
	sh scripts/peers-bandit.sh $(ARGS)

test-peers-webhook: ## the admission webhook, asked by the API server's own client (compiles for minutes)
	cd bench/admission/apiserver && CGO_ENABLED=0 go test -v ./...

bench-artifacts: build ## merlon and other scanners on the same models; ARGS=--write for the document
	python3 bench/artifacts/artifacts.py $(ARGS)

bench-scan: ## speed and memory, against targets
	sh scripts/bench-scan.sh

bench-python: ## `merlon scan` of Python beside Bandit and ruff, with the cache: speed and memory against targets
	sh scripts/bench-python.sh

bench-judged: build ## findings in ten packages of PyPI, all judged; ARGS="--flows AB" also counts inserted flows that are found
	python3 bench/python/evaluate.py $(ARGS)

bench-sign: ## speed of signing, against crypto/sha256 and model_signing
	sh scripts/bench-sign.sh

bench-ledger: ## durable appends, one by one and in batches; 1,000 kills
	go test -run '^$$' -bench . ./ledger
	LEDGER_KILLS=1000 go test -v -timeout 60m -run TestKilledAtAnyMoment ./ledger

bench-secret: ## merlon against gitleaks: cost and findings on packages and on a history
	sh scripts/bench-secret.sh

screenshot: build ## the picture of the README
	sh scripts/screenshot.sh

example: ## make the models of examples/loan-approval again
	sh examples/loan-approval/scripts/make.sh

requirements: ## pin scripts/requirements.in with hashes
	sh scripts/requirements.sh

clean: ## everything that make made
	rm -rf bin .cache
