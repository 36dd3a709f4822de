"""`manage.py prepare`: what has to be done once before the processes of a version start."""

import sys
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand

from fetchhive import broker, celery_app, database
from fetchhive.refusal import Refusal
from imagegen.assets.files import stored_files
from workflows.first_start import ensure_first_workspace
from workflows.models import User
from workflows.sign_in import address_for


class Command(BaseCommand):
    help = (
        "Prove that stored files and broker can be reached, migrate the database, and make the"
        " first user and workspace when it is empty. It may be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _prove_files()
            self.stdout.write("Files: can be written, read and deleted")
            if not settings.CELERY_BROKER_URL.startswith("filesystem"):
                broker.reach(celery_app.connection_for_write())
            self.stdout.write("Broker: answers")
            self.stdout.write(f"Database: {database.bring_up_to_date()}")
        except Refusal as refused:
            sys.exit(str(refused))
        with database.one_at_a_time():
            if not User.objects.exists():
                address = address_for(ensure_first_workspace())
                self.stdout.write(f"Open this address to sign in (works once): {address}")


def _prove_files() -> None:
    """Raises Refusal."""
    try:
        name = stored_files.save("arriving/proof", ContentFile(b"works"))
        with stored_files.open(name) as file:
            file.read()
        stored_files.delete(name)
    except OSError as error:
        where = "S3_BUCKET" if settings.S3 else "FETCHHIVE_DATA"
        raise Refusal(f"Stored files cannot be kept: {error}; mend {where}") from error
