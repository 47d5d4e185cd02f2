"""A page in the form that was asked for: HTML, JSON, CSV or Turtle, by suffix or Accept header.

The four say the same: JSON is the page's own data class, CSV its main table, Turtle what is stated about its things.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from flask import Response, g, render_template, request
from flask_babel import gettext
from pyoxigraph import NamedNode
from werkzeug.routing import BaseConverter

from kizuna.atlas.evidence import Backing
from kizuna.atlas.reader import query_text
from kizuna.atlas.terms import Day, Name
from kizuna.engine.types import Question
from kizuna.web.current import engine, reader, view, words
from kizuna.web.errors import ProblemError
from kizuna.web.marks import here_in_data, is_gone, mark_of, mark_with_parts, marked, marked_table
from kizuna.web.negotiation import choose

MEDIA = {
    "html": "text/html",
    "json": "application/json",
    "ttl": "text/turtle",
    "csv": "text/csv",
}
BOM = "\ufeff"


class FormConverter(BaseConverter):
    """The suffix of a page's twin formats."""

    regex = "json|ttl|csv"


class SlugConverter(BaseConverter):
    """One segment of an IRI without a dot, so that a suffix is never taken for a part of the name."""

    regex = r"[^/.]+"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page ready to be shown in any form.

    Args:
        template: the HTML template; it gets `page` and the entries of `extra`.
        page: the frozen data class of the page.
        table: the lines of its CSV form.
        graph: the named CONSTRUCT query of its Turtle form, with values.
        extra: what the template needs beside the page (choices of filters …).
    """

    template: str
    page: Any
    table: Sequence[Any]
    graph: tuple[str, Mapping[str, str]]
    extra: Mapping[str, Any]


def show(
    template: str,
    page: Any,
    *,
    table: Sequence[Any],
    graph: tuple[str, Mapping[str, str]],
    form: str | None = None,
    **extra: Any,
) -> Response:
    """Answer with a page in the asked form.

    Args:
        form: the suffix of the address, or None to let the Accept header decide.
    """
    form = asked_form(form)
    if form == "csv":
        table = marked_table(table)
    sheet = Sheet(template, marked(page, form), table, graph, extra)
    make = {"html": _html, "json": _json, "ttl": _turtle, "csv": _csv}[form]
    response = make(sheet)
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def asked_form(form: str | None) -> str:
    """The form to answer in: that of the address's suffix, else the one the Accept header likes best."""
    if form is not None:
        return form
    best = choose(request.headers.get("Accept", ""), list(MEDIA.values()))
    return next((f for f, media in MEDIA.items() if media == best), "html")


def no_turtle(form: str | None) -> str:
    """The form to answer in, on a page that is no description of things and so has no Turtle.

    Raises:
        ProblemError: `not-found`: the suffix asks for Turtle.
    """
    if form == "ttl":
        raise ProblemError("not-found", gettext("This page exists as HTML, JSON and CSV."))
    found = asked_form(form)
    return "html" if found == "ttl" else found


def _html(sheet: Sheet) -> Response:
    words()
    return Response(render_template(sheet.template, page=sheet.page, **sheet.extra), mimetype="text/html")


def _json(sheet: Sheet) -> Response:
    body = {
        "as_of": view().as_of.isoformat(),
        "revision": reader().token,
        **in_scenario(),
        "page": plain(sheet.page),
    }
    return Response(json.dumps(body, ensure_ascii=False, indent=1) + "\n", content_type="application/json")


def in_scenario() -> dict[str, list[str]]:
    """What JSON says of the scenarios it holds: their names; nothing where it holds the record."""
    return {"scenario": [title.iri for title in g.what_if]} if g.get("what_if") else {}


def _csv(sheet: Sheet) -> Response:
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    rows = [{**flat(line), **_differs(line)} for line in sheet.table]
    header = list(dict.fromkeys(key for row in rows for key in row))
    writer.writerow(header)
    writer.writerows([[row.get(key, "") for key in header] for row in rows])
    return Response(out.getvalue(), content_type="text/csv; charset=utf-8; header=present")


def _turtle(sheet: Sheet) -> Response:
    name, values = sheet.graph
    bindings = {key: NamedNode(value) for key, value in values.items()}
    answer = engine().query(view(), Question(query_text(name), "text/turtle", bindings))
    return Response(answer.body, content_type="text/turtle; charset=utf-8")


def plain(value: Any) -> Any:
    """A data class as JSON values: names with both languages, days with their precision, and how it differs in a scenario."""
    if isinstance(value, Day):
        return {"date": value.text, "precision": value.precision}
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        values = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        mark = mark_of(value)
        if mark is None:
            return values
        record = {"record": {name: plain(before) for name, before in mark.before}} if mark.before else {}
        return {**values, "differs": mark.kind, **record}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value if here_in_data(v)]
    return value


def _differs(line: Any) -> dict[str, str]:
    """In a scenario, the columns that say how a line differs from the record and what that says instead."""
    if not g.get("what_if"):
        return {}
    mark = mark_with_parts(line)
    cells: dict[str, str] = {}
    for name, before in mark.before if mark else ():
        _flatten(name, before, cells)
    record = " | ".join(f"{name}={value}" for name, value in cells.items())
    return {"differs": mark.kind if mark else "", "record": safe(record)}


def flat(line: Any) -> dict[str, str]:
    """One line of a table as columns: a name makes `x`, `x_ja`, `x_en`; several values are joined by `; `."""
    cells: dict[str, str] = {}
    for f in fields(line):
        _flatten(f.name, getattr(line, f.name), cells)
    return cells


def _flatten(key: str, value: Any, cells: dict[str, str]) -> None:
    if isinstance(value, Name):
        cells.update(
            {key: safe(value.iri), f"{key}_ja": safe(value.ja or ""), f"{key}_en": safe(value.en or "")}
        )
    elif isinstance(value, Day):
        cells[key] = value.text
    elif isinstance(value, Backing):
        cells[f"{key}_sources"] = "; ".join(e.source for e in value.evidence)
        cells[f"{key}_general_knowledge"] = str(value.debt).lower()
    elif isinstance(value, (tuple, list)):
        cells[key] = safe("; ".join(_word(v) for v in value if not is_gone(v)))
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            _flatten(f"{key}_{f.name}", getattr(value, f.name), cells)
    elif isinstance(value, bool):
        cells[key] = str(value).lower()
    else:
        cells[key] = safe("" if value is None else str(value))


def _word(value: Any) -> str:
    return value.iri if isinstance(value, Name) else str(value)


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (a leading =, +, -, @ or tab gets an apostrophe)."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
