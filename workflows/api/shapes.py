"""What the API takes and gives. Names and types stay as they are; only fields are added."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from workflows.kinds import StepCharge
from workflows.models import Input, Run, StepRun, Workflow


class Shape(Schema):
    """What it is filled with may be a prompt: no traceback shows it."""

    model_config = ConfigDict(hide_input_in_errors=True)


class InputOfWorkflow(Shape):
    name: str
    label: str
    type: Input.Type
    required: bool
    default: str = Field(description="As it was typed; empty when there is none.")
    options: list[str] = Field(description="Of a Select.")


class WorkflowToRun(Shape):
    id: UUID
    name: str
    inputs: list[InputOfWorkflow]
    created_at: datetime

    @classmethod
    def of(cls, workflow: Workflow) -> Self:
        inputs = [
            InputOfWorkflow(
                name=input.name,
                label=input.label,
                type=Input.Type(input.type),
                required=input.required,
                default=input.default,
                options=list(map(str, input.options)),
            )
            for input in workflow.inputs.all()
        ]
        name, created_at = workflow.name, workflow.created_at
        return cls(id=workflow.pk, name=name, inputs=inputs, created_at=created_at)


class WorkflowPage(Shape):
    items: list[WorkflowToRun]
    next_cursor: str | None = Field(description="Null on the last page.")


class RunRequest(Shape):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"inputs": {"product": "a blue insulated water bottle"}}},
    )

    inputs: dict[str, Any] = Field(
        {},
        description="Values of the workflow's inputs, by name: Text and Select a string, Number a"
        " number, JSON list a list. What is left out or null takes its default.",
    )


class RunAccepted(Shape):
    id: UUID
    status: Run.Status


class StepError(Shape):
    error_code: str
    message: str


class Charge(Shape):
    """All amounts are whole micro-dollars (1,000,000 are one dollar)."""

    amount_micro: int = Field(
        description="What the wallet paid, corrections included; 0 when Personal."
    )
    corrected_micro: int = Field(
        description="What corrections added to it; negative is what they gave back."
    )
    list_price_micro: int | None = Field(
        description="When Personal: what the provider bills by its list. Else null."
    )
    currency: str = Field(description="Always USD.")
    charge_type: str = Field(description="hosted or personal.")
    simulated: bool = Field(description="Made by the sandbox, and paid with its play money.")

    @classmethod
    def of(cls, charge: StepCharge) -> Self:
        return cls(
            amount_micro=charge.amount,
            corrected_micro=charge.corrected,
            list_price_micro=charge.list_price,
            currency="USD",
            charge_type=charge.charge_type,
            simulated=charge.simulated,
        )


class StepOfRun(Shape):
    identifier: str
    name: str
    status: StepRun.Status
    output: Any = Field(
        description="The object that later steps see: `settings` and `assets`, each with its"
        " `file_url`. Null while there is none."
    )
    error: StepError | None
    warnings: list[str]
    charge: Charge | None = Field(description="Null when nothing was charged.")
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, step_run: StepRun, charge: StepCharge | None) -> Self:
        return cls(
            identifier=step_run.identifier,
            name=step_run.name,
            status=StepRun.Status(step_run.status),
            output=step_run.output_for_later_steps,
            error=StepError(**step_run.error) if step_run.error else None,
            warnings=step_run.warnings,
            charge=Charge.of(charge) if charge else None,
            started_at=step_run.started_at,
            finished_at=step_run.finished_at,
        )


class RunSummary(Shape):
    id: UUID
    number: int = Field(description="Counted per workflow.")
    workflow_id: UUID
    status: Run.Status
    is_test: bool = Field(description="Of one step, started in the editor.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None

    @classmethod
    def of(cls, run: Run, **more: Any) -> Self:
        return cls(
            id=run.pk,
            number=run.number,
            workflow_id=run.workflow_id,
            status=Run.Status(run.status),
            is_test=not run.is_whole,
            created_at=run.created_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            cancel_requested_at=run.cancel_requested_at,
            **more,
        )


class WholeRun(RunSummary):
    inputs: dict[str, Any] = Field(description="The values that it ran with.")
    steps: list[StepOfRun]


class RunPage(Shape):
    items: list[RunSummary]
    next_cursor: str | None = Field(description="Null on the last page.")


class Paging(Shape):
    limit: int = Field(50, ge=1, le=100, description="How many at most.")
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before.")


class RunFilter(Paging):
    workflow_id: UUID | None = Field(None, description="Of this workflow only.")
    status: Run.Status | None = Field(None, description="With this status only.")
