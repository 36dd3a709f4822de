"""Image Generation: a kind of step, and a kind of paid step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from imagegen import catalogue, deleted_images, output, progress
from imagegen.assets.models import Asset, file_path, thumbnail_path
from imagegen.attempts.cancel import cancel_what_has_not_left
from imagegen.attempts.contract import Price
from imagegen.attempts.models import Part
from imagegen.attempts.plan import plan
from imagegen.billing.costs import charges_by_step_run, costs_by_step_run, costs_by_workflow
from imagegen.billing.keys import Access, access_for, refusal
from imagegen.billing.prices import Line
from imagegen.catalogue.records import Model, NoPrice, without_date
from imagegen.choices import default_settings, validate
from imagegen.config import Config, InvalidSettings, prompt_problem
from imagegen.described import described
from imagegen.errors import Fault
from imagegen.estimate import charge_lines, our_lines, shared_out
from imagegen.expected import expected_cost
from imagegen.forms import ImageGenerationForm
from imagegen.outcomes import Outcome
from imagegen.panels import left_context, run_context
from imagegen.planned import asked, planned, priced_on
from imagegen.portable import portable
from imagegen.provider_keys.default import default_charge_type
from imagegen.providers import registry
from imagegen.providers.contract import Body, Refusal, Request, Result, Usage
from imagegen.slots import settings_for_missing, sketch_context
from workflows.kinds import (
    Activity,
    Cost,
    ExpectedCost,
    Finished,
    Problem,
    StepCharge,
    StepFailed,
    Waiting,
)
from workflows.models import Step, StepRun, Workspace
from workflows.references import references_in

# What the same means when the account is the workspace's own.
PERSONAL = {
    Fault.KEY_REFUSED_HOSTED: Fault.KEY_REFUSED_PERSONAL,
    Fault.FORBIDDEN: Fault.FORBIDDEN_PERSONAL,
    Fault.NO_LONGER_ALLOWED_HOSTED: Fault.NO_LONGER_ALLOWED_PERSONAL,
    Fault.OUT_OF_CREDIT_HOSTED: Fault.OUT_OF_CREDIT_PERSONAL,
}
NOTHING_HAPPENED = "Nothing was sent and nothing was charged."
NOTHING_LEFT = (
    "After its references were filled, nothing is left of the prompt. Give them values, or write"
    f" something beside them. {NOTHING_HAPPENED}"
)


class ImageGeneration:
    name = "image_generation"
    label = "Image Generation"
    settings_template = "imagegen/settings.html"
    output_template = "imagegen/output.html"
    left_template = "imagegen/left.html"
    sketch_template = "imagegen/sketch.html"
    variables_template = "imagegen/variables.html"

    # A step kind

    def default_settings(self, workspace_id: UUID) -> dict[str, Any]:
        return default_settings(default_charge_type(workspace_id))

    def summary(self, settings: dict[str, Any]) -> str:
        return str(settings.get("model", ""))

    def form(self, step: Step, data: Any = None) -> ImageGenerationForm:
        return ImageGenerationForm(step, data)

    def problems(self, settings: dict[str, Any]) -> list[Problem]:
        try:
            config = validate(settings)
        except InvalidSettings as invalid:
            return [Problem(field, sentence) for field, sentence in invalid.problems]
        prompt = settings["prompt"]
        unpriced = _price_problem(config.record)
        # Its length counts after filling; without references that is now.
        final = not references_in(prompt)
        wrong = prompt_problem(prompt if final else prompt.strip()[:1], config.record)
        found = [Problem("model", unpriced)] if unpriced else []
        return [*found, Problem("prompt", wrong[1])] if wrong else found

    def refusals(self, workspace: Workspace, settings: dict[str, Any]) -> list[Problem]:
        try:
            record = validate(settings).record
        except InvalidSettings:
            return []
        fault = refusal(workspace, record.route.name, settings["charge_type"])
        if fault is None:
            return []
        label = registry.get(record.provider).label
        return [Problem("charge_type", fault.advice(provider=label, model=record.label))]

    def texts(self, settings: dict[str, Any]) -> dict[str, str]:
        return {"prompt": settings["prompt"]}

    def with_texts(self, settings: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
        return settings | texts

    def described(self, settings: dict[str, Any]) -> dict[str, str]:
        return described(settings)

    def portable(self, settings: dict[str, Any]) -> dict[str, Any]:
        return portable(settings)

    def expected_cost(self, settings: dict[str, Any]) -> ExpectedCost | None:
        return expected_cost(settings)

    def costs(self, workspace: Workspace, since: datetime) -> dict[UUID, Cost]:
        return costs_by_workflow(workspace, self.name, since)

    def version(self) -> str:
        return catalogue.version()

    def start(self, step_run: StepRun) -> Waiting | Finished:
        filled = step_run.filled or step_run.settings
        config, prompt = _config(filled), filled["prompt"]
        if not prompt.strip():
            raise StepFailed("prompt_empty", NOTHING_LEFT)
        if problem := prompt_problem(prompt, config.record):
            raise StepFailed(*problem)
        if unpriced := _price_problem(config.record):
            raise StepFailed("invalid_setting", f"{unpriced} {NOTHING_HAPPENED}")
        if gone := deleted_images.why_refused(prompt, step_run.workspace_id):
            raise StepFailed("variable_not_found", f"{gone} {NOTHING_HAPPENED}")
        plan(step_run, planned(config, prompt, filled["charge_type"]))
        return Waiting()

    def cancel(self, step_run: StepRun) -> bool:
        return cancel_what_has_not_left(step_run)

    def activity(self, step_run: StepRun) -> Activity:
        return progress.activity(step_run)

    def sent_at(self, step_run: StepRun) -> datetime | None:
        return progress.sent_at(step_run)

    def shortfall(self, step_run: StepRun) -> str:
        return progress.shortfall(step_run)

    def output(self, step_run: StepRun) -> Any:
        return output.as_read(step_run)

    def settings_for_missing(self, step_run: StepRun) -> dict[str, Any] | None:
        return settings_for_missing(step_run)

    def sample_output(self, settings: dict[str, Any]) -> Any:
        return output.sample(settings)

    def previews(self, step_runs: Sequence[StepRun]) -> dict[Any, list[dict[str, str]]]:
        pictures: dict[Any, list[dict[str, str]]] = {}
        assets = Asset.objects.live().filter(step_run__in=step_runs)
        for key, token, name in assets.values_list("step_run", "token", "file_name"):
            picture = {"src": thumbnail_path(token), "alt": name, "href": file_path(token, name)}
            pictures.setdefault(key, []).append(picture)
        return pictures

    def run_costs(self, step_runs: Sequence[StepRun]) -> dict[UUID, Cost]:
        return costs_by_step_run(step_runs)

    def charges(self, step_runs: Sequence[StepRun]) -> dict[UUID, StepCharge]:
        return charges_by_step_run(step_runs)

    def run_context(self, step_run: StepRun) -> dict[str, Any]:
        return run_context(step_run)

    def sketch_context(self, step: Step) -> dict[str, Any]:
        return sketch_context(step)

    def left_context(self, step: Step) -> dict[str, Any]:
        return left_context(step)

    # A kind of paid step

    def access(self, part: Part) -> Access:
        return access_for(part.workspace_id, catalogue.get(part.model).route.name, part.charge_type)

    def request(self, part: Part, access: Access) -> Request:
        config, prompt = asked(part)
        return registry.get(part.provider).request(config, prompt, access.key, access.base_url)

    def parse(
        self, part: Part, status: int, headers: Mapping[str, str], body: Body
    ) -> Result | Refusal:
        return registry.get(part.provider).parse(status, headers, body)

    def deadline(self, part: Part) -> float:
        return asked(part)[0].deadline_seconds

    def stored_as(self, part: Part) -> str:
        return catalogue.get(part.model).stored_as

    def price(self, part: Part, result: Result, images: int) -> Price:
        config, prompt = asked(part)
        day, came = priced_on(part), len(result.pictures)
        theirs, ours = shared_out(result.usage, images, came)
        return Price(
            lines=charge_lines(config, theirs, day, prompt=prompt, images=images),
            our_lines=our_lines(config, ours, day, came - images),
            prices_from=config.record.price_on(day).valid_from,
            flags=_served_by_another(config.record, str(result.returned.get("model", ""))),
        )

    def cost_without_image(self, part: Part, usage: Usage | None) -> Sequence[Line]:
        config, prompt = asked(part)
        day = priced_on(part)
        if usage is None:
            return charge_lines(config, None, day, prompt=prompt)
        return our_lines(config, usage, day, part.slots)

    def failure(self, part: Part, fault: Fault, detail: str = "") -> StepFailed:
        if part.is_personal:
            fault = PERSONAL.get(fault, fault)
        if fault is Fault.MODEL_RETIRED:
            detail = _successor(part.model)
        label = registry.get(part.provider).label
        message = fault.message(
            provider=label, model=part.model, personal=part.is_personal, detail=detail
        )
        return StepFailed(
            fault.code,
            message,
            provider=part.provider,
            retryable=fault.retryable,
            is_unknown=fault.outcome is Outcome.UNKNOWN,
            was_tried=fault.outcome is not Outcome.REFUSED,
        )

    def finished_output(self, step_run: StepRun, assets: Sequence[Asset]) -> Any:
        parts = list(step_run.parts.all())
        frozen = parts[0].request["config"] | {"image_count": sum(part.slots for part in parts)}
        return output.stored({"provider": parts[0].provider, **frozen}, assets)


def _config(settings: Any) -> Config:
    try:
        return validate(settings)
    except InvalidSettings as invalid:
        raise StepFailed("invalid_setting", str(invalid)) from invalid


def _price_problem(record: Model) -> str:
    """Why nobody can say what a run costs today; empty on every other day."""
    try:
        record.price_on(now().date())
    except NoPrice as problem:
        return str(problem)
    return ""


def _successor(model: str) -> str:
    try:
        successor = catalogue.get(model).successor
    except catalogue.UnknownModel:
        successor = ""
    return f"{successor} in Model" if successor else "another model"


def _served_by_another(record: Model, served: str) -> Sequence[str]:
    """Dated snapshots of the model itself, and what is known to answer for it, are no surprise."""
    if record.is_called(served) or {served, without_date(served)} & {"", record.served_by}:
        return ()
    return (f"{record.label} was asked for, and {served} answered.",)
