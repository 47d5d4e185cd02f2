"""A server that only reads: refuses every change and says where changes are made. Reads Flask's globals only.

It refuses by what would be done, not by the method: a query may come by POST. Whatever a new room may bring, an unsafe
method is refused unless it is named here.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, g, request

from kizuna.settings import Settings
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ROOMS: Final = frozenset({"desk", "accounts"})
"""Rooms that are about changes alone: not even their pages are shown."""
QUERIES: Final = frozenset({"/sparql", "/sparql/explain"})
CANCEL: Final = "/sparql/running/"


def changes_something() -> bool:
    """Whether this request belongs to the making of changes."""
    if request.blueprint in ROOMS:
        return True
    if request.method in SAFE:
        return False
    path = request.path.rstrip("/")
    if request.method == "POST" and path in QUERIES:
        return request.mimetype == "application/sparql-update" or "update" in request.form
    return not (request.method == "DELETE" and path.startswith(CANCEL))


def install(app: Flask, settings: Settings) -> None:
    """Make an application refuse changes, if the settings say that it only reads. To be installed before all rooms."""

    def refuse() -> None:
        if not changes_something():
            return
        g.machine = request.method not in SAFE
        where = settings.writer
        detail = (
            say(f"変更は {where} で行います。", f"Changes are made at {where}.")
            if where
            else say("変更は別のサーバーで行います。", "Changes are made at another server.")
        )
        raise ProblemError("read-only", detail, headers={"Link": f'<{where}>; rel="edit"'} if where else {})

    app.jinja_env.globals["read_only"] = settings.read_only
    if settings.read_only:
        app.before_request(refuse)
