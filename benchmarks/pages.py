"""Server time of the editor's pages and fragments, through every middleware, as Django's own client
asks for them."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.asking import Ask, asked_in_turn, browser_of, empty_page
from benchmarks.figures import EMPTY, Figure, server_times
from workflows.models import Step, User
from workflows.watching import mark

EDITOR, REDRAW, PICKER = "Editor page", "Redraw of the form, saved", "Insert Variable opens"
POLL = "Poll that finds nothing new"
LIMITS = {EDITOR: 60, REDRAW: 25, PICKER: 25}  # milliseconds


def measured(user: User, step: Step) -> list[Figure]:
    pages = Pages(user, step)
    times = server_times(asked_in_turn(pages.asked), LIMITS)
    return [*times, Figure(f"{POLL}: queries", pages.queries_of_a_poll(), "", limit=1)]


@dataclass
class Pages:
    user: User
    step: Step

    def __post_init__(self) -> None:
        self.client = browser_of(self.user)
        self.versions = count(self.step.version)
        request = HttpRequest()
        request.session, request.user = self.client.session, self.user
        self.mark = mark(request)

    @property
    def asked(self) -> dict[str, Ask]:
        slug, id = self.step.workspace.slug, self.step.workflow_id
        return {
            EMPTY: empty_page(self.client),
            EDITOR: lambda: self._get("step-settings"),
            REDRAW: self._save,
            PICKER: lambda: self._get("step-variables"),
            "Insert Variable searches": lambda: self._get("step-variables", q="file_url"),
            "Column of cards": lambda: self._get("step-cards"),
            "Output of a run": lambda: self._get("show-step-run", self._newest),
            POLL: self._poll,
            "Runs of a step": lambda: self._get("step-history"),
            "Runs of the workflow": lambda: self.client.get(
                reverse("workflows:list-runs", args=[slug, id])
            ),
            "Page of a run": lambda: self.client.get(
                reverse("workflows:show-run", args=[slug, id, self._newest])
            ),
            "Inputs": lambda: self.client.get(reverse("workflows:edit-inputs", args=[slug, id])),
            "List of workflows": lambda: self.client.get(
                reverse("workflows:workflow-list", args=[slug])
            ),
            "Library": lambda: self._library(),
            "Library, largest first": lambda: self._library(sort="size"),
            "Library, search that finds": lambda: self._library(q="clean studio"),
            "Library, search that finds nothing": lambda: self._library(q="giraffe"),
        }

    def queries_of_a_poll(self) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert self._poll().status_code == 204
        return len(queries)

    @property
    def _newest(self) -> int:
        return self.step.workflow.last_run_number

    def _address(self, name: str, *more: int) -> str:
        ids = [self.step.workspace.slug, self.step.workflow_id, self.step.identifier]
        return reverse(f"workflows:{name}", args=[*ids, *more])

    def _get(self, name: str, *more: int, **query: str | int) -> Any:
        return self.client.get(self._address(name, *more), query)

    def _library(self, **query: str) -> Any:
        return self.client.get(reverse("imagegen:library", args=[self.step.workspace.slug]), query)

    def _poll(self) -> Any:
        """As the page of a run asks: with its number and version, and the mark of who watches."""
        workflow = self.step.workflow
        address = reverse("workflows:watch-runs", args=[workflow.workspace.slug, workflow.pk])
        return self.client.get(address, {"seen": f"{self._newest}.1", "mark": self.mark})

    def _save(self) -> Any:
        """Somebody has typed in the prompt."""
        settings, version = self.step.settings, next(self.versions)
        kept = {name: settings[name] for name in ("model", "image_count", "charge_type")}
        form = {
            **kept,
            "drawn_model": kept["model"],
            "prompt": f"{settings['prompt']} Number {version}.",
            "name": self.step.name,
            "failure_policy": self.step.failure_policy,
            "version": version,
        }
        return self.client.post(self._address("save-step"), form)
