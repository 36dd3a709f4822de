"""What a burst needs in the database: a workflow of one step, and a key to run it with."""

from django.conf import settings
from django.core.management import call_command

from workflows.api_keys import make
from workflows.first_start import ensure_first_workspace
from workflows.models import Workflow


def prepared(prompt: str) -> tuple[str, str]:
    """The address that starts a run, and the key."""
    call_command("migrate", verbosity=0)
    workspace = ensure_first_workspace().memberships.get().workspace
    workflow = Workflow.objects.create(workspace=workspace, name="Burst")
    step = workflow.add_step(name="Hero image")
    step.settings["prompt"] = prompt
    step.settings["by_provider"]["openai"].update(
        {"image_quality": "low", "image_output_format": "png"}
    )
    step.save()
    return f"{settings.SITE_URL}/api/v1/workflows/{workflow.pk}/runs", make(
        workspace, "Burst", None
    )[1]
