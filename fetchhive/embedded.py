"""The processes of the embedded default; web and worker are the same everywhere."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from fetchhive import ports
from fetchhive.children import Child, begin_log

MANAGE = str(settings.BASE / "manage.py")


@dataclass(frozen=True)
class Sandbox:
    port: int
    latency: float
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def sandbox_when_needed(port: int | None, latency: float) -> Sandbox | None:
    """None when every provider has a key, or when a sandbox runs somewhere already."""
    routes = settings.PROVIDER_ROUTES.values()
    needed = any(route["sandbox_path"] and not route["key"] for route in routes)
    if settings.SANDBOX_URL or not needed:
        return None
    return Sandbox(port or ports.free_port(), latency, settings.DATA / "sandbox.log")


def children(sandbox: Sandbox | None) -> list[Child]:
    listed = [
        _child("web", web(), sandbox),
        _child("worker", worker(), sandbox),
        _child("sweep", [sys.executable, MANAGE, "sweep"], sandbox),
    ]
    if sandbox:
        child = _child("sandbox", _sandbox(sandbox), sandbox)
        child.environment = _without_keys(child.environment)
        child.ends_last = True
        listed.append(child)
    return listed


def _child(name: str, command: list[str], sandbox: Sandbox | None) -> Child:
    log = begin_log(settings.DATA / "logs" / f"{name}.log")
    return Child(name, command, environment(sandbox), log)


def environment(sandbox: Sandbox | None = None) -> dict[str, str]:
    """Ours, so that every setting means the same in every process."""
    ours = {
        "FETCHHIVE_DATA": str(settings.DATA),
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
        "SITE_URL": settings.SITE_URL,
        "PYTHONPATH": str(settings.BASE),
        "PYTHONUNBUFFERED": "1",
    }
    if sandbox:
        ours["FETCHHIVE_SANDBOX_URL"] = sandbox.url
    return {**os.environ, **ours}


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """The sandbox has no use for a key of ours, nor for half of what a bucket needs."""
    return {
        name: environment[name]
        for name in environment
        if not name.endswith(("_API_KEY", "_MASTER_KEYS")) and not name.startswith("S3_")
    }


def web() -> list[str]:
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    command = f"""
        -m gunicorn fetchhive.wsgi
        --worker-class gthread --workers {settings.WEB_CONCURRENCY} --threads 16
        --bind {host}:{settings.PORT} --no-control-socket --graceful-timeout 10
        --logger-class fetchhive.web_log.WebLog
    """
    return [sys.executable, *command.split()]


def worker() -> list[str]:
    command = """
        -m celery -A fetchhive --quiet worker -P threads
        --without-gossip --without-mingle --without-heartbeat
    """
    return [sys.executable, *command.split()]


def _sandbox(sandbox: Sandbox) -> list[str]:
    command = ["sandbox", "--port", str(sandbox.port), "--latency", f"{sandbox.latency:g}"]
    return [sys.executable, MANAGE, *command, "--log", str(sandbox.log)]
