"""What an empty database begins with: a person, a workspace, and an example to press Run on."""

from collections.abc import Callable

from django.db import transaction

from workflows.models import Membership, User, Workflow, Workspace

FIRST_EMAIL = "owner@fetchhive.local"

_openers: list[Callable[[Workspace], None]] = []


def opens_accounts(opener: Callable[[Workspace], None]) -> None:
    """Register what each new workspace is given, in the transaction that makes it."""
    if opener not in _openers:
        _openers.append(opener)


def ensure_first_workspace() -> User:
    """The first user, owner of the first workspace and staff. Made once, on an empty database."""
    with transaction.atomic():
        user = User.objects.order_by("created_at").first()
        if user is None:
            user = User.objects.create_user(FIRST_EMAIL, is_staff=True, is_superuser=True)
            make_example(make_workspace("My workspace", "my-workspace", user))
    return user


def make_workspace(name: str, slug: str, owner: User) -> Workspace:
    workspace = Workspace.objects.create(name=name, slug=slug)
    Membership.objects.create(workspace=workspace, user=owner, role=Membership.Role.OWNER)
    for opener in _openers:
        opener(workspace)
    return workspace


def make_workflow(workspace: Workspace, name: str = "New workflow") -> Workflow:
    """A workflow with one step, so that one click leads to typing."""
    workflow = Workflow.objects.create(workspace=workspace, name=name)
    workflow.add_step()
    return workflow


def make_example(workspace: Workspace) -> Workflow:
    workflow = Workflow.objects.create(workspace=workspace, name="Product hero images")
    workflow.inputs.create(
        workspace=workspace,
        label="Product",
        name="product",
        test_value="a blue insulated water bottle",
        example="a red bicycle",
        position=1,
    )
    workflow.inputs.create(
        workspace=workspace,
        label="Mood",
        name="mood",
        required=False,
        default="soft morning",
        position=2,
    )
    _add_example_step(workflow, "Hero image", HERO_PROMPT)
    _add_example_step(workflow, "Banner from hero", BANNER_PROMPT)
    return workflow


HERO_PROMPT = (
    "Create a product hero image for {{product}} on a clean studio background, {{mood}} light,"
    " no text."
)
BANNER_PROMPT = (
    "A wide banner for {{product}} that matches the palette of {{step_1.output.assets.0.file_url}}"
)


def _add_example_step(workflow: Workflow, name: str, prompt: str) -> None:
    step = workflow.add_step(name=name)
    step.settings["prompt"] = prompt
    step.save(update_fields=["settings"])
