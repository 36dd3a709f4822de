"""Every error is a problem, and nothing but an API key opens anything."""

import json
import logging
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from imagegen.models import Asset
from workflows import api_keys
from workflows.api.starting import call_of, form_key_of
from workflows.models import Run
from workflows.runs.start import KeyUsedElsewhere, run_workflow

MEMBERS = {"type", "title", "status", "detail", "error_code", "errors"}
# Whether a route changes something, and whether its address names a row of the workspace.
ROUTES = {
    "start-run": ("post", True),
    "show-run": ("get", True),
    "cancel-run": ("post", True),
    "list-runs": ("get", False),
    "list-assets": ("get", False),
    "list-workflows": ("get", False),
    "show-asset": ("get", True),
}
OPEN = {"openapi-json", "api-root"}
NAMED = sorted(route for route, (_, is_named) in ROUTES.items() if is_named)


def assert_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    told = answer.json()
    assert set(told) == MEMBERS
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]
    return told


def routes():
    (api,) = (each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/")
    return {entry.name for entry in api.url_patterns if isinstance(entry, URLPattern)}


def test_every_route_has_a_case():
    assert routes() == set(ROUTES) | OPEN


@pytest.fixture
def ask(workflow, ended_run):
    """An answer of a route, about rows of the workspace."""
    ids = {"start-run": workflow.pk, "show-asset": Asset.objects.get().pk}

    def asked(client, route, method="", **changes):
        own, is_named = ROUTES[route]
        ids_of_route = {"id": ids.get(route, ended_run.pk)} if is_named else {}
        path = reverse(f"api:{route}", kwargs=ids_of_route | changes)
        return client.generic((method or own).upper(), path)

    return asked


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_without_a_key_nothing_is_told(route, ask, client):
    answer = ask(client, route)
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"] == 'Bearer realm="Fetch Hive"'


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_who_is_signed_in_needs_a_key_all_the_same(route, ask, page):
    assert_problem(ask(page, route), 401)


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_key_that_is_revoked_opens_nothing(route, ask, program, api_key, author):
    api_keys.revoke(api_key[0], author)
    answer = ask(program, route)
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"].endswith('error="invalid_token"')


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "fhk_", "Bearer \x00", "Bearer é"],
)
def test_what_is_no_key_opens_nothing_and_is_not_echoed(header, client, db):
    answer = client.get("/api/v1/runs", headers={"Authorization": header})
    assert_problem(answer, 401)
    assert "nonsense" not in answer.text


def test_the_scheme_may_be_written_small(program_of, api_key, client):
    headers = {"Authorization": f"bearer {api_key[1]}"}
    assert client.get("/api/v1/runs", headers=headers).status_code == 200


@pytest.mark.parametrize("route", NAMED)
def test_another_tenant_finds_nothing(route, ask, elsewhere):
    assert_problem(ask(elsewhere, route), 404)
    assert Run.objects.count() == 1


@pytest.mark.parametrize("route", NAMED)
def test_an_unknown_id_is_not_found(route, ask, program):
    assert_problem(ask(program, route, id=uuid.uuid4()), 404)


def test_lists_of_another_tenant_are_empty_and_its_ids_filter_nothing(
    ask, elsewhere, workflow, ended_run
):
    for path in ("/api/v1/runs", "/api/v1/assets", "/api/v1/workflows"):
        assert elsewhere.get(path).json() == {"items": [], "next_cursor": None}
    for path in ("/api/v1/runs", "/api/v1/assets"):
        assert_problem(elsewhere.get(f"{path}?workflow_id={workflow.pk}"), 404)
    assert_problem(elsewhere.get(f"/api/v1/assets?run_id={ended_run.pk}"), 404)
    after = elsewhere.get(f"/api/v1/runs?cursor={uuid.UUID(int=2**128 - 1)}")
    assert after.json()["items"] == []


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_another_method_is_refused_with_those_that_there_are(route, ask, program):
    for method in {"get", "post", "put", "patch", "delete", "options"} - {ROUTES[route][0]}:
        answer = ask(program, route, method)
        assert_problem(answer, 405)
        assert answer["Allow"] == ROUTES[route][0].upper()


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_no_other_site_is_let_in(route, ask, program):
    program.defaults["HTTP_ORIGIN"] = "https://evil.example"
    for answer in (ask(program, route), ask(program, route, "options")):
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a_program_needs_no_csrf_token_and_gets_no_cookie(image_step, api_key, runs_address):
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {api_key[1]}"})
    answer = client.generic("POST", runs_address)
    assert answer.status_code == 202
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/docs",
        "/api/v1/runs/",
        "/api/v1/runs/12",
        "/api/v1/workflows/nonsense/runs",
        "/api/v2/runs",
    ],
)
def test_an_address_that_there_is_not_is_a_problem_too(path, program):
    for each in (program, Client(enforce_csrf_checks=True)):
        assert_problem(each.get(path), 404)
        assert_problem(each.post(path), 404)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "said"),
    [
        ("{", "application/json", 400, "not valid JSON"),
        ('{"inputs": {"n": NaN}}', "application/json", 400, "not valid JSON"),
        (b"\xff\xfe\xff", "application/json", 400, "not valid JSON"),
        ("[" * 100_000, "application/json", 400, "not valid JSON"),
        ('{"inputs": {"n": ' + "9" * 5_000 + "}}", "application/json", 400, "not valid JSON"),
        ("{}", "text/plain", 415, "Content-Type: application/json"),
        ("inputs=1", "application/x-www-form-urlencoded", 415, "Content-Type: application/json"),
        ("{" + " " * 3_000_000 + "}", "application/json", 413, "2.5 MB"),
        ("[]", "application/json", 422, ""),
        ('"inputs"', "application/json", 422, ""),
        ('{"inputs": ["a"]}', "application/json", 422, ""),
        ('{"inputs": null}', "application/json", 422, ""),
        ('{"inputs": {}, "workspace_id": 1}', "application/json", 422, ""),
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem(
    body, content_type, status, said, image_step, program, runs_address
):
    told = assert_problem(program.post(runs_address, body, content_type=content_type), status)
    assert said in told["detail"]
    assert not Run.objects.exists()
    if status == 422:
        assert told["errors"]


def test_a_body_of_unknown_length_is_not_taken_for_none(image_step, program, runs_address):
    headers = {"Transfer-Encoding": "chunked"}
    assert_problem(program.generic("POST", runs_address, headers=headers), 411)
    assert not Run.objects.exists()


def test_a_fault_of_ours_is_a_problem_and_is_logged_without_what_was_asked(
    image_step, start, monkeypatch, caplog, api_key
):
    def broken(*_):
        raise RuntimeError(f"broken for {api_key[1]}")

    monkeypatch.setattr(Run, "save", broken)
    with caplog.at_level(logging.ERROR):
        answer = start({}, "order-1")
    assert assert_problem(answer, 500)["error_code"] == "internal_error"
    assert "broken" not in answer.text
    logged = [record for record in caplog.records if record.name == "workflows.api.problems"]
    assert "the API failed at POST" in logged[0].getMessage()
    monkeypatch.undo()
    assert start({}, "order-1").status_code == 202


def test_one_key_for_two_workflows_at_the_same_instant_starts_one_run(
    workflow, workspace, step_of, api_key
):
    """Each takes turns with its own workflow only: then it is the database that refuses."""
    other = workspace.workflows.create(name="Another")
    for each in (workflow, other):
        step_of(each)
    call, key = call_of(api_key[0], {}), form_key_of("order-1")
    run_workflow(workflow, call, key)
    with pytest.raises(KeyUsedElsewhere):
        run_workflow(other, call, key)


# What openapi.json says


@pytest.fixture
def described(client, db):
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return answer.json()


def operations(described):
    for methods in described["paths"].values():
        yield from methods.values()


def references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


def test_the_description_has_every_route_and_says_how_to_be_let_in(described):
    assert len(list(operations(described))) == len(ROUTES)
    for operation in operations(described):
        assert operation["security"] == [{"BearerKey": []}]
        assert operation["description"]
    scheme = described["components"]["securitySchemes"]["BearerKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert described["servers"] == [{"url": "http://testserver"}]


def test_every_answer_that_it_describes_has_a_shape_and_an_example(described):
    for operation in operations(described):
        assert {"401", "404", "405", "500"} < set(operation["responses"])
        for status, response in operation["responses"].items():
            ((kind, content),) = response["content"].items()
            is_problem = int(status) >= 400
            assert kind == ("application/problem+json" if is_problem else "application/json")
            name = content["schema"]["$ref"].rsplit("/", 1)[-1]
            assert (name == "Problem") == is_problem
            shape = described["components"]["schemas"][name]
            assert set(content["example"]) == set(shape["properties"])


def test_whatever_the_description_refers_to_is_in_it(described):
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known


def test_what_is_answered_is_what_was_described(described, ask, program, start, elsewhere):
    for route, name in (("show-run", "WholeRun"), ("list-runs", "RunPage")):
        assert set(ask(program, route).json()) == set(
            described["components"]["schemas"][name]["properties"]
        )
    assert set(start().json()) == {"id", "status"}
    json.dumps(described)


def test_the_description_cannot_be_posted_to(db):
    client = Client(enforce_csrf_checks=True)
    assert_problem(client.post("/api/v1/openapi.json"), 405)
