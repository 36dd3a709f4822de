from celery import shared_task

from imagegen.attempts.perform import perform_next
from workflows.runs.wake import send


@shared_task
def execute_next_part() -> None:
    part = perform_next()
    if part and part.siblings().due().exists():
        send(execute_next_part)  # its end may have brought the turn of another
