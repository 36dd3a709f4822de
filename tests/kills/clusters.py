"""A PostgreSQL server of our own, which may be stopped hard."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg
from django.db import connection

from tests.journeys.conftest import free_port

NO_PROGRAMS = "no PostgreSQL server is installed here, so none can be stopped"


def programs():
    """The folder with initdb and pg_ctl; None when they are not here."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found = sorted(versions, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("pg_ctl")
    return found[-1] if found else on_path and Path(on_path).resolve().parent


class Cluster:
    """It stands empty, with the schema of the tests' database in `hive`."""

    def __init__(self):
        self.programs, self.port = programs(), free_port()
        self.folder = Path(mkdtemp(prefix="fetchhive-cluster-"))
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.folder, "postgres")
        words = "-U fetchhive -A trust -E UTF8 --locale C.UTF-8"
        self._run("initdb", "-D", self.data, *words.split())
        self.start()

    @property
    def data(self):
        return str(self.folder / "data")

    def start(self):
        words = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", log, "-o", words)

    def stop(self):
        self._run("pg_ctl", "stop", "-m", "immediate", "-w", "-s", "-D", self.data)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def _run(self, program, *arguments):
        user = {}
        if os.geteuid() == 0:
            user = {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid}
        subprocess.run(
            [self.programs / program, *arguments],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            **user,
        )

    def address(self, name):
        return f"postgres://fetchhive@127.0.0.1:{self.port}/{name}"

    def copy_schema(self, address):
        """Of the database there: the template of all others."""
        self._do("CREATE DATABASE template_hive")
        dump = [self.programs / "pg_dump", "--schema-only", "--no-owner", address]
        schema = subprocess.run(dump, check=True, stdout=subprocess.PIPE).stdout
        load = [
            self.programs / "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            self.address("template_hive"),
        ]
        subprocess.run(load, check=True, input=schema, stdout=subprocess.DEVNULL)

    def new_database(self):
        """Its name."""
        name = f"hive_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE template_hive")
        return name

    def _do(self, statement):
        with psycopg.connect(self.address("postgres"), autocommit=True) as server:
            server.execute(statement)


@contextmanager
def connected_to(cluster):
    """This process uses a new database there instead of its own."""
    own = dict(connection.settings_dict)
    name = cluster.new_database()
    _connect(NAME=name, HOST="127.0.0.1", PORT=cluster.port, USER="fetchhive", PASSWORD="")
    try:
        yield
    finally:
        _connect(**own)


def _connect(**place):
    forget_connections()
    connection.settings_dict.update(place)


def forget_connections():
    """They may be those of a server that was stopped."""
    connection.close()
    connection.close_pool()
