from celery import shared_task

from imagegen.attempts.claims import claimable
from imagegen.attempts.perform import perform_next
from workflows.runs.wake import send


@shared_task
def execute_next_part() -> None:
    if perform_next() and claimable().exists():
        send(execute_next_part)  # its end may have brought the turn of another
