# Each target says what it does in its last comment; `make help` lists them.

# Settings of the local stack; an empty one takes its default.
export PK SK PORT DYNAMODB_PORT MAIL_PORT DATA DEMO ENGINE FUNCTION EVENT EMAIL LOG NOTES SECRET_ID TRAILING_SLASH EXISTING_TABLE OPERATOR REASON STATE FOR ENV ROLLBACK

# How long each fuzz target runs.
FUZZTIME ?= 10s

# How many tests of a package run at the same time. A test spends most of its time waiting for the engine.
BESIDE ?= 8

WEB = shared/console
# npm writes this file last.
WEB_PACKAGES = $(WEB)/node_modules/.package-lock.json
# Vite writes this file last. CONSOLE=0 leaves the console as it is, built or not.
WEB_BUILT = $(WEB)/dist/console/index.html
WEB_SOURCES = $(shell find $(WEB)/src -type f) $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/package.json
CONSOLE ?= 1

# TagoIO's SDKs.
SDKS = infra/compat/node_modules/.package-lock.json

GO ?= go
# -trimpath keeps the folder out of compiled packages. Other clones then find the packages in Go's cache, as does the copy of the tree in
# which a test adds an operation.
export GOFLAGS := $(strip $(filter-out -trimpath,$(GOFLAGS)) -trimpath)
# As the functions are built, so that their packages and those of the tests are compiled once. Only the race detector needs C.
export CGO_ENABLED := 0
GOARCH ?= arm64
# Lambda needs neither file paths nor symbols, nor the RPC code of older runtimes. Without -buildvcs=false, every commit would change every
# binary, and a deployment would replace every function.
FLAGS = -trimpath -buildvcs=false -tags lambda.norpc -ldflags='-s -w'

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@echo "Profiles: a control plane for sub-accounts. Start with: make run"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings of the local stack, as in: make run PORT=4000"
	@echo "    PORT=3000 DYNAMODB_PORT=8000 MAIL_PORT=8005   if a default port is in use, the next free one is taken"
	@echo "    DATA=.data                                    where the table is kept"
	@echo "    DEMO=1 | accounts | 0                         a new table gets demo accounts with six weeks of made-up data, demo accounts without it, or nothing"
	@echo "    CONSOLE=0                                     do not build the web console again (also for make build)"
	@echo "    ENGINE=dynoxide | dynamodb-local              what stands in for DynamoDB; the second needs Java 17"
	@echo "    TRAILING_SLASH=ignored | strict               whether /account/ is /account; AWS accounts differ in this"
	@echo "    EXISTING_TABLE                                a table to use in place of the one that the stack makes"
	@echo "    AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_SES   your own servers, in place of those that the stack starts"
	@echo "    AWS_ENDPOINT_URL_EVENTBRIDGE   your own server, to which all events are sent as to a bus of EventBridge"

.PHONY: generate
generate: need-go need-node $(WEB_PACKAGES) ## write the files that are generated from the catalogue: functions/, events/, template.yaml, docs/, the client's types
	@$(GO) generate ./infra/generate
	@npm run --silent --prefix $(WEB) generate

.PHONY: run
run: need-stack $(if $(filter 0,$(CONSOLE)),,$(WEB_BUILT)) .tools/local ## start the whole service on this machine (Ctrl-C stops it)
	@.tools/local

.PHONY: invoke
invoke: need-stack .tools/local ## run one function once: FUNCTION=token-expire [EVENT=file]
	@.tools/local invoke

.PHONY: grant-support
grant-support: .tools/local ## give an account the role of support: EMAIL=sam@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local grant-support

.PHONY: revoke-support
revoke-support: .tools/local ## take the role of support away: EMAIL=sam@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local revoke-support

.PHONY: grant-service
grant-service: .tools/local ## give an account the role of a data plane, which reports usage: EMAIL=plane@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local grant-service

.PHONY: revoke-service
revoke-service: .tools/local ## take the role of a data plane away: EMAIL=plane@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local revoke-service

.PHONY: reset-factors
reset-factors: .tools/local ## remove all second factors of an account whose owner has lost them: EMAIL=ana@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local reset-factors

.PHONY: sign-out
sign-out: .tools/local ## revoke all tokens of an account: EMAIL=ana@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local sign-out

.PHONY: resume-mail
resume-mail: .tools/local ## let mails go to an address again, after one came back: EMAIL=ana@example.com [REASON="..."] [TABLE_NAME=deployed table]
	@.tools/local resume-mail

.PHONY: operator-list
operator-list: .tools/local ## list the accounts with a role, since when, and who gave it: [TABLE_NAME=deployed table]
	@.tools/local operator-list

.PHONY: maintenance
maintenance: .tools/local ## make the service read-only, or end that, or say how it is: [STATE=on|off] [FOR=30m] [REASON="..."] [SECRET_ID=output SecretArn of a deployed stack]
	@.tools/local maintenance

.PHONY: verify-audit
verify-audit: .tools/local ## check the audit logs for changes: [LOG=profile or account] [NOTES=log of audit-seal] [TABLE_NAME=deployed table]
	@.tools/local verify-audit

.PHONY: seal-audit
seal-audit: .tools/local ## seal audit entries that the stream left unsealed: [LOG=profile or account] [TABLE_NAME=deployed table]
	@.tools/local seal-audit

.PHONY: reseal-audit
reseal-audit: .tools/local ## seal audit logs again that do not verify, and record this in them: [LOG=profile or account] [TABLE_NAME=deployed table]
	@.tools/local reseal-audit

.PHONY: rotate-key
rotate-key: .tools/local ## make a new master key for sealed values of the table: [SECRET_ID=output SecretArn of a deployed stack]
	@.tools/local rotate-key

.PHONY: item
item: .tools/local ## print an item of the table in readable form, or list a partition: PK='P#...' [SK=P] [TABLE_NAME=deployed table]
	@.tools/local item

.PHONY: restore-drill
restore-drill: need-stack .tools/local ## rehearse a restore of the table on this machine, and say how long each step took
	@$(GO) run ./infra/drill

.PHONY: transfer
transfer: need-stack .tools/local ## show a whole transfer of a profile on a fresh local stack, with its mails
	@DEMO=accounts LOG_LEVEL=warn .tools/local with node infra/walk/transfer.mjs

.PHONY: upgrade-test
upgrade-test: need-stack .tools/local ## have the last release of CHANGELOG.md and the present code follow each other, and work beside each other, on one table
	@$(GO) run ./infra/upgrade

# Most tests of these packages do one thing after the other. The race detector has nothing to find in them, and they would take five times as
# long with it. Here it watches only the tests that do several things at once, which are found by the form of their code, and the test that
# runs all scenes.
ONE_BY_ONE = shared/store shared/service shared/operation
AT_ONCE = ^($$(awk '/^func / { name = $$2; sub(/[(].*/, "", name) } \
	/together[(]|watch[(]|[.]Go[(]|go func/ && name ~ /^Test/ { print name }' $(ONE_BY_ONE:=/*_test.go) | sort -u | tr '\n' '|')TestBudgets)$$
# It watches all tests of the other packages that do several things at once. Packages that do not are watched where these use them.
STARTS = go func|go [a-zA-Z.]+[(]|[.]Go[(]|flow[.]Parallel|together[(]
WATCHED = $$(grep -rlE --include='*.go' --exclude-dir=node_modules --exclude-dir=testdata '^[^/]*\b($(STARTS))' shared infra docs | \
	xargs -n 1 dirname | sort -u | grep -vxE '$(subst $() ,|,$(ONE_BY_ONE))' | sed 's,^,./,')
# The rest.
ALONE = $$($(GO) list ./shared/... ./infra/... ./docs | sed 's,^[^/]*,.,' | grep -vxF "$$(printf '%s\n' $(WATCHED) $(ONE_BY_ONE:%=./%))")
GO_TEST = $(GO) test -vet=off -shuffle=on -count=1 -parallel $(BESIDE) -timeout 20m

.PHONY: test
test: need-go need-stack ## test everything, on the engine that ENGINE names; RACE=1 runs tests of concurrent work under the race detector
ifdef RACE
	@# Side by side, as each leaves a core idle in the end.
	@set -x; $(GO_TEST) $(ALONE) ./shared/operation & \
	$(GO_TEST) ./shared/store ./shared/service; rest=$$?; wait $$! && exit $$rest
	@$(MAKE) --no-print-directory race
else
	$(GO_TEST) ./...
endif

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: lint
lint: need-go ## check the format, vet, staticcheck
	@unformatted=$$(gofmt -l shared infra docs functions); \
	[ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

.PHONY: check
check: lint ## lint, and run the tests that need no engine, in about a minute
	$(GO) test -short -vet=off ./shared/... ./infra/... ./docs

.PHONY: race
race: need-go need-stack ## run the tests of concurrent work under the race detector
	@# Side by side, as the first of them mostly waits for stacks. The second is on the model, which has no process that takes more than half
	@# of the time, and whose locks make more of these tests' requests meet.
	@set -x; export CGO_ENABLED=1; $(GO_TEST) -race $(WATCHED) & \
	ENGINE=model $(GO_TEST) -race -run "$(AT_ONCE)" $(ONE_BY_ONE:%=./%); once=$$?; wait $$! && exit $$once

# Each package is built once for all its targets, unlike with `go test -fuzz`, and each target runs on one core. Go may end a target at the
# end of its time with an error although nothing failed: https://go.dev/issue/75804.
.PHONY: fuzz
fuzz: need-go ## fuzz every target for FUZZTIME=10s each; an input that fails is kept in testdata/fuzz
	@folders=$$(grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' shared infra functions | xargs -n 1 dirname | sort -u); \
	[ -n "$$folders" ] || { echo "there is no fuzz target"; exit 1; }; \
	for folder in $$folders; do \
		mkdir -p dist/fuzz/$$folder; $(GO) test -c -fuzz=. -o dist/fuzz/$$folder/target ./$$folder || exit 1; \
	done; \
	for folder in $$folders; do \
		grep -ho '^func Fuzz[A-Za-z0-9]*' $$folder/*_test.go | sed "s,^func ,$$folder ,"; \
	done | xargs -P 2 -L 1 sh -c ' \
		built=$$PWD/dist/fuzz/$$0; cd $$0; \
		if ! out=$$($$built/target -test.run "^$$" -test.fuzz "^$$1\$$" -test.fuzztime $(FUZZTIME) -test.fuzzcachedir $$built/found -test.parallel 1 2>&1 </dev/null) && { \
			echo "$$out" | grep -q "Failing input" || ! echo "$$out" | grep -q "^    context deadline exceeded$$"; }; \
		then echo "$$out"; exit 255; fi; \
		echo "$$0 $$1: $$(echo "$$out" | grep -o "execs: [0-9]*" | tail -n 1)"'

.PHONY: compat
compat: need-stack $(SDKS) .tools/local ## test TagoIO's official SDKs 12, 11 and 10 against a fresh local stack, and run the calls of the reference pages
	@DEMO=accounts LOG_LEVEL=warn .tools/local with node infra/compat/walk.mjs
	@# No call ends in a slash, so one of the two settings is enough.
	@[ "$(TRAILING_SLASH)" = strict ] || DEMO=accounts RATE_LIMITS=off LOG_LEVEL=error .tools/local with node infra/compat/calls.mjs

.PHONY: client
client: need-stack .tools/local $(WEB_PACKAGES) ## build and test the typed client of the API, and walk it through a fresh local stack
	@npm run --silent --prefix $(WEB) check
	@npm run --silent --prefix $(WEB) client
	@npm run --silent --prefix $(WEB) test
	@LOG_LEVEL=warn .tools/local with npm run --silent --prefix $(WEB) walk

$(SDKS): infra/compat/package-lock.json
	@npm ci --prefix infra/compat --ignore-scripts --no-audit --no-fund --loglevel=error

$(WEB_PACKAGES): $(WEB)/package-lock.json
	@npm ci --prefix $(WEB) --ignore-scripts --no-audit --no-fund --loglevel=error

$(WEB_BUILT): $(WEB_PACKAGES) $(WEB_SOURCES)
	@echo "building the web console ..."
	@npm run --silent --prefix $(WEB) build -- --logLevel warn

.PHONY: console
console: need-node $(WEB_BUILT) ## build the web console into shared/console/dist/console, which functions/console-page embeds

.PHONY: console-dev
console-dev: need-node $(WEB_PACKAGES) ## serve the sources of the web console at localhost:5173, with the API of make run: [API=http://127.0.0.1:3000]
	@npm run --silent --prefix $(WEB) dev

# A browser tests the console on a fresh stack. PLAYWRIGHT has more arguments of the command, such as -u for new snapshots, or a file.
CONSOLE_WALK = LOG_LEVEL=warn .tools/local with sh -c 'cd $(WEB) && npx --no-install playwright test $$0 $(PLAYWRIGHT)'

.PHONY: console-test
console-test: need-node $(WEB_BUILT) ## check types, lint, unit tests and sizes of the web console
	@npm run --silent --prefix $(WEB) types
	@cd $(WEB) && npx --no-install tsc --noEmit --project e2e
	@npm run --silent --prefix $(WEB) lint
	@npm run --silent --prefix $(WEB) unit
	@cd $(WEB) && node scripts/size.mjs

.PHONY: browser
browser: need-node need-stack $(WEB_BUILT) .tools/local ## test all screens and flows of the web console, and the reference pages, in Chromium or in CHROME=path: [PLAYWRIGHT="session.spec"]
	@$(CONSOLE_WALK) --project=checks

.PHONY: console-shots
console-shots: need-node need-stack $(WEB_BUILT) .tools/local ## take the screenshots of docs/screenshots again
	@$(CONSOLE_WALK) --project=shots

.PHONY: console-pictures
console-pictures: need-node $(WEB_PACKAGES) ## make the pictures again with which the console's components are compared, with Chromium or CHROME=path
	@rm -rf $(WEB)/e2e/snapshots/gallery
	@cd $(WEB) && PICTURES=anew npx --no-install playwright test --project=checks gallery.spec --update-snapshots=all

.PHONY: bench-console
bench-console: need-node need-stack $(WEB_BUILT) .tools/local ## measure how fast the web console is, in Chromium or in CHROME=path
	@$(CONSOLE_WALK) --project=bench

.PHONY: bench
bench: need-go need-stack ## measure the functions and, to compare, a hello-world Lambda; and usage reports and, to compare, bare updates
	@$(GO) run ./infra/bench

.PHONY: scale
scale: need-go ## print how many callers at one item get on, on a model of DynamoDB in virtual time, beside the last table that was kept: [SCALE="-update" to keep it, "-only usage"]
	@mkdir -p .tools && $(GO) test -vet=off -c -o .tools/scale ./infra/scale && cd infra/scale && ../../.tools/scale -test.run '^TestTable$$' -table $(SCALE)

.PHONY: boot
boot: need-go need-stack ## start every built function under a double of Lambda's Runtime API, with its sample event
	@$(MAKE) --no-print-directory build GOARCH=$$($(GO) env GOARCH)
	@$(GO) run ./infra/boot

.PHONY: build
build: need-go $(if $(filter 0,$(CONSOLE)),,$(WEB_BUILT)) ## build every function into dist/fn/NAME/bootstrap
	@mkdir -p dist/bin
	@GOOS=linux GOARCH=$(GOARCH) $(GO) build $(FLAGS) -o dist/bin/ ./functions/...
	@rm -rf dist/fn
	@for f in functions/*/; do n=$$(basename $$f); mkdir -p dist/fn/$$n && ln dist/bin/$$n dist/fn/$$n/bootstrap; done

.PHONY: deploy
deploy: .tools/deploy ## build and deploy an environment of samconfig.toml to your AWS account; asks for what is not there yet: ENV=prod [ROLLBACK=off]
	@.tools/deploy ask
	@$(MAKE) --no-print-directory build
	@.tools/deploy

.PHONY: doctor
doctor: .tools/deploy ## check tools, AWS account and quotas before a deployment, and the stack after it: [ENV=prod]
	@.tools/deploy doctor

.PHONY: smoke
smoke: need-node $(SDKS) ## walk a deployed stack as its clients do, and remove what this makes: API_URL=https://... [EMAIL=new address | TOKEN=... PASSWORD=...]
	@TAGOIO_API="$(API_URL)" node infra/smoke/smoke.mjs

.PHONY: clean
clean: ## remove what was built and installed, but not the data of the local stack
	rm -rf dist .tools .aws-sam infra/npm/*/node_modules infra/compat/node_modules $(WEB)/node_modules $(WEB)/build $(WEB)/dist/console/assets $(WEB_BUILT)*

# These targets report a missing tool before anything is built.
.PHONY: need-go need-node need-stack
need-go need-node need-stack:
	@GO="$(GO)" sh infra/need/need.sh $(@:need-%=%)

.PHONY: .tools/local
.tools/local: need-go
	@[ -x $@ ] || echo "building; the first time this takes a minute or two ..."
	@$(GO) build -o $@ ./infra/local

.PHONY: .tools/deploy
.tools/deploy: need-go
	@$(GO) build -o $@ ./infra/deploy
