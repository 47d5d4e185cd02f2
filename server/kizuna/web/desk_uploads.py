"""/desk/preview: what a table would state, row by row, and what is wrong in it, before a proposal is made; and what the desk says of
uploads that are too large or break off. No logic of its own.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Response, make_response, render_template
from werkzeug.exceptions import ClientDisconnected

from kizuna.changes.importing import MOST_PROBLEMS
from kizuna.changes.mapping import built_in
from kizuna.settings import variable_of
from kizuna.web import desk_ways
from kizuna.web.accounts_session import require
from kizuna.web.current import settings
from kizuna.web.desk import room
from kizuna.web.desk_reports import attempt
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError, respond
from kizuna.workspace.names import GRAPH

NOWHERE = GRAPH + "data/preview"
"""The graph of rows that go to none."""


@room.post("/preview")
def preview() -> Response:
    """What the table in the form of /desk/new means. Nothing is kept."""
    require("propose")
    source, mode, way = desk_ways.given()
    if way != "table":
        raise ProblemError(
            "bad-form",
            say(
                "プレビューできるのは表(CSV、XLSX)です。文書の内容は、提案のページで確かめられます。",
                "Tables (CSV, XLSX) have a preview. What a document changes is shown on its proposal's page.",
            ),
        )
    source = replace(source, graph=source.graph or NOWHERE)
    found = attempt(lambda: desk_ways.read_sheet(source, mode))
    page = render_template(
        "desk/preview.html",
        found=found,
        called=source.called,
        mapping=built_in()[source.table],
        most=MOST_PROBLEMS,
    )
    response = make_response(page, 422 if found.problems else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@room.errorhandler(413)
def too_large(_error: Exception) -> Response:
    """What was sent is larger than a request may be: the desk says how large, and what to do instead."""
    most = settings().max_request_bytes
    words = say(
        f"一度に送れるのは{most:,}バイトまでです({variable_of('max_request_bytes')})。表を分けるか、サーバーで kizuna propose を使ってください。",
        f"At most {most:,} bytes can be sent at once ({variable_of('max_request_bytes')}): "
        "split the table, or use kizuna propose on the server.",
    )
    return respond(ProblemError("too-large", words))


@room.errorhandler(ClientDisconnected)
def broken_off(_error: Exception) -> Response:
    """What was sent has not come to its end."""
    words = say(
        "送信が途中で切れました。何も変わっていません。もう一度送ってください。",
        "The upload broke off. Nothing has changed: please send it again.",
    )
    return respond(ProblemError("bad-request", words))
