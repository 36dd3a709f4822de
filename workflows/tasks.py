from uuid import UUID

from celery import shared_task

from workflows.runs.advance import advance


@shared_task
def execute_run(run_id: str) -> None:
    advance(UUID(run_id))
