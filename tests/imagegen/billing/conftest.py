"""Statements as they come to be, without the runs that take time."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from imagegen.billing.statement import state
from workflows.models import User


@pytest.fixture
def staff(db):
    """Of Fetch Hive, and a member of nothing."""
    return User.objects.create_user("sam@example.org", "correct horse battery", is_staff=True)


@pytest.fixture
def stated(parts_of):
    """A line of a settled part; real money, gpt-image-2 and hosted unless said."""

    def make(day="2026-11-20", micro=1_000, amounts=None, **fields):
        part = parts_of(1, **fields)[0]
        part.state, part.finished_at = "settled", datetime.now(UTC)
        part.save()
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        amounts = {"charged_micro": micro, "parts": 1, "images": 1} | (amounts or {})
        return state(f"part:{uuid4()}", part, None, at=at, **amounts)

    return make
