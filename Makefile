# make run     install what is missing, migrate, seed an empty school, serve on http://127.0.0.1:8000
# make test    lint, types, import contracts, migrations and the whole suite
#
# PORT, HOST, DATA_DIR and every variable of docs/configuration.md are honoured from the environment or the command
# line (`make run PORT=9000`). `make run ARGS=--http` passes arguments on. Works with GNU make 3.81.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
ARGS :=

# The checks and the suite take no settings from this machine's .env, and leave the data of `make run` alone. What Python
# compiles is kept: else every worker, and every server that a test starts, compiles all of it again.
TEST_DATA_DIR := var/tests
TEST_WORKERS := auto
CLEAN_ENV := env -u PYTHONDONTWRITEBYTECODE ENV_FILE=/dev/null DATA_DIR=$(TEST_DATA_DIR)
CODE := accounts attendance chatbot community courses payments e_learning benchmarks tests manage.py

.PHONY: help
help:
	@echo "make run         install, migrate, seed an empty school, serve (PORT, HOST, DATA_DIR, ARGS)"
	@echo "make test        lint and the whole suite; with DATABASE_URL and REDIS_URL set, on those (THOROUGH=1: more rounds)"
	@echo "make test-suite  the suite alone (ARGS go to pytest)"
	@echo "make storms      sockets, processes and workers under fire, for some minutes each"
	@echo "make coverage    the suite alone, and what of the code it covers"
	@echo "make lint        ruff, mypy, import contracts, Django's checks, missing migrations"
	@echo "make format      let ruff rewrite what it can"
	@echo "make bench       measure the hot paths against a bare server"
	@echo "make bench-chat  measure chat fan-out against a socket.io server (needs Node)"
	@echo "make bench-tutor how often the tutor cites the right lesson, and declines what none answers"
	@echo "make install-ai  what the tutor needs to find by meaning (AI_EMBEDDING_MODEL)"
	@echo "make messages    bring new messages into locale/ and compile it (needs GNU gettext)"
	@echo "make lock        pin requirements*.in again"
	@echo "make clean       remove .venv and caches; data in var/ stays"

# --- the environment -------------------------------------------------------------------------------------------------

# A name on PATH proves little: it may be a shim of a version that is not active, or a Python without venv. So each
# candidate is started and asked. The activated one (python3) comes first.
$(PY):
	@IFS=:; \
	works() { "$$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }; \
	found=; \
	if [ -n "$(PYTHON)" ]; then \
	  works "$(PYTHON)" && found="$(PYTHON)"; \
	else \
	  for name in python3 python3.13 python3.12 python3.11; do \
	    for folder in $$PATH; do \
	      if [ -z "$$found" ] && [ -x "$$folder/$$name" ] && works "$$folder/$$name"; then found="$$folder/$$name"; fi; \
	    done; \
	  done; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 with its venv module is needed, and none was found$(if $(PYTHON), at $(PYTHON), on PATH)." >&2; \
	  echo "Install one (macOS: brew install python@3.13; Debian and Ubuntu: apt install python3 python3-venv)," >&2; \
	  echo "or name it: make PYTHON=/path/to/python3.12 run" >&2; \
	  exit 1; \
	fi; \
	echo "Creating $(VENV) with $$found"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# What was installed is kept as a copy beside the packages, and compared by content: a checkout that only touches the
# time of a file installs nothing.
.PHONY: install
install: $(PY)
	@cmp -s requirements.txt $(VENV)/installed.txt || { \
	  echo "Installing what the server needs (about a minute the first time)"; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
	  cp requirements.txt $(VENV)/installed.txt; }

.PHONY: install-dev
install-dev: install
	@cmp -s requirements-dev.txt $(VENV)/installed-dev.txt || { \
	  echo "Installing what the tests need (about a minute the first time)"; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt && \
	  cp requirements-dev.txt $(VENV)/installed-dev.txt; }

# What finding by meaning needs (AI_EMBEDDING_MODEL): nothing else imports it.
.PHONY: install-ai
install-ai: install
	@cmp -s requirements-ai.txt $(VENV)/installed-ai.txt || { \
	  echo "Installing what finding by meaning needs"; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-ai.txt && \
	  cp requirements-ai.txt $(VENV)/installed-ai.txt; }

# --- the two commands ------------------------------------------------------------------------------------------------

.PHONY: run
run: install
	@exec $(PY) manage.py serve $(ARGS)

.PHONY: test
test: lint test-suite

# --- their parts -----------------------------------------------------------------------------------------------------

# Always on SQLite: none of these needs a database, and makemigrations would otherwise complain of one that is not there.
.PHONY: lint
lint: install-dev
	$(PY) -m ruff check --output-format concise .
	$(PY) -m ruff format --check --output-format concise .
	$(CLEAN_ENV) $(PY) -m mypy $(CODE)
	$(VENV)/bin/lint-imports --no-logo
	env -u DATABASE_URL -u REDIS_URL $(CLEAN_ENV) $(PY) manage.py check --fail-level WARNING
	env -u DATABASE_URL -u REDIS_URL $(CLEAN_ENV) $(PY) manage.py makemigrations --check --dry-run

.PHONY: test-suite
test-suite: install-dev
	@mkdir -p $(TEST_DATA_DIR)
	$(CLEAN_ENV) $(PY) -m pytest -n $(TEST_WORKERS) --maxprocesses 4 --dist worksteal $(ARGS)

# Tracing makes the suite half as slow again, so it is a run of its own. Fails below 95 % of lines.
.PHONY: coverage
coverage:
	$(MAKE) test-suite ARGS="--cov --cov-report=term-missing:skip-covered $(ARGS)"

# Minutes each: processes killed under load, a worker killed fifty times, a hundred thousand frames; and what is promised
# within seconds, held to the letter. On PostgreSQL and Redis where DATABASE_URL and REDIS_URL are set; some only there.
STORMS := tests/flows/test_chat_storm.py tests/flows/test_presence.py tests/core/realtime \
	tests/community/chat/test_socket.py tests/community/chat/test_healing.py \
	tests/community/notifications/test_killed_worker.py

.PHONY: storms
storms: install-dev
	@mkdir -p $(TEST_DATA_DIR)
	$(CLEAN_ENV) STORM=1 $(PY) -m pytest $(STORMS) --timeout 3600 -ra $(ARGS)

.PHONY: format
format: install-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

.PHONY: bench
bench: install-dev
	$(PY) benchmarks/http.py $(ARGS)

.PHONY: bench-chat
bench-chat: install-dev
	$(PY) -m benchmarks.chat_fanout $(ARGS)

.PHONY: bench-tutor
bench-tutor: install-dev
	$(PY) -m benchmarks.tutor $(ARGS)

# The compiled catalogues are committed, so only who changes a message needs gettext. The date of the run is left out of
# the file: it would be a change where none is. locale/libraries is written by hand and only compiled.
HINDI := locale/hi/LC_MESSAGES/django.po

.PHONY: messages
messages: install-dev
	@command -v msgmerge >/dev/null || { echo "GNU gettext is needed: apt install gettext, or brew install gettext" >&2; exit 1; }
	$(CLEAN_ENV) $(PY) manage.py makemessages -l hi --no-location --no-obsolete --no-wrap --ignore '.*' --ignore var --ignore tests --ignore benchmarks
	@sed '/^"POT-Creation-Date:/d' $(HINDI) > $(HINDI).undated && mv $(HINDI).undated $(HINDI)
	$(CLEAN_ENV) $(PY) manage.py compilemessages -l hi --ignore '.*'

# The locks hold for every Python from 3.11 to 3.13 and every system. uv is only needed here, so it gets a place of its own.
LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

.PHONY: lock
lock: $(PY)
	@test -x .venv-lock/bin/uv || { $(PY) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv; }
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) requirements-dev.in -o requirements-dev.txt
	$(LOCK) $(ARGS) requirements-ai.in -o requirements-ai.txt

.PHONY: clean
clean:
	rm -rf $(VENV) .venv-lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis .coverage .coverage.* htmlcov $(TEST_DATA_DIR)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
