"""Pages, asked for as a browser does, and how long each takes."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from workflows.models import User

WARM_UPS = 5
ROUNDS = 40

Ask = Callable[[], Any]


def browser_of(user: User) -> Client:
    """Signed in, and it takes compressed answers."""
    client = Client(
        SERVER_NAME=settings.SITE_HOST, headers={"accept-encoding": "gzip, deflate, br"}
    )
    client.force_login(user)
    return client


def empty_page(client: Client) -> Ask:
    return lambda: client.get(reverse("workflows:account"))


def asked_in_turn(
    asked: Mapping[str, Ask], warm_ups: int = WARM_UPS, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """The seconds that each took, each time."""
    taken: dict[str, list[float]] = defaultdict(list)
    for turn in range(warm_ups + rounds):
        for what, ask in asked.items():  # in turn, so that noise meets all of them
            began = perf_counter()
            response = ask()
            took = perf_counter() - began
            assert response.status_code in (200, 204), f"{what}: {response.status_code}"
            if turn >= warm_ups:
                taken[what].append(took)
    return taken
