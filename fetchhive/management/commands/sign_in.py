"""`manage.py sign_in`: a fresh address that signs the first owner in, once."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from fetchhive import instance
from workflows.models import Membership, User
from workflows.sign_in import address_for


class Command(BaseCommand):
    help = "Print an address that signs the first owner in, once."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        owner = _first_owner()
        if owner is None:
            sys.exit("Start Fetch Hive first: make run")
        # The running instance may answer at another port than our own settings say.
        self.stdout.write(address_for(owner, instance.site_url(settings.DATA) or ""))


def _first_owner() -> User | None:
    try:
        owners = User.objects.filter(memberships__role=Membership.Role.OWNER, is_active=True)
        return owners.order_by("created_at").first()
    except DatabaseError:  # no tables yet
        return None
