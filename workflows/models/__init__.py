from workflows.models.api_keys import ApiKey
from workflows.models.people import Membership, SignInAddress, User, Workspace
from workflows.models.runs import Run, StepRun
from workflows.models.workflows import Input, Step, Workflow

__all__ = [
    "ApiKey",
    "Input",
    "Membership",
    "Run",
    "SignInAddress",
    "Step",
    "StepRun",
    "User",
    "Workflow",
    "Workspace",
]
