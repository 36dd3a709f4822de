"""`manage.py web`: for supervisors such as systemd or Docker; `manage.py start` is its own."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from fetchhive import embedded


class Command(BaseCommand):
    help = "The web server alone, until it is told to end."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        os.execve(sys.executable, embedded.web(), embedded.environment())
