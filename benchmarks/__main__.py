"""`python -m benchmarks`: exit 1 when a limit is missed."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

THEIRS = ("DATABASE_URL", "CELERY_BROKER_URL", "SITE_URL", "HOST", "SECRET_KEY")


@contextmanager
def own_surroundings() -> Iterator[Path]:
    """A data folder, a port and a database of our own, and nothing of whoever calls us."""
    with TemporaryDirectory(prefix="fetchhive-bench-") as folder, own_database() as database:
        for name in [name for name in os.environ if name.startswith("FETCHHIVE_")]:
            del os.environ[name]
        for name in THEIRS:
            os.environ.pop(name, None)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {"DJANGO_SETTINGS_MODULE": "fetchhive.settings", "LOG_LEVEL": "WARNING"}
        os.environ.update(settings | database, FETCHHIVE_DATA=folder, PORT=str(port))
        yield Path(folder)


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """On the PostgreSQL of TEST_DATABASE_URL, when it is set; else SQLite, in the data folder."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield {}
        return
    import psycopg

    name = f"bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main() -> int:
    with own_surroundings() as folder:
        import django

        django.setup()
        from benchmarks.measuring import measure

        return measure(folder)


if __name__ == "__main__":
    sys.exit(main())
