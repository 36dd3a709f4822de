"""The database of a test, for real processes beside it."""

from urllib.parse import quote

from django.db import connection


def address():
    """As DATABASE_URL says it."""
    return _said(**connection.settings_dict)


def _said(NAME, HOST, PORT, USER, PASSWORD, **_):
    if connection.vendor == "sqlite":
        return f"sqlite:///{NAME}"
    return f"postgres://{USER}:{quote(PASSWORD)}@{HOST}:{PORT}/{NAME}"
