# The commands of a day. `make` lists them; WORKSPACE=folder (default: this one) and DATASETS="id id" (default: all) go with each.
# `.ci/setup` first makes .venv and installs what is missing; once that is done it does nothing.

.DEFAULT_GOAL := help
.PHONY: publish plan check status serve portal-up portal-down test faults lint fix bench help
BIN := .venv/bin
# Whole files go to a process, in the order of the folders: the long ones come first, so that no process waits at the end.
PYTEST = $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder
OPENDATA = $(BIN)/opendata $(1) $(if $(WORKSPACE),--workspace "$(WORKSPACE)")

publish: ## plan, print the plan, and publish it
	@.ci/setup
	@$(call OPENDATA,publish) $(DATASETS)

plan: ## what publish would do, and why; writes nothing
	@.ci/setup
	@$(call OPENDATA,plan) $(DATASETS)

check: ## the quality self-check and the disclosure gate, without publishing
	@.ci/setup
	@$(call OPENDATA,check) $(DATASETS)

status: ## which release is where, and its age against the promised cycle
	@.ci/setup
	@$(call OPENDATA,status) $(DATASETS)

serve: ## the static portal and the sharing server on loopback
	@.ci/setup
	@$(call OPENDATA,serve)

portal-up: ## a real CKAN on loopback, with our plugin, for trials; prints its address
	@.ci/setup portal
	@python3 platforms/ckan/portal.py up --with release --with dcat
	@python3 platforms/ckan/portal.py organisation "$$(sed -n 's/^id: *//p' "$(or $(WORKSPACE),.)/resource_catalog/agency.yaml")"

portal-down: ## end that CKAN; its data stays in var/ckan/trial
	@python3 platforms/ckan/portal.py down

test: ## set everything up, a real CKAN too unless CKAN=skip, and run every test but those of `make faults`; WITH=faults: these too
	@.ci/setup test
	@[ "$$CKAN" = skip ] || .ci/setup portal
	@$(PYTEST) $(if $(filter faults,$(WITH)),,-m "not faults")

faults: ## the fault matrix alone: kills at every step, lost answers, dying servers, two publishers
	@.ci/setup test
	@[ "$$CKAN" = skip ] || .ci/setup portal
	@$(PYTEST) -m faults

lint: ## the read-only checks, the same as CI's
	@.ci/setup lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: ## repair what ruff can, format, and renew the generated documentation
	@.ci/setup lint
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.documentation

bench: ## the benchmarks, each beside its roofline
	@.ci/setup
	@$(BIN)/python -m tests.benchmarks.run

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
