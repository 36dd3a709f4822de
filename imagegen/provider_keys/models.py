"""Provider keys of workspaces: sealed while they live, and a row of who and when for ever."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflows.keys import new_id
from workflows.models import Workspace


class ProviderKeyQuerySet(models.QuerySet["ProviderKey"]):
    def live(self) -> "ProviderKeyQuerySet":
        return self.filter(ended_at=None)


class ProviderKey(models.Model):
    class End(models.TextChoices):
        REPLACED = "replaced", "Replaced"
        REVOKED = "revoked", "Revoked"

    class Result(models.TextChoices):
        """What the provider said of it, in our words: a stranger's text is never stored."""

        ACCEPTED = "accepted", "{provider} accepted the key."
        REFUSED = "refused", "{provider} refused the key. Replace it."
        NOT_ALLOWED = "not_allowed", "{provider} knows the key, but did not allow what was asked."
        OUT_OF_CREDIT = "out_of_credit", "{provider} says that the account is out of credit."
        BUSY = "busy", "{provider} was busy. Test the key again in a minute."
        UNREACHABLE = "unreachable", "{provider} could not be reached. Test the key again."
        NO_ANSWER = "no_answer", "{provider} gave no clear answer. Test the key again."

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="provider_keys")
    provider = models.CharField(max_length=20)
    sealed = models.BinaryField(null=True)
    """Destroyed when the key ends."""
    master_key = models.CharField(max_length=12)
    """The id of the one that sealed it."""
    last_four = models.CharField(max_length=4)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=End, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True)
    last_result = models.CharField(max_length=15, choices=Result, blank=True, default="")
    last_result_at = models.DateTimeField(null=True)

    objects = ProviderKeyQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "provider"],
                condition=Q(ended_at=None),
                name="provider_key_one_live_per_provider",
            ),
            models.CheckConstraint(
                name="provider_key_sealed_while_it_lives",
                condition=Q(ended_at__isnull=True, sealed__isnull=False, ended_as="")
                | Q(
                    ended_at__isnull=False,
                    sealed__isnull=True,
                    ended_as__in=["replaced", "revoked"],
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} key of {self.workspace}"

    @property
    def belongs_to(self) -> str:
        """What its ciphertext is bound to: moved to another row, workspace or provider it does
        not open."""
        return belongs_to(self.workspace_id, self.pk, self.provider)


def belongs_to(workspace_id: UUID, key_id: UUID, provider: str) -> str:
    return f"workspace {workspace_id}, provider key {key_id}, for requests to {provider}"


class DefaultChargeType(models.Model):
    """The Charge Type of new steps, where a workspace has chosen another than Hosted."""

    workspace = models.OneToOneField(
        Workspace, models.CASCADE, primary_key=True, related_name="default_charge_type"
    )
    charge_type = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="default_charge_type_known",
                condition=Q(charge_type__in=["hosted", "personal"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.charge_type} in {self.workspace}"
