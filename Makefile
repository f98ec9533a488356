# Everything from a fresh clone, with Python 3.10 or newer and make:
#   make start | test | lint | screen | screenshots | coverage | soak | benchmarks | clean
# ARGS goes to the program behind: make start ARGS=--no-browser, make test ARGS="-k spool -x".
# PYTHON names the Python that .venv is made with, when the first on the PATH is not the right one.

# As an activated environment has it: the kernel of the example project runs in .venv too.
ACTIVATED = VIRTUAL_ENV="$(CURDIR)/.venv" PATH="$(CURDIR)/.venv/bin:$$PATH"
MEASURED = benchmarks/[a-z]*.py

export PYTHON

.PHONY: start test lint screen screenshots coverage soak benchmarks clean

start: # open JupyterLab on this repository's own example project
	@.ci/setup run
	@$(ACTIVATED) .venv/bin/workbench notebook start $(ARGS)

test: # all tests but the long ones
	@.ci/setup test
	@.venv/bin/python -m pytest $(ARGS)

lint: # style and types
	@.ci/setup lint
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

screen: # types and unit tests of what is shown in JupyterLab; needs Node
	@.ci/setup lint
	@.venv/bin/python jupyter_workbench/labextension/build_hook.py --test

screenshots: # take the pictures of README.md from a real session; needs Chromium
	@.ci/setup test
	@.venv/bin/python -m docs.screenshots

coverage: # which lines the tests of `make test` run; settings are in setup.cfg
	@.ci/setup test
	@.venv/bin/python -m coverage erase
	@.venv/bin/python -m coverage run -m pytest $(ARGS)
	@.venv/bin/python -m coverage combine --quiet
	@.venv/bin/python -m coverage report

soak: # kill kernels, containers and servers over and over: two to three hours
	@.ci/setup test
	@.venv/bin/python -m pytest -m soak --timeout 3600 $(ARGS)

benchmarks: # measure beside what others use; compare rows of one run only
	@.ci/setup test
	@for file in $$(grep -l __main__ $(MEASURED)); do \
	    .venv/bin/python -m "benchmarks.$$(basename "$$file" .py)" $(ARGS) || exit 1; \
	done

clean: # what was built, never what you wrote
	rm -rf jupyter_workbench/labextension/assets jupyter_workbench/labextension/lib
	rm -rf jupyter_workbench/labextension/node_modules jupyter_workbench/labextension/not_built.txt
	rm -rf .venv build dist .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
