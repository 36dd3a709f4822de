"""People and situations. Only the network is replaced: by the sandbox, over real HTTP."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client

from imagegen import catalogue
from imagegen.attempts.perform import perform_next
from imagegen.attempts.recover import recover
from imagegen.billing import wallet
from imagegen.books.check import breaches
from imagegen.models import Part, ProviderAccount
from imagegen.sandbox import server
from tests.append_only import guard_every_connection
from workflows import api_keys
from workflows.first_start import make_workspace
from workflows.models import Membership, Run, User, Workflow
from workflows.runs.advance import advance

guard_every_connection()

SETTINGS = {
    "drawn_model": "gpt-image-2",
    "model": "gpt-image-2",
    "prompt": "A blue insulated water bottle",
    "image_count": "1",
    "charge_type": "hosted",
    "image_size": "1024x1024",
    "image_quality": "low",
    "image_background": "auto",
    "image_moderation": "auto",
    "image_output_format": "jpeg",
    "image_output_compression": "70",
    "name": "Hero image",
    "failure_policy": "terminate",
}


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    settings.SPOOL = tmp_path / "spool"
    settings.FILES = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "imagegen.assets.folder.Folder",
            "OPTIONS": {"location": str(settings.FILES)},
        }
    }


@pytest.fixture
def author(db):
    return User.objects.create_user("alice@example.org", "correct horse battery")


@pytest.fixture
def workspace(author):
    return make_workspace("Acme Shop", "acme-shop", author)


@pytest.fixture
def viewer(workspace):
    user = User.objects.create_user("victor@example.org", "correct horse battery")
    Membership.objects.create(workspace=workspace, user=user, role=Membership.Role.VIEWER)
    return user


@pytest.fixture
def stranger(db):
    """Somebody with a workspace of her own."""
    user = User.objects.create_user("charlie@example.org", "correct horse battery")
    make_workspace("Elsewhere", "elsewhere", user)
    return user


@pytest.fixture
def workflow(workspace):
    return Workflow.objects.create(workspace=workspace, name="Product hero images")


@pytest.fixture
def image_step(workflow):
    """Cheap and quick: low quality, JPEG."""
    return make_step(workflow)


def make_step(workflow, prompt=SETTINGS["prompt"], **choices):
    """OpenAI, low quality and JPEG, unless said; choices are those of the chosen model."""
    step = workflow.add_step(
        name=choices.pop("name", "Hero image"),
        failure_policy=choices.pop("failure_policy", "terminate"),
    )
    settings = step.settings
    settings["prompt"] = prompt
    for name in ("model", "image_count", "charge_type"):
        settings[name] = choices.pop(name, settings[name])
    quick = {"image_quality": "low", "image_output_format": "jpeg", "image_output_compression": 70}
    settings["by_provider"]["openai"].update(quick)
    provider = catalogue.get(settings["model"]).provider
    settings["by_provider"].setdefault(provider, {}).update(choices)
    step.save()
    return step


@pytest.fixture
def grok_step(workflow):
    return make_step(workflow, model="grok-imagine-image")


@pytest.fixture
def gemini_step(workflow):
    return make_step(workflow, model="gemini-2.5-flash-image", image_size="16:9")


@pytest.fixture
def step_of():
    return make_step


@pytest.fixture
def browser_of():
    """A client that somebody is signed in with."""

    def signed_in(user):
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def page(author, browser_of):
    return browser_of(author)


@pytest.fixture
def api_key(workspace, author):
    return api_keys.make(workspace, "Nightly catalogue", author)


@pytest.fixture
def program_of():
    """Somebody's program: a client that shows an API key and nothing else."""

    def with_key(key):
        return Client(headers={"Authorization": f"Bearer {key}"})

    return with_key


@pytest.fixture
def program(api_key, program_of):
    return program_of(api_key[1])


@pytest.fixture
def elsewhere(stranger, program_of):
    """A program of another workspace."""
    workspace = stranger.memberships.get().workspace
    return program_of(api_keys.make(workspace, "CI", stranger)[1])


@pytest.fixture
def sandbox(settings, tmp_path):
    """The providers, simulated over real HTTP; its log is the truth about what was billed."""
    with server.running(log=tmp_path / "sandbox.log", port=0, latency=0) as running:
        settings.SANDBOX_URL = running.base_url
        yield running


@pytest.fixture
def vendors(sandbox, settings):
    """OpenAI and xAI on this machine, and nothing simulated: their hosts are the sandbox's, where a
    key that contains `invalid` is refused."""
    hosts = {"openai": f"{sandbox.base_url}/openai/v1", "xai": f"{sandbox.base_url}/xai/v1"}
    settings.PROVIDER_ROUTES = {
        name: route | {"base_url": hosts.get(name, route["base_url"]), "key": ""}
        for name, route in settings.PROVIDER_ROUTES.items()
    }
    return sandbox


@pytest.fixture
def hosted_keys(settings):
    """Live hosted keys besides, which no personal run may use."""
    settings.PROVIDER_ROUTES = {
        name: route | {"key": "sk-hosted-0123456789HOST"}
        for name, route in settings.PROVIDER_ROUTES.items()
    }


@pytest.fixture
def let_the_hive_work(request, sandbox):
    """What worker and sweep do, until nothing is left to do. Afterwards the books must be right."""

    def work():
        for _ in range(100):
            for run in Run.objects.unfinished():
                advance(run.pk)
            if not perform_next() and not recover() and not let_waits_end():
                return
        raise AssertionError("the work never ends")

    yield work
    if not request.node.get_closest_marker("cooked_books"):
        assert list(breaches(sandbox.log.path)) == []


def let_waits_end(parts=None):
    """The time for which a provider wanted patience has passed; how many parts waited for it."""
    ProviderAccount.objects.update(closed_until=None)
    waiting = Part.objects.due() if parts is None else parts
    return waiting.filter(due_at__gt=Now()).update(due_at=None)


@pytest.fixture
def leave_in_wallet():
    """Both wallets of a workspace are left with so much, by the ledger."""

    def leave(workspace, micro):
        for purse in workspace.wallets.all():
            key = f"taken-back:{uuid4()}"
            wallet.grant(purse, micro - purse.available, key=key, reason="taken back")

    return leave


def address(step, name, *more):
    from django.urls import reverse

    return reverse(
        f"workflows:{name}", args=[step.workspace.slug, step.workflow_id, step.identifier, *more]
    )


@pytest.fixture
def address_of():
    return address


def drawn_form(step):
    """What the form of the step posts when nothing is changed in it."""
    step.refresh_from_db()
    shared = {name: step.settings[name] for name in ("model", "prompt", "image_count")}
    model = catalogue.get(shared["model"])
    defaults = {name: setting.default for name, setting in model.settings.items()}
    chosen = defaults | step.settings["by_provider"].get(model.provider, {})
    form = (
        shared
        | chosen
        | {
            "drawn_model": model.id,
            "charge_type": step.settings["charge_type"],
            "name": step.name,
            "failure_policy": step.failure_policy,
            "version": step.version,
        }
    )
    return {name: str(value) for name, value in form.items() if value is not None}


@pytest.fixture
def change(page, address_of):
    """A person changes something in the form, which saves itself and is drawn anew."""

    def changed(step, **fields):
        return page.post(address_of(step, "save-step"), drawn_form(step) | fields)

    return changed


@pytest.fixture
def press_run(page, address_of):
    """The Run button: the whole form, with a key that is good for one run."""
    keys = iter(range(1, 1000))

    def press(step, client=page, **changes):
        form = drawn_form(step) | {"form_key": f"key-{next(keys)}"}
        return client.post(address_of(step, "start-step-run"), form | changes)

    return press


@pytest.fixture
def finished_run(image_step, press_run, let_the_hive_work):
    """A step run that brought one image."""
    press_run(image_step)
    let_the_hive_work()
    return image_step.runs.get()


@pytest.fixture
def run_of(workflow, step_of, press_run, let_the_hive_work):
    """A finished run of a new step with this model."""

    def run(model, *prompt, **choices):
        step = step_of(workflow, *prompt, model=model, **choices)
        press_run(step)
        let_the_hive_work()
        return step.runs.get()

    return run


@pytest.fixture(scope="session")
def repository():
    return Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What has no database behind it need not be tried on a second one."""
    for item in items:
        asked = {"db", "transactional_db"} & set(item.fixturenames)
        if asked or any(map(item.get_closest_marker, ("django_db", "browser", "processes"))):
            item.add_marker("database")


def pytest_terminal_summary(terminalreporter):
    """What tests have measured; how many browser tests were skipped, and what mends it."""
    ended = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    for name, said in [each for report in ended for each in report.user_properties]:
        if name == "said":
            terminalreporter.write_line(said)
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    for reason in sorted({reason for reason in reasons if "Chromium" in reason}):
        terminalreporter.write_line(f"{reasons.count(reason)} browser tests: {reason}")
