import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "name", ["PORT", "WORKER_CONCURRENCY", "LEASE_SECONDS", "BEHIND_PROXY", "LOG_FORMAT"]
)
def test_a_malformed_variable_stops_the_start_with_its_name(name, environment, repository):
    refused = subprocess.run(
        [sys.executable, "manage.py", "start"],
        cwd=repository,
        env={**environment, name: "many"},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{name} cannot be 'many'")
    assert "Traceback" not in refused.stderr
