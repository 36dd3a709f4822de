"""API keys: with one, a program starts and reads the runs of a workspace."""

from django.db import models
from django.db.models import Q

from workflows.keys import new_id
from workflows.models.people import User, Workspace


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """What is left of a key once it was shown: enough to know it again, not to use it. Its row
    stays when it is revoked, because runs refer to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256. The key is random, so that no slower digest makes it harder to guess."""
    last_four = models.CharField(max_length=4)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Nobody when it was made on the command line."""
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    """To the minute: not every request writes."""
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(revoked_at=None),
                name="api_key_name_once_among_the_live",
            ),
        )
        indexes = (models.Index(fields=["last_four"], name="api_key_by_last_four"),)

    def __str__(self) -> str:
        return f"API key {self.name}"
