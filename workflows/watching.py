"""Who is watching a run, told without a question to the database.

A watcher asks every second, and nearly always nothing has changed. So the address that it asks has
a mark: who the page was drawn for, signed for this session. It is good for hearing that there is
nothing new; whatever says more asks who is signed in, like any other view.
"""

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from workflows.access import person


def mark(request: HttpRequest) -> str:
    return _signer(request).sign(str(person(request).pk))


def watcher(request: HttpRequest) -> str | None:
    """The key of the person; None when there is no mark, or it is that of another session."""
    try:
        return _signer(request).unsign(request.GET.get("mark", ""))
    except BadSignature:
        return None


def _signer(request: HttpRequest) -> Signer:
    return Signer(salt=f"watching {request.session.session_key}")
