from imagegen.attempts.close import finish_step_run, give_back
from imagegen.attempts.models import Part
from workflows.models import StepRun


def cancel_what_has_not_left(step_run: StepRun) -> bool:
    """Close the parts that are still due, in the caller's transaction, which has locked the run;
    True when none is open: then the step run has ended with what had come."""
    for part in step_run.parts.due():
        if part.take_back(Part.State.CANCELLED):
            give_back(part)
    finish_step_run(step_run)
    return not step_run.parts.open().exists()
