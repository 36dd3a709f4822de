from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from imagegen.sandbox.server import known_faults, serve


class Command(BaseCommand):
    help = (
        "Serve the simulated image providers over HTTP. A prompt that holds [[sandbox:NAME]] is"
        f" answered with a fault; the names: {', '.join(known_faults())}."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--latency", type=float, default=2.0, help="seconds per answer")
        parser.add_argument("--log", type=Path, required=True, help="a JSON line per request")

    def handle(self, *args: Any, **options: Any) -> None:
        serve(options["host"], options["port"], options["latency"], options["log"])
