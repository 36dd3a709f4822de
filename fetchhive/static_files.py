"""Styles and scripts under names that change with what is in them, compressed once: a browser asks
for each only once, and no page mixes those of two versions."""

from typing import Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

NOT_OURS = ["ext", "htm*-4*", "htmx-2.js"]  # what else django-htmx brings along


class Collected(StaticFilesConfig):
    ignore_patterns = (*StaticFilesConfig.ignore_patterns, *NOT_OURS)


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    support_js_module_import_aggregation = True

    def url(self, name: str | None, force: bool = False) -> Any:
        """Under their plain names until somebody has collected them, as in tests."""
        if self.hashed_files:
            return super().url(name, force)
        return StaticFilesStorage.url(self, name)


def collect() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)
