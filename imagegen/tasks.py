from celery import shared_task

from imagegen.attempts.perform import perform_next


@shared_task
def execute_next_part() -> None:
    perform_next()
