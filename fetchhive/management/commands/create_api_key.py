"""`manage.py create_api_key`: a bearer key for a program, printed once."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from workflows.api_keys import NotMade, make
from workflows.models import ApiKey, Workspace

NAME = "Command line"


class Command(BaseCommand):
    help = (
        "Print a new API key of a workspace. It is shown this once; owners revoke it in API keys."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace",
            required=True,
            metavar="SLUG",
            help="as in the address of its pages: /w/SLUG",
        )
        parser.add_argument("--name", help=f"what the key is for (default: {NAME}, counted)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = _workspace(options["workspace"])
            _, key = make(workspace, options["name"] or _free_name(workspace), None)
        except NotMade as refused:
            sys.exit(str(refused))
        except DatabaseError:  # no tables yet
            sys.exit("Start Fetch Hive first: make run")
        self.stdout.write(key)


def _workspace(slug: str) -> Workspace:
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        known = ", ".join(
            Workspace.objects.order_by("created_at").values_list("slug", flat=True)[:20]
        )
        sys.exit(f"There is no workspace “{slug}”. There is: {known or 'none yet'}.")
    return workspace


def _free_name(workspace: Workspace) -> str:
    taken = ApiKey.objects.live().filter(workspace=workspace, name__startswith=NAME)
    names, number = set(taken.values_list("name", flat=True)), 1
    while (name := NAME if number == 1 else f"{NAME} {number}") in names:
        number += 1
    return name
