"""The table of the figures, as it is printed and as the README has it."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.db import connection

from benchmarks.figures import Figure

BEGIN, END = "<!-- `make bench` writes this table -->", "<!-- until here -->"
HEAD = ("what (medians)", "measured", "limit", "to an empty page", "")


def conditions() -> str:
    """Of the measurement; where the load is above the number of cores, others had the machine."""
    if connection.vendor == "sqlite":
        import sqlite3

        database = f"SQLite {sqlite3.sqlite_version}"
    else:
        database = f"PostgreSQL {connection.cursor().connection.info.server_version // 10_000}"
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    machine = f"{cores} cores, load {busy:.1f}"
    return f"{date.today()}, Python {platform.python_version()}, {database}, {machine}."


def plain(figures: Sequence[Figure]) -> str:
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *others = widths
    return "\n".join(
        "  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]).rstrip() for row in rows
    )


def write_into(readme: Path, figures: Sequence[Figure], conditions: str) -> None:
    rows = [HEAD, ("---", "---:", "---:", "---:", "---"), *(figure.cells for figure in figures)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    before, rest = readme.read_text().split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n\n{table}\n\n{conditions}\n\n{END}{after}")
