"""Stored images, and the counters that keep a workspace within its plan."""

from functools import cache
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from imagegen.attempts.models import Part
from workflows.keys import new_id
from workflows.models import StepRun, Workspace


class Storage(models.Model):
    """The storage plan of a workspace, in bytes. The counter that refuses is the one shown."""

    workspace = models.OneToOneField(
        Workspace, models.CASCADE, primary_key=True, related_name="storage"
    )
    limit = models.BigIntegerField()
    used = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "storage"
        constraints = (
            models.CheckConstraint(
                name="storage_counters_not_negative",
                condition=Q(limit__gte=0, used__gte=0, reserved__gte=0),
            ),
        )

    def __str__(self) -> str:
        return f"storage of {self.workspace}"

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used - self.reserved)

    @property
    def over(self) -> int:
        """By how much what is stored exceeds a plan that was lowered, or a last paid image did."""
        return max(0, self.used - self.limit)

    @property
    def percent(self) -> int:
        return min(100, (self.used + self.reserved) * 100 // max(1, self.limit))


class AssetQuerySet(models.QuerySet["Asset"]):
    def live(self) -> "AssetQuerySet":
        return self.filter(deleted_at=None)

    def deletable(self) -> "AssetQuerySet":
        """Those whose bytes have been counted: while a part is open, its images still arrive."""
        return self.live().exclude(part__state__in=Part.OPEN)

    def in_trash(self) -> "AssetQuerySet":
        return self.filter(deleted_at__isnull=False, purged_at=None)

    def with_files(self) -> "AssetQuerySet":
        """Those whose files are there, or should be."""
        return self.filter(files_gone_at=None)


class Asset(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="assets")
    step_run = models.ForeignKey(StepRun, models.PROTECT, related_name="assets")
    part = models.ForeignKey(Part, models.PROTECT, related_name="assets")
    slot = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=32, unique=True)
    """128 random bits: whoever has the address may fetch the file, without a cookie."""
    key = models.CharField(max_length=200, unique=True)
    """Where the file lies in the storage; ours, never made of anybody's text."""
    thumbnail_key = models.CharField(max_length=200, blank=True, default="")
    """Where its thumbnail lies; empty until one is asked for."""
    file_name = models.CharField(max_length=120)
    file_size = models.BigIntegerField()
    file_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    simulated = models.BooleanField()
    note = models.CharField(max_length=100, blank=True, default="")
    """What was changed in it when it arrived, in a sentence."""
    search_text = models.TextField(blank=True, default="")
    """Its name and prompt in lower case: what a search looks through."""
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)
    """Since when it is in the trash: its bytes are free and its address answers 410."""
    deletion = models.UUIDField(null=True)
    """Shared by all that were deleted together, so that Undo restores them together."""
    purged_at = models.DateTimeField(null=True)
    """Since when it cannot be restored. The row stays, because charges refer to its part."""
    files_gone_at = models.DateTimeField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("slot",)
        constraints = (
            models.UniqueConstraint(fields=["step_run", "slot"], name="asset_once_per_slot"),
            models.CheckConstraint(name="asset_has_bytes", condition=Q(file_size__gt=0)),
            models.CheckConstraint(
                name="asset_type_known",
                condition=Q(file_type__in=["image/png", "image/jpeg", "image/webp"]),
            ),
            models.CheckConstraint(
                name="asset_thrown_away_step_by_step",
                condition=(Q(purged_at=None) | Q(deleted_at__isnull=False))
                & (Q(files_gone_at=None) | Q(purged_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(
                fields=["workspace", "-id"],
                condition=Q(deleted_at=None),
                name="asset_live_newest",
            ),
            models.Index(
                fields=["workspace", "-file_size", "-id"],
                condition=Q(deleted_at=None),
                name="asset_live_largest",
            ),
            models.Index(
                fields=["workspace", "-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False),
                name="asset_trash_newest",
            ),
            models.Index(fields=["thumbnail_key"], name="asset_by_thumbnail_key"),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def path(self) -> str:
        return file_path(self.token, self.file_name)

    @property
    def thumbnail_path(self) -> str:
        return thumbnail_path(self.token)

    @property
    def file_url(self) -> str:
        return file_url(self.token, self.file_name)


def file_url(token: str, file_name: str) -> str:
    """The stable public address of an asset: built when read, so that it follows SITE_URL."""
    return str(settings.SITE_URL) + file_path(token, file_name)


def file_path(token: str, file_name: str) -> str:
    return f"{_path_of_files()}{token}/{quote(file_name)}"


def thumbnail_path(token: str) -> str:
    return f"{_path_of_files()}{token}/thumbnail"


@cache
def _path_of_files() -> str:
    """Asked for once: a page may name hundreds of files, and each `reverse` takes 12 µs."""
    return reverse("imagegen:thumbnail", args=["token"]).removesuffix("token/thumbnail")
