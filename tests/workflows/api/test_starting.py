"""Programs start runs: with what values, how often, and by whose leave."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from imagegen.models import Attempt
from workflows import api_keys
from workflows.inputs import GIVEN_AS
from workflows.models import Input, Run
from workflows.runs.advance import advance
from workflows.runs.start import run_workflow


@pytest.fixture
def declare(workflow):
    def add(name, type="text", **fields):
        facts = {"workspace": workflow.workspace, "label": name.capitalize()} | fields
        return workflow.inputs.create(name=name, type=type, **facts)

    return add


def values():
    return Run.objects.first().snapshot["input_values"]


def told(answer):
    """Field → sentence of a refusal."""
    return {each["field"]: each["detail"] for each in answer.json()["errors"]}


def test_a_run_is_accepted_and_its_address_leads_to_it(image_step, start, program):
    answer = start()
    assert (answer.status_code, set(answer.json())) == (202, {"id", "status"})
    assert answer.json()["status"] == "queued"
    found = program.get(answer["Location"])
    assert (found.status_code, found.json()["id"]) == (200, answer.json()["id"])


def test_it_is_of_the_whole_workflow_and_started_by_the_key(
    workflow, step_of, start, api_key, let_the_hive_work
):
    step_of(workflow)
    step_of(workflow, prompt="Like {{step_1.output.assets.0.file_url}}")
    start()
    let_the_hive_work()
    run = Run.objects.get()
    assert (run.status, run.is_whole, run.step_runs.count()) == ("succeeded", True, 2)
    assert (run.api_key, run.started_by) == (api_key[0], None)


@pytest.mark.parametrize("body", ["", "{}", '{"inputs": {}}'])
def test_a_body_may_be_left_out(body, image_step, program, runs_address):
    content_type = "application/json" if body else "application/x-www-form-urlencoded"
    answer = program.post(runs_address, body, content_type=content_type)
    assert answer.status_code == 202


def test_it_runs_with_what_it_was_given_else_the_default_and_never_with_a_test_value(
    image_step, declare, start
):
    declare("product", test_value="a test")
    declare("mood", default="calm", test_value="a test")
    declare("colour", required=False, test_value="a test")
    assert start({"product": "a jar"}).status_code == 202
    assert values() == {"product": "a jar", "mood": "calm", "colour": None}
    assert start({"product": "a jar", "mood": None, "colour": " "}).status_code == 202
    assert values() == {"product": "a jar", "mood": "calm", "colour": None}


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        ("text", "a jar\nof honey", "a jar\nof honey"),
        ("text", "{{product}}", "{{product}}"),
        ("text", "🐝", "🐝"),
        ("number", 12, 12),
        ("number", -1.5, -1.5),
        ("number", 2.0, 2),
        ("number", 0, 0),
        ("select", "red", "red"),
        ("json_list", ["red", {"deep": [1, None, True]}], ["red", {"deep": [1, None, True]}]),
        ("json_list", [], []),
    ],
)
def test_a_value_arrives_as_it_was_given(type, given, kept, image_step, declare, start):
    declare("product", type, options=["red", "blue"])
    assert start({"product": given}).status_code == 202
    assert values() == {"product": kept}


@pytest.mark.parametrize(
    ("type", "given", "sentence"),
    [
        ("text", 12, "Product is a Text: give it as a string."),
        ("text", ["a"], "Product is a Text: give it as a string."),
        ("text", True, "Product is a Text: give it as a string."),
        ("text", "a\x00b", "Product holds a character that no text has. Leave it out."),
        ("text", "a\ud800b", "Product holds a character that no text has. Leave it out."),
        ("number", "12", "Product is a Number: give it as a number."),
        ("number", True, "Product is a Number: give it as a number."),
        ("select", "green", "Product has no choice “green”. Its choices are: red, blue."),
        ("select", 1, "Product is a Select: give it as a string."),
        ("json_list", '["red"]', "Product is a JSON list: give it as a list."),
        ("json_list", {"red": 1}, "Product is a JSON list: give it as a list."),
        ("json_list", ["a\x00b"], "Product is a JSON list. Write it like"),
        ("text", None, "Product has no value, and no default. Give it one."),
        ("json_list", None, "Product has no value, and no default. Give it one."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_name(
    type, given, sentence, image_step, declare, start
):
    declare("product", type, options=["red", "blue"])
    answer = start({"product": given})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert set(told(answer)) == {"inputs.product"}
    assert told(answer)["inputs.product"].startswith(sentence)
    assert sentence in answer.json()["detail"]
    assert not Run.objects.exists()


def test_a_number_too_large_to_be_one_is_refused(image_step, declare, program, runs_address):
    declare("product", "number")
    body = '{"inputs": {"product": 1e999}}'
    answer = program.post(runs_address, body, content_type="application/json")
    assert set(told(answer)) == {"inputs.product"}


def test_everything_that_is_to_be_mended_is_told_at_once(image_step, declare, start):
    declare("product")
    declare("size", "number")
    answer = start({"size": "big", "colour": "red"})
    assert set(told(answer)) == {"inputs.product", "inputs.size", "inputs.colour"}
    sentence = told(answer)["inputs.colour"]
    assert sentence.startswith("This workflow has no input “colour”. Its inputs are: ")
    assert "product" in sentence
    assert "size" in sentence
    assert answer.json()["error_code"] == "invalid_setting"


def test_of_very_many_wrong_names_only_the_first_are_told(image_step, start):
    answer = start({f"name_{number}": 1 for number in range(10_000)})
    assert len(told(answer)) == 50


def test_a_workflow_that_cannot_run_is_refused_with_the_step_named(workflow, step_of, start):
    assert "has no step yet" in start().json()["detail"]
    step_of(workflow, prompt="A {{nobody}}")
    answer = start()
    assert answer.status_code == 422
    assert set(told(answer)) == {None}
    assert "Hero image (step_1): There is no input" in answer.json()["detail"]


def test_one_run_too_many_at_once_has_to_wait(image_step, start, let_the_hive_work):
    for _ in range(3):
        assert start().status_code == 202
    refused = start(key="the-fourth")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert refused.json()["error_code"] == "rate_limited"
    assert "3 runs of this workflow are going already" in refused.json()["detail"]
    let_the_hive_work()
    assert start(key="the-fourth").status_code == 202


# Idempotency-Key


def test_the_same_key_and_body_have_the_same_answer_and_one_run(
    image_step, declare, start, let_the_hive_work
):
    declare("product")
    first = start({"product": "a jar"}, "order-1")
    let_the_hive_work()
    again = start({"product": "a jar"}, "order-1")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Run.objects.count() == Attempt.objects.count() == 1


def test_the_same_key_with_another_body_or_workflow_is_refused(
    image_step, declare, start, workspace, workflow
):
    declare("product")
    start({"product": "a jar"}, "order-1")
    other = workspace.workflows.create(name="Another")
    elsewhere = f"/api/v1/workflows/{other.pk}/runs"
    for answer in (
        start({"product": "a mug"}, "order-1"),
        start(None, "order-1"),
        start({"product": "a jar"}, "order-1", at=elsewhere),
    ):
        assert answer.status_code == 409
        assert "Use a new key for a new request" in answer.json()["detail"]
    assert Run.objects.count() == 1


def test_a_repetition_is_answered_whatever_has_become_of_the_workflow(
    image_step, start, page, workflow
):
    first = start(key="order-1")
    for number in range(2):
        start(key=f"more-{number}")
    assert start(key="order-1").json() == first.json()  # although three are going
    image_step.settings["prompt"] = ""
    image_step.save()
    assert start(key="order-1").json() == first.json()
    page.post(reverse("workflows:delete-workflow", args=["acme-shop", workflow.pk]))
    assert start(key="order-1").json() == first.json()
    assert start(key="order-2").status_code == 404


def test_a_key_whose_request_was_refused_may_be_tried_again(image_step, declare, start):
    declare("product")
    assert start({}, "order-1").status_code == 422
    assert start({"product": "a jar"}, "order-1").status_code == 202


def test_without_a_key_each_request_is_a_run_of_its_own(image_step, start):
    assert start().json()["id"] != start().json()["id"]


def test_keys_are_those_of_the_workspace_whichever_api_key_is_shown(
    image_step, start, workspace, author, program_of, elsewhere, stranger, step_of
):
    first = start(key="order-1")
    other = program_of(api_keys.make(workspace, "Another", author)[1])
    assert start(key="order-1", client=other).json() == first.json()
    theirs = stranger.memberships.get().workspace.workflows.create(name="Theirs")
    step_of(theirs)
    answer = start(key="order-1", client=elsewhere, at=f"/api/v1/workflows/{theirs.pk}/runs")
    assert "Idempotent-Replayed" not in answer
    assert (answer.status_code, Run.objects.count()) == (202, 2)


def test_the_key_of_a_form_and_that_of_a_program_never_meet(
    image_step, start, author, workflow, press_run
):
    run_workflow(workflow, author, "order-1")
    press_run(image_step, form_key="order-2")
    for key in ("order-1", "order-2"):
        assert "Idempotent-Replayed" not in start(key=key)
    assert Run.objects.count() == 4
    forms = {run.form_key for run in Run.objects.filter(api_key=None)}
    programs = {run.form_key for run in Run.objects.exclude(api_key=None)}
    assert all(":" in key for key in programs)
    assert not any(":" in key for key in forms)


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "a b", "a\tb", "schlüssel", "a\x00b"])
def test_a_key_that_is_none_is_refused_and_starts_nothing(key, image_step, start):
    answer = start(key=key)
    assert answer.status_code == 400
    assert "1 to 255" in answer.json()["detail"]
    assert not Run.objects.exists()


def test_a_key_may_be_long(image_step, start):
    assert start(key="k" * 255).status_code == 202
    assert start(key="k" * 254 + "j").status_code == 202
    assert Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_instant_are_one_run(
    workspace, image_step, api_key, program_of, runs_address, start
):
    ready, answers = threading.Barrier(6), []

    def ask():
        ready.wait()
        try:
            answers.append(start({}, "order-1", program_of(api_key[1])))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 5
    assert Run.objects.count() == 1


# By whose leave


def test_a_run_whose_key_was_revoked_while_it_waited_is_not_sent(
    started_run, api_key, author, let_the_hive_work, sandbox
):
    advance(started_run.pk)
    api_keys.revoke(api_key[0], author)
    let_the_hive_work()
    started_run.refresh_from_db()
    assert started_run.status == "failed"
    assert started_run.step_runs.get().error["message"] == (
        "The person or API key that started this run may no longer run workflows of this workspace."
        " Have an Editor press Run again. Nothing was sent and nothing was charged."
    )
    assert sandbox.entries() == []


def test_a_key_outlives_who_made_it(started_run, author, let_the_hive_work):
    author.memberships.all().delete()
    let_the_hive_work()
    started_run.refresh_from_db()
    assert started_run.status == "succeeded"


def test_a_person_who_runs_it_again_is_who_started_that(ended_run, page, author, workflow):
    again = reverse("workflows:start-run-again", args=["acme-shop", workflow.pk, ended_run.number])
    page.post(again)
    newest = Run.objects.first()
    assert (newest.number, newest.started_by, newest.api_key) == (2, author, None)


def test_lists_and_pages_of_runs_say_which_key_it_was(ended_run, page, workflow, image_step):
    ids = ["acme-shop", workflow.pk]
    part = ended_run.step_runs.get().parts.get()
    for path in (
        reverse("workflows:list-runs", args=ids),
        reverse("workflows:show-run", args=[*ids, ended_run.number]),
        reverse("workflows:step-history", args=[*ids, "step_1"]),
        reverse("imagegen:billing-part", args=[part.pk]),
    ):
        assert "API key Nightly catalogue" in page.get(path).text, path


def test_every_type_of_input_has_a_way_to_be_given():
    assert set(GIVEN_AS) == set(Input.Type)
