"""Dockerfile and compose.yaml say what this program has."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = (REPOSITORY / "compose.yaml").read_text()
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
LISTED = set(re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (REPOSITORY / ".env.example").read_text(), re.M))
OF_PYTHON = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
OURS = ("prepare", "web", "worker", "sweep")


def blocks(text):
    """Lines below each key that stands at the left, by that key."""
    found = re.findall(r"^([\w-]+):.*\n((?:[ #].*\n|\n)*)", text, re.M)
    return dict(found)


def dedented(text):
    return re.sub(r"^  ", "", text, flags=re.M)


SERVICES = blocks(dedented(blocks(COMPOSE)["services"]))


def lists(text, key):
    return [json.loads(found) for found in re.findall(rf"^\s*{key}:? (\[.*\])$", text, re.M)]


def test_every_command_of_ours_exists():
    commands = [words for name in OURS for words in lists(SERVICES[name], "command")]
    assert len(commands) == len(OURS)
    commands += [words for words in lists(DOCKERFILE, "CMD") if "manage.py" in words]
    named = re.findall(r"manage\.py (\w+)", DOCKERFILE)
    assert "collectstatic" in named
    for python, manage, command, *more in commands:
        assert (python, manage, more) == ("python", "manage.py", [])
        named.append(command)
    assert set(named) <= set(get_commands())


def test_every_variable_that_is_set_or_asked_for_is_one_that_we_read():
    environment = blocks(COMPOSE)["x-environment"] + SERVICES["web"] + SERVICES["worker"]
    names = set(re.findall(r"^\s+([A-Z][A-Z0-9_]+): ", environment, re.M))
    assert {"DATABASE_URL", "NODE", "WEB_CONCURRENCY", "S3_PUBLIC_URL"} <= names
    names |= set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE))
    names |= set(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=", DOCKERFILE, re.M))
    assert names - OF_PYTHON <= LISTED


def test_nothing_secret_stands_in_the_files():
    for name in ("SECRET_KEY", "FETCHHIVE_MASTER_KEYS", "POSTGRES_PASSWORD"):
        assert re.findall(rf"{name}: (.*)", COMPOSE)
        assert set(re.findall(rf"{name}: (.*)", COMPOSE)) == {f"${{{name}:?set it in .env}}"}
    assert not re.search(r"^ENV.*(SECRET|PASSWORD|_KEY)", DOCKERFILE, re.M)
    assert ".env" not in re.findall(r"^!(.*)", (REPOSITORY / ".dockerignore").read_text(), re.M)


def test_what_the_image_copies_is_there_and_let_in():
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.M)
    let_in = re.findall(r"^!(.*)$", (REPOSITORY / ".dockerignore").read_text(), re.M)
    assert sorted(copied) == sorted(let_in)
    assert all((REPOSITORY / name).exists() for name in copied)
    assert "--require-hashes" in DOCKERFILE
    assert "\nUSER fetchhive\n" in DOCKERFILE


def test_the_worker_is_given_longer_to_end_than_any_provider_has_to_answer():
    (minutes,) = re.findall(r"stop_grace_period: (\d+)m", SERVICES["worker"])
    deadlines = [
        tomllib.loads(path.read_text())["deadline"]
        for path in (REPOSITORY / "imagegen" / "catalogue").glob("*.toml")
    ]
    longest = max(max(each["seconds"], each.get("slow_seconds", 0)) for each in deadlines)
    assert int(minutes) * 60 > longest + 60


@pytest.mark.parametrize("name", ["worker", "sweep"])
def test_worker_and_sweep_share_a_spool_and_the_name_of_the_machine_that_has_it(name):
    assert re.findall(r"- ([\w-]+):/data$", SERVICES[name], re.M) == ["machine-1"]
    assert "machine-1:" in blocks(COMPOSE)["volumes"]
    assert re.search(r"environment: (&node|\*node)$", SERVICES[name], re.M)
    assert "NODE: machine-1" in COMPOSE
