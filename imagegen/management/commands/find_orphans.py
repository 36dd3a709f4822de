"""`manage.py find_orphans`: files that nothing refers to, and rows whose file is lost."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imagegen.assets.orphans import Found, clear_away, scan
from imagegen.assets.scrub import QUARANTINE


class Command(BaseCommand):
    help = (
        "List stored files that no row refers to, and rows whose file is missing or has another"
        " length. Nothing is changed without --quarantine. Exit 1 when rows lost their file, or"
        " so many files their row that it cannot be true."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--quarantine", action="store_true", help=f"move the files into {QUARANTINE}/"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = Found()
        for _ in scan(found):
            pass
        for wrong in found.damaged:
            self.stdout.write(wrong)
        for name in found.orphans:
            self.stdout.write(f"no row refers to {name}")
        moved = clear_away(found) if options["quarantine"] else []
        self.stdout.write(_in_short(found, len(moved)))
        if found.damaged or found.is_mass:
            sys.exit(1)


def _in_short(found: Found, moved: int) -> str:
    orphans = len(found.orphans) + found.more_orphans
    words = f"{found.files} files: {orphans} without a row, {moved} moved to {QUARANTINE}/."
    if found.is_mass:
        words += " Too many to be true, so none was moved. Is this the right database?"
    return f"{words} {len(found.damaged)} rows without their file."
