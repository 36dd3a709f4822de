from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imagegen.books.check import breaches


class Command(BaseCommand):
    help = (
        "Check every invariant of ledger, statement and storage against rows and files; print each"
        " broken one and exit with 1 if there is any. Nothing is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sandbox-log", type=Path, help="what the sandbox has read")

    def handle(self, *args: Any, **options: Any) -> None:
        log = options["sandbox_log"]
        if log and not log.is_file():
            raise CommandError(f"There is no log at {log}.")
        found = list(breaches(log))
        for breach in found:
            self.stdout.write(breach)
        if found:
            raise CommandError(f"The books are wrong in {len(found)} places.")
        self.stdout.write("The books are right.")
