"""All laws against rows, files and, given its log, the sandbox."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from imagegen.books import ledger, parts, providers, statement, storage, tenants
from imagegen.books.laws import BREACHES, LAWS, Law

__all__ = ["breaches", "ledger", "parts", "statement", "storage", "tenants"]


def breaches(sandbox_log: Path | None = None) -> Iterator[str]:
    """A line for each place where a law is broken; none when the books are right."""
    laws = list(LAWS)
    if sandbox_log:
        once = "the sandbox read each attempt at most once"
        laws.append(Law("L12", once, lambda: providers.sent_once(sandbox_log)))
        billed = "the sandbox billed each part at most once"
        laws.append(Law("L12", billed, lambda: providers.billed_once(sandbox_log)))
    for each in laws:
        for breach in islice(each.check(), BREACHES):
            yield f"{each.name} ({each.text}): {breach}"
