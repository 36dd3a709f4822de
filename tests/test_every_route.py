"""The whole URL table as another tenant, as nobody, and as a viewer. A route without a case here
fails."""

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from benchmarks.filling import fill
from imagegen.attempts.models import Part
from imagegen.models import Asset
from workflows import api_keys

pytestmark = pytest.mark.page

PAGE, FRAGMENT, ACTION = "page", "fragment", "action"

# What a route is decides what a stranger, a visitor and a viewer are told.
CASES = {
    "workflows:home": (PAGE, "get"),
    "workflows:sign-out": (ACTION, "post"),
    "workflows:account": (PAGE, "get"),
    "workflows:api-keys": (PAGE, "get"),
    "workflows:make-api-key": (ACTION, "post"),
    "workflows:revoke-api-key": (ACTION, "post"),
    "workflows:workflow-list": (PAGE, "get"),
    "workflows:create-workflow": (ACTION, "post"),
    "workflows:open-workflow": (PAGE, "get"),
    "workflows:rename-workflow": (ACTION, "post"),
    "workflows:delete-workflow": (ACTION, "post"),
    "workflows:restore-workflow": (ACTION, "post"),
    "workflows:duplicate-workflow": (ACTION, "post"),
    "workflows:export-workflow": (PAGE, "get"),
    "workflows:import-workflow": (ACTION, "post"),
    "workflows:edit-inputs": (PAGE, "get"),
    "workflows:add-input": (ACTION, "post"),
    "workflows:save-input": (ACTION, "post"),
    "workflows:delete-input": (ACTION, "post"),
    "workflows:restore-input": (ACTION, "post"),
    "workflows:undo-rename-input": (ACTION, "post"),
    "workflows:move-input-up": (ACTION, "post"),
    "workflows:move-input-down": (ACTION, "post"),
    "workflows:draw-input": (FRAGMENT, "post"),
    "workflows:draw-new-input": (FRAGMENT, "post"),
    "workflows:save-test-value": (FRAGMENT, "post"),
    "workflows:save-test-values": (FRAGMENT, "post"),
    "workflows:start-workflow-run": (FRAGMENT, "post"),
    "workflows:list-runs": (PAGE, "get"),
    "workflows:watch-runs": (FRAGMENT, "get"),
    "workflows:show-run": (PAGE, "get"),
    "workflows:run-progress": (FRAGMENT, "get"),
    "workflows:start-run-again": (ACTION, "post"),
    "workflows:cancel-run": (FRAGMENT, "post"),
    "workflows:add-step": (ACTION, "post"),
    "workflows:step-settings": (PAGE, "get"),
    "workflows:step-output": (PAGE, "get"),
    "workflows:save-step": (FRAGMENT, "post"),
    "workflows:delete-step": (ACTION, "post"),
    "workflows:step-cards": (FRAGMENT, "get"),
    "workflows:order-steps": (FRAGMENT, "post"),
    "workflows:move-step": (FRAGMENT, "post"),
    "workflows:duplicate-step": (ACTION, "post"),
    "workflows:restore-step": (ACTION, "post"),
    "workflows:restore-and-save-step": (FRAGMENT, "post"),
    "workflows:step-left": (FRAGMENT, "get"),
    "workflows:against-settings": (FRAGMENT, "get"),
    "workflows:step-variables": (FRAGMENT, "get"),
    "workflows:start-step-run": (FRAGMENT, "post"),
    "workflows:step-history": (PAGE, "get"),
    "workflows:load-settings": (ACTION, "post"),
    "workflows:undo-load": (ACTION, "post"),
    "workflows:use-run": (ACTION, "post"),
    "workflows:use-newest-run": (ACTION, "post"),
    "workflows:start-again": (FRAGMENT, "post"),
    "workflows:start-missing": (FRAGMENT, "post"),
    "workflows:newest-runs": (FRAGMENT, "get"),
    "imagegen:save-again": (ACTION, "post"),
    "workflows:show-step-run": (FRAGMENT, "get"),
    "imagegen:models": (PAGE, "get"),
    "imagegen:operations": (PAGE, "get"),
    "imagegen:operations-now": (FRAGMENT, "get"),
    "imagegen:archive": (PAGE, "get"),
    "imagegen:provider-keys": (PAGE, "get"),
    "imagegen:store-provider-key": (ACTION, "post"),
    "imagegen:test-provider-key": (ACTION, "post"),
    "imagegen:revoke-provider-key": (ACTION, "post"),
    "imagegen:save-default-charge-type": (ACTION, "post"),
    "imagegen:library": (PAGE, "get"),
    "imagegen:library-trash": (PAGE, "get"),
    "imagegen:library-asset": (PAGE, "get"),
    "imagegen:trashed-thumbnail": (PAGE, "get"),
    "imagegen:delete-assets": (ACTION, "post"),
    "imagegen:restore-assets": (ACTION, "post"),
    "imagegen:restore-deletion": (ACTION, "post"),
    "imagegen:download-assets": (ACTION, "post"),
    "imagegen:billing": (PAGE, "get"),
    "imagegen:billing-invoice": (PAGE, "get"),
    "imagegen:billing-csv": (PAGE, "get"),
    "imagegen:billing-part": (PAGE, "get"),
    "imagegen:billing-correct": (ACTION, "post"),
    "imagegen:billing-refund": (ACTION, "post"),
    "imagegen:billing-settle": (ACTION, "post"),
    "imagegen:billing-note": (ACTION, "post"),
    "imagegen:workspace-billing": (PAGE, "get"),
    "imagegen:billing-plan": (PAGE, "get"),
    "imagegen:billing-grant": (ACTION, "post"),
    "imagegen:billing-cap": (ACTION, "post"),
    "imagegen:billing-storage": (ACTION, "post"),
    "imagegen:workspace-billing-invoice": (PAGE, "get"),
    "imagegen:workspace-billing-csv": (PAGE, "get"),
}
PUBLIC = {
    "healthz",
    "no-such-address",
    "readyz",
    "raw-rows",
    "workflows:sign-in",
    "workflows:sign-in-by-address",
    "imagegen:file",
    "imagegen:thumbnail",
}
STAFF = {
    "imagegen:billing",
    "imagegen:billing-invoice",
    "imagegen:billing-csv",
    "imagegen:operations",
    "imagegen:operations-now",
}
MONEY = {
    "imagegen:billing-part",
    "imagegen:billing-plan",
    "imagegen:workspace-billing",
    "imagegen:workspace-billing-invoice",
    "imagegen:workspace-billing-csv",
}  # of a workspace, for its owners and Billing
EVERYBODY = {
    "imagegen:models",
    "workflows:home",
    "workflows:sign-out",
    "workflows:account",
}  # who is signed in


# Namespaces that files of their own walk: test_raw_rows.py, workflows/api/test_refusals.py.
APART = {"admin", "api"}


def named_routes(resolver, namespace=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace in APART:
            continue
        if isinstance(entry, URLResolver):
            prefix = f"{entry.namespace}:" if entry.namespace else ""
            yield from named_routes(entry, namespace + prefix)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield namespace + entry.name, set(entry.pattern.converters)


ROUTES = dict(named_routes(get_resolver()))
TENANT = sorted(set(CASES) - EVERYBODY - STAFF)
WITH_ID = [route for route in TENANT if ROUTES[route] & {"id", "asset_id", "key_id"}]
CHANGES_NOTHING = {"imagegen:download-assets"}  # although it is a POST


def test_every_route_has_a_case():
    assert set(ROUTES) == set(CASES) | PUBLIC


@pytest.fixture
def answer_to(workspace, author):
    """The answer of a route, filled with ids of the author, one of whose steps has run."""
    workflow = fill(workspace, author, steps=1, runs=1, images=[1])
    input = workflow.inputs.get(name="product")
    known = {
        "slug": workflow.workspace.slug,
        "id": workflow.pk,
        "identifier": "step_1",
        "number": 1,
        "input_id": input.pk,
        "part_id": Part.objects.filter(workspace=workspace).first().pk,
        "old": "item",
        "new": input.name,
        "provider": "openai",
        "asset_id": Asset.objects.get().pk,
        "deletion": uuid.uuid4(),
        "key_id": api_keys.make(workspace, "CI", author)[0].pk,
    }

    def ask(client, route, **changes):
        method = CASES[route][1]
        kwargs = {name: (known | changes)[name] for name in ROUTES[route]}
        response = getattr(client, method)(reverse(route, kwargs=kwargs), {"form_key": "walk"})
        if response.streaming:
            response.close()
        return response

    return ask


@pytest.mark.parametrize("route", sorted(CASES))
def test_a_visitor_is_sent_to_sign_in(route, answer_to, client):
    response = answer_to(client, route)
    if CASES[route][0] == FRAGMENT:
        assert response.status_code == 401
        leaves = reverse("workflows:sign-in") if CASES[route][1] == "get" else None
        assert response.get("HX-Redirect") == leaves
    else:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("workflows:sign-in"))


@pytest.mark.parametrize("route", TENANT)
def test_another_tenant_finds_nothing(route, answer_to, browser_of, stranger):
    assert answer_to(browser_of(stranger), route).status_code == 404


@pytest.mark.parametrize("route", WITH_ID)
def test_the_ids_of_another_tenant_open_nothing_in_ones_own_workspace(
    route, answer_to, browser_of, stranger
):
    assert answer_to(browser_of(stranger), route, slug="elsewhere").status_code == 404


@pytest.mark.parametrize(
    "route",
    [route for route in TENANT if CASES[route][1] == "post" and route not in CHANGES_NOTHING],
)
def test_a_viewer_may_change_nothing_and_reads_why(route, answer_to, browser_of, viewer):
    response = answer_to(browser_of(viewer), route)
    assert response.status_code == 403
    assert "Your role in Acme Shop is Viewer" in response.text


LOOKS = {route for route in TENANT if CASES[route][1] == "get"}


@pytest.mark.parametrize("route", sorted(MONEY))
def test_a_viewer_sees_no_money_and_reads_why(route, answer_to, browser_of, viewer):
    response = answer_to(browser_of(viewer), route)
    assert response.status_code == 403
    assert "Your role in Acme Shop is Viewer" in response.text


@pytest.mark.parametrize("route", sorted(STAFF))
def test_what_is_of_staff_is_refused_to_everybody_else(route, answer_to, page):
    response = answer_to(page, route)
    assert response.status_code == 403
    assert "Only staff of Fetch Hive" in response.text


@pytest.mark.parametrize("route", sorted(LOOKS - MONEY))
def test_a_viewer_may_look(route, answer_to, browser_of, viewer):
    assert answer_to(browser_of(viewer), route).status_code in (200, 302)


@pytest.mark.parametrize("route", WITH_ID)
def test_an_unknown_id_is_not_found(route, answer_to, page):
    nobody = uuid.uuid4()
    assert answer_to(page, route, id=nobody, asset_id=nobody, key_id=nobody).status_code == 404


GOES_BACK = {"workflows:import-workflow"}  # a GET of it goes to the page it was posted from


@pytest.mark.parametrize(
    "route", [route for route in CASES if CASES[route][1] == "post" and route not in GOES_BACK]
)
def test_a_change_by_get_is_refused(route, answer_to, page, monkeypatch):
    monkeypatch.setitem(CASES, route, (CASES[route][0], "get"))
    assert answer_to(page, route).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_X_CSRFTOKEN": "x" * 32},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
    ],
)
@pytest.mark.parametrize("route", [route for route in CASES if CASES[route][1] == "post"])
def test_a_change_from_elsewhere_is_refused(route, headers, answer_to, author):
    client = Client(enforce_csrf_checks=True, **headers)
    client.force_login(author)
    assert answer_to(client, route).status_code == 403


@pytest.mark.parametrize("route", sorted(CASES))
def test_every_answer_carries_the_policy(route, answer_to, page):
    response = answer_to(page, route)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_a_public_route_answers_anybody_safely_and_gives_nothing_away(route, client, db):
    known = {"token": "0" * 32, "file_name": "hero.png"}
    path = reverse(route, kwargs={name: known[name] for name in ROUTES[route]})
    response = client.get(path)
    assert response.status_code in (200, 302, 403, 404)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not response.cookies.get("sessionid")
