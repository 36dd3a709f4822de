"""When each machine's sweep was last through, so that somebody notices when none is."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

FORGOTTEN = timedelta(days=7)


class Sweep(models.Model):
    node = models.CharField(max_length=100, primary_key=True)
    last_round_at = models.DateTimeField()

    class Meta:
        ordering = ("node",)

    def __str__(self) -> str:
        return f"sweep of {self.node}"


def tell_of_round() -> None:
    """A round in which nothing failed has ended on this machine. Machines that have been silent
    for a week are forgotten when another one begins."""
    known = Sweep.objects.filter(node=settings.NODE)
    if not known.update(last_round_at=Now()):
        Sweep.objects.update_or_create(node=settings.NODE, defaults={"last_round_at": Now()})
        Sweep.objects.filter(last_round_at__lt=Now() - FORGOTTEN).delete()
