# What a person types. Each line sets up what it needs first; bin/setup is quick when all is there.

PYTHON = .venv/bin/python

# Nothing of the shell's Python may reach ours.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV

.PHONY: run sign-in test test-long bench screenshots check lock

run:
	@bin/setup requirements.txt
	@$(PYTHON) manage.py start

sign-in:
	@bin/setup requirements.txt
	@$(PYTHON) manage.py sign_in

test:
	@bin/setup requirements-dev.txt
	@bin/test --quick

test-long:
	@bin/setup requirements-dev.txt
	@bin/test

bench:
	@bin/setup requirements-dev.txt
	@$(PYTHON) -m benchmarks

screenshots:
	@bin/setup requirements-dev.txt
	@$(PYTHON) -m tests.journeys.screenshots

check:
	@bin/setup requirements-dev.txt
	@bin/check

lock:
	@bin/lock
