import logging

import pytest
from structlog.contextvars import get_contextvars

from fetchhive.logs import formatter

GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines():
    """What is logged, as it is written."""
    written = []
    handler = logging.Handler()
    handler.setFormatter(formatter("text"))
    handler.emit = lambda record: written.append(handler.format(record))
    logging.root.addHandler(handler)
    yield written
    logging.root.removeHandler(handler)


def test_every_answer_has_a_number_of_its_own(client):
    numbers = {client.get("/healthz")["X-Request-ID"] for _ in range(3)}
    assert len(numbers) == 3


def test_what_is_logged_about_a_request_has_its_number(client, lines, db):
    number = client.get("/files/0123abcd/nothing.png")["X-Request-ID"]
    assert [line for line in lines if "Not Found" in line and f"request_id={number}" in line]


def test_what_is_logged_about_a_page_of_a_workspace_has_its_id(
    viewer, workspace, workflow, browser_of, lines
):
    answer = browser_of(viewer).post(f"/w/acme-shop/workflows/{workflow.pk}/delete")
    assert answer.status_code == 403
    refused = [line for line in lines if "Forbidden" in line]
    assert [f"workspace={workspace.pk}" in line for line in refused] == [True]


def test_nothing_is_left_of_a_request_for_the_next_work_of_its_thread(client):
    client.get("/healthz")
    assert get_contextvars() == {}


def test_the_number_of_a_proxy_is_taken_over(client, settings):
    settings.BEHIND_PROXY = True
    assert client.get("/healthz", headers={"X-Request-ID": GIVEN})["X-Request-ID"] == GIVEN


def test_without_a_proxy_a_visitor_cannot_choose_it(client):
    assert client.get("/healthz", headers={"X-Request-ID": GIVEN})["X-Request-ID"] != GIVEN


@pytest.mark.parametrize("given", ["short", "x" * 65, "with blanks in it", 'a-"quoted"-one', ""])
def test_a_number_that_is_none_is_replaced(given, client, settings):
    settings.BEHIND_PROXY = True
    number = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]
    assert number != given
    assert len(number) == 32
