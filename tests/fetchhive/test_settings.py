import ast
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fetchhive import embedded
from fetchhive.data_folder import kept_secret
from imagegen import catalogue

REPOSITORY = Path(__file__).resolve().parents[2]
READ = re.compile(r'\b(?:env|Env\(\))\.\w+\(\s*"([A-Z][A-Z0-9_]*)"')
LISTED = re.compile(r"^# ([A-Z][A-Z0-9_]*)=", re.MULTILINE)


PROVIDERS = {
    "FETCHHIVE_OPENAI_API_KEY",
    "FETCHHIVE_XAI_API_KEY",
    "FETCHHIVE_GEMINI_API_KEY",
    "FETCHHIVE_OPENAI_BASE_URL",
    "FETCHHIVE_XAI_BASE_URL",
    "FETCHHIVE_GEMINI_BASE_URL",
    "FETCHHIVE_GEMINI_CLOUD_BASE_URL",
}


OF_OTHERS = {"POSTGRES_PASSWORD"}  # read by compose.yaml


def test_every_variable_of_the_settings_is_listed_once_in_the_example():
    read = {
        name
        for path in (REPOSITORY / "fetchhive").rglob("*.py")
        for name in READ.findall(path.read_text())
    }
    listed = LISTED.findall((REPOSITORY / ".env.example").read_text())

    assert sorted(listed) == sorted(read | PROVIDERS | OF_OTHERS)


@pytest.mark.parametrize("route", ["openai", "xai", "gemini", "gemini-cloud"])
def test_key_and_host_of_a_provider_come_from_variables_of_our_own_name(route, environment):
    provider, name = route.partition("-")[0].upper(), route.upper().replace("-", "_")
    environment[f"FETCHHIVE_{provider}_API_KEY"] = " a-key "
    environment[f"FETCHHIVE_{name}_BASE_URL"] = "https://elsewhere.example/v9/"
    asked = f"from fetchhive import settings; print(settings.PROVIDER_ROUTES[{route!r}])"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    known = ast.literal_eval(said.stdout)
    assert (known["key"], known["base_url"]) == ("a-key", "https://elsewhere.example/v9")


def test_the_example_shows_the_hosts_of_the_records():
    example = (REPOSITORY / ".env.example").read_text()
    for name in ("openai", "xai", "gemini", "gemini-cloud"):
        route = next(route for route in catalogue.routes() if route.name == name)
        assert f"{name.upper().replace('-', '_')}_BASE_URL={route.base_url}\n" in example


def test_the_example_changes_nothing_until_it_is_edited():
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    assert all(line.startswith("#") or not line for line in lines)


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "data" / "secret-key"
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(kept_secret, [path] * 8))

    assert secrets == {path.read_text()}
    assert len(path.read_text()) >= 50
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret-key"]


@pytest.mark.processes
def test_a_folder_that_cannot_be_made_is_one_sentence_and_no_traceback(tmp_path, environment):
    (tmp_path / "file").touch()
    environment["FETCHHIVE_DATA"] = str(tmp_path / "file" / "data")

    for command in ("start", "sign_in"):
        ended = subprocess.run(
            [sys.executable, REPOSITORY / "manage.py", command],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        assert str(tmp_path / "file" / "data") in ended.stderr
        assert "FETCHHIVE_DATA=/path/to/folder make run" in ended.stderr


def test_the_sandbox_is_given_no_key():
    given = {"PATH": "/bin", "FETCHHIVE_XAI_API_KEY": "xai-1", "FETCHHIVE_MASTER_KEYS": "abc"}
    given |= {"S3_BUCKET": "images", "S3_SECRET_ACCESS_KEY": "abc"}
    assert embedded._without_keys(given) == {"PATH": "/bin"}
