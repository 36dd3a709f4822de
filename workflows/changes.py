"""What differs between two versions of a step: now and in a run, or on two screens."""

from dataclasses import dataclass

from workflows.models import Step, StepRun

POLICY = "When the step fails"


CONTEXT = 60  # characters on each side of what differs in a long text
SHORT = 80
LONGEST = 400


@dataclass(frozen=True)
class Marked:
    """A text of which one stretch differs; what lies far from it, and the end of a very long
    stretch, are left out."""

    before: str
    differs: str
    after: str


@dataclass(frozen=True)
class Difference:
    """A setting by its label; empty where it is none, as with another provider."""

    label: str
    then: str
    now: str

    @property
    def marked(self) -> tuple[Marked, Marked]:
        """Then and now, each from the first character that differs to the last."""
        if max(len(self.then), len(self.now)) <= SHORT:
            return Marked("", self.then, ""), Marked("", self.now, "")
        head = _alike(self.then, self.now)
        tail = _alike(self.then[head:][::-1], self.now[head:][::-1])
        return _marked(self.then, head, tail), _marked(self.now, head, tail)


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _marked(text: str, head: int, tail: int) -> Marked:
    end = len(text) - tail
    differs = text[head:end]
    return Marked(
        before=("…" if head > CONTEXT else "") + text[max(0, head - CONTEXT) : head],
        differs=differs if len(differs) <= LONGEST else differs[:LONGEST] + "…",
        after=text[end : end + CONTEXT] + ("…" if tail > CONTEXT else ""),
    )


def differences(step: Step, step_run: StepRun) -> list[Difference]:
    """Between the step's settings as they are stored and those that it had for the run. Choices
    that no run would use do not count. Asks the database nothing, with `completes` read."""
    kind = step.step_kind
    policies = step_run.get_failure_policy_display(), step.get_failure_policy_display()
    then = kind.described(step_run.settings_of_step) | {POLICY: policies[0]}
    return compared(then, kind.described(step.settings) | {POLICY: policies[1]})


def compared(then: dict[str, str], now: dict[str, str]) -> list[Difference]:
    """What differs of two descriptions, label by label."""
    return [
        Difference(label, then.get(label, ""), now.get(label, ""))
        for label in {**then, **now}
        if then.get(label) != now.get(label)
    ]
