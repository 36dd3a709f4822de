"""`manage.py worker`: for supervisors such as systemd or Docker; `manage.py start` is its own."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from fetchhive import embedded


class Command(BaseCommand):
    help = "A worker alone. Told to end, it waits for the answers that it has asked for."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        os.execve(sys.executable, embedded.worker(), embedded.environment())
