"""Life-cycles: what has ended, what ends, what answers instead."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from imagegen import catalogue
from imagegen.catalogue.life import life
from imagegen.catalogue.records import Model

TODAY = date(2026, 11, 22)


def test_the_models_of_the_product_come_first_and_their_successors_under_more_models():
    listed = [(model.id, model.listed) for model in catalogue.models()]
    assert listed == [
        ("gpt-image-2", "main"),
        ("grok-imagine-image-quality", "main"),
        ("grok-imagine-image", "main"),
        ("gemini-2.5-flash-image", "main"),
        ("gpt-image-2.5-flare", "more"),
        ("grok-imagine-image-2.0", "more"),
        ("gemini-nano-banana-2.1", "more"),
    ]


def test_the_current_successor_of_each_provider_is_offered_under_more_models():
    for model in catalogue.models():
        if model.listed == "main":
            successor = catalogue.get(model.successor)
            assert (successor.provider, successor.listed) == (model.provider, "more")
            assert successor.status_on(TODAY) == "active"


@pytest.mark.parametrize(
    ("model", "day", "status"),
    [
        ("gpt-image-2", date(2030, 1, 1), "active"),
        ("grok-imagine-image", TODAY, "active"),
        ("grok-imagine-image-quality", TODAY, "redirected"),
        ("gemini-2.5-flash-image", date(2027, 3, 14), "active"),
        ("gemini-2.5-flash-image", date(2027, 3, 15), "retired"),
    ],
)
def test_the_status_follows_the_calendar(model, day, status):
    assert catalogue.get(model).status_on(day) == status


@pytest.mark.parametrize(
    ("model", "day", "sentence"),
    [
        ("gpt-image-2", TODAY, ""),
        ("grok-imagine-image", TODAY, ""),
        (
            "grok-imagine-image-quality",
            TODAY,
            "Retired on 2 November 2026: grok-imagine-image-2.0 answers in its place. Images are"
            " made and billed at its low quality.",
        ),
        (
            "gemini-2.5-flash-image",
            TODAY,
            "To be retired on 15 March 2027. It goes by Google Cloud: the Gemini Developer API"
            " ended it on 2 October 2026.",
        ),
        (
            "gemini-2.5-flash-image",
            date(2027, 3, 15),
            "Retired on 15 March 2027: a run may be refused. It goes by Google Cloud: the Gemini"
            " Developer API ended it on 2 October 2026.",
        ),
    ],
)
def test_what_a_person_should_know_of_its_life_is_said(model, day, sentence):
    assert life(catalogue.get(model), day) == sentence


def test_a_redirected_model_without_the_one_that_serves_it_is_refused():
    record = catalogue.get("grok-imagine-image-quality").model_dump()
    with pytest.raises(ValidationError, match="served_by"):
        Model.model_validate(record | {"served_by": ""})


def test_a_model_is_asked_for_by_the_id_that_was_chosen():
    assert all(model.wire_id == model.id for model in catalogue.models())


# Routes


def test_gemini_2_5_goes_by_google_cloud_and_its_successor_by_the_developer_api():
    route = {model.id: model.route.base_url for model in catalogue.models()}
    assert route["gemini-2.5-flash-image"] == (
        "https://aiplatform.googleapis.com/v1beta1/publishers/google"
    )
    assert route["gemini-nano-banana-2.1"] == ("https://generativelanguage.googleapis.com/v1beta")


def test_the_routes_are_those_that_scripts_rely_on(settings):
    addresses = {name: route["base_url"] for name, route in settings.PROVIDER_ROUTES.items()}
    assert addresses == {
        "openai": "https://api.openai.com/v1",
        "xai": "https://api.x.ai/v1",
        "gemini": "https://generativelanguage.googleapis.com/v1beta",
        "gemini-cloud": "https://aiplatform.googleapis.com/v1beta1/publishers/google",
    }


def test_the_sandbox_keeps_the_version_of_each_route():
    for route in catalogue.routes():
        assert route.sandbox == f"/{route.name}{urlsplit(route.base_url).path}"


def test_models_that_share_a_route_agree_on_it(monkeypatch):
    first, *others = catalogue.models()
    elsewhere = first.route.model_copy(update={"base_url": "https://elsewhere.example/v1"})
    moved = first.model_copy(update={"route": elsewhere})
    monkeypatch.setattr(catalogue, "models", lambda: (moved, *others))
    with pytest.raises(ValueError, match="do not agree on the route openai"):
        catalogue.routes.__wrapped__()
