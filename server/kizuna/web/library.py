"""The query library for people (/queries) and programs (/api/queries/NAME, /openapi.json). No logic of its own."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, render_template, request, url_for
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode

from kizuna import __version__
from kizuna.engine.text import bind
from kizuna.engine.types import EngineError, Row
from kizuna.sparql.description import query_text
from kizuna.sparql.endpoint import Ask
from kizuna.sparql.openapi import describe
from kizuna.web import endpoint
from kizuna.web.current import engine, language, settings, speaker, view
from kizuna.web.errors import ProblemError, from_engine
from kizuna.workspace.names import ID, NS, PREFIXES
from kizuna.workspace.queries import (
    THING_TYPES,
    LibraryQuery,
    Parameter,
    ParameterError,
    load_library,
    with_prefixes,
)

room = Blueprint("library", __name__)

RESERVED = (
    "asof",
    "revision",
    "scenario",
    "lang",
    "format",
    "timeout",
    "rows",
    "query-id",
    "download",
    "run",
)
SHOWN_ROWS = 1_000
CLASSES = {
    "actor": "Actor",
    "framework": "Framework",
    "agreement": "Agreement",
    "activity": "Activity",
    "instrument": "PolicyInstrument",
    "recommendation": "Recommendation",
    "domain": "Domain",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a picker offers: a prefixed name and its label."""

    value: str
    label: str


def library() -> dict[str, LibraryQuery]:
    """The workspace's queries, read once."""
    known: dict[str, LibraryQuery] | None = current_app.extensions.get("kizuna-library")
    if known is None:
        known = current_app.extensions["kizuna-library"] = load_library(settings().workspace)
    return known


def query_named(name: str) -> LibraryQuery:
    """A query of the library.

    Raises:
        ProblemError: `unknown-query`.
    """
    found = library().get(name)
    if found is None:
        raise ProblemError("unknown-query", gettext("There is no query “%(name)s”.", name=name[:80]))
    return found


def given_values(query: LibraryQuery) -> dict[str, str]:
    """The parameters of the query in this request's address; `lang` is one where the query has it."""
    own = {parameter.name for parameter in query.parameters}
    return {key: value for key, value in request.args.items() if key in own or key not in RESERVED}


def bindings_of(query: LibraryQuery, values: dict[str, str]) -> dict[str, NamedNode | Literal]:
    """The values as terms.

    Raises:
        ProblemError: `bad-parameter`.
    """
    try:
        return query.bindings(values, view().as_of)
    except ParameterError as error:
        raise ProblemError("bad-parameter", error.ja if language() == "ja" else error.en) from error


def asked(query: LibraryQuery) -> Ask:
    """The query of this request, ready to be answered."""
    rows = endpoint.number("rows", request.args.get("rows"))
    return Ask(
        view=view(),
        text=with_prefixes(query.text),
        client=endpoint.client(),
        accept=request.headers.get("Accept"),
        format=request.args.get("format"),
        bindings=bindings_of(query, given_values(query)),
        seconds=endpoint.number("timeout", request.args.get("timeout")),
        rows=None if rows is None else max(1, int(rows)),
        query_id=endpoint.query_id(request.args.get("query-id")),
        if_none_match=request.headers.get("If-None-Match"),
    )


@room.get("/api/queries/<path:name>")
def api(name: str) -> Response:
    """Answer a query of the library in the asked format."""
    g.machine = True
    answer = endpoint.answer(asked(query_named(name)), name if "download" in request.args else None)
    return endpoint.open_to_all(answer)


@room.get("/openapi.json")
def openapi() -> Response:
    """The description of the API."""
    g.machine = True
    document = describe(library().values(), request.root_url.rstrip("/"), __version__, language())
    body = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return endpoint.open_to_all(Response(body, content_type="application/json"))


@room.get("/queries")
def queries() -> str:
    """The list, by group."""
    groups: dict[str, list[LibraryQuery]] = {}
    for query in library().values():
        groups.setdefault(query.group, []).append(query)
    return render_template("sparql/queries.html", groups=groups, group_name=group_name)


def group_name(group: str) -> str:
    """The heading of a group."""
    names: dict[str, str] = {
        "activities": gettext("Activities"),
        "agenda": gettext("Agenda"),
        "agreements": gettext("Agreements"),
        "domains": gettext("Domains"),
        "evidence": gettext("Evidence"),
        "frameworks": gettext("Frameworks"),
        "instruments": gettext("Policy instruments"),
        "names": gettext("Names"),
        "negotiations": gettext("Negotiations"),
        "partners": gettext("Partners"),
        "time": gettext("Time"),
    }
    return names.get(group, group)


@room.get("/queries/<path:name>")
def query(name: str) -> Response:
    """One query: its form, and its answer when it was asked or needs no value."""
    found = query_named(name)
    values = given_values(found)
    run = bool(set(values) - {"lang"}) or "run" in request.args or all(p.default for p in found.parameters)
    rows: list[Row] = []
    problem: ProblemError | None = None
    columns: list[str] = []
    if run:
        try:
            rows = engine().select(view(), with_prefixes(found.text), bindings_of(found, values))
            columns = list(dict.fromkeys(key for row in rows for key in row))
        except ProblemError as error:
            problem = error
        except EngineError as error:
            problem = from_engine(error)
    fields = [(p, values.get(p.name) or default_of(p), choices(p)) for p in found.parameters]
    api_address = url_for("library.api", name=name, **values)  # type: ignore[arg-type]
    page = render_template(
        "sparql/query.html",
        query=found,
        fields=fields,
        run=run,
        rows=rows[:SHOWN_ROWS],
        total=len(rows),
        columns=columns,
        problem=problem,
        api_address=api_address,
        own={p.name for p in found.parameters},
        editor=speaker().root
        + "/sparql?"
        + urlencode({"query": bound_text(found, values), **speaker().kept}),
        cell=cell,
    )
    return Response(page, status=400 if problem else 200, mimetype="text/html")


def default_of(parameter: Parameter) -> str:
    """What stands in the form at first: the default, a language being the page's own."""
    if parameter.type == "language":
        return language()
    if parameter.type == "date" and parameter.default == "today":
        return view().as_of.isoformat()
    return short_name(parameter.default) if parameter.type == "kind" else parameter.default


def bound_text(query: LibraryQuery, values: dict[str, str]) -> str:
    """The query for the editor: with its values in place."""
    try:
        bound = query.bindings(values, view().as_of)
    except ParameterError:
        bound = {}
    lines = [line for line in query.text.splitlines() if not line.startswith("# ")]
    text = with_prefixes("\n".join(lines).strip())
    if not bound:
        return text
    title = query.title_ja if language() == "ja" else query.title_en
    return f"# {title}\n" + bind(text, bound)


class Picker:
    """Choices by parameter type and view, remembered."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], tuple[Choice, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def choices(self, kind: str, token: str, code: str) -> tuple[Choice, ...]:
        """The choices of a type."""
        key = (kind, token, code)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = tuple(self._read(kind, code))
            with self._lock:
                self._known[key] = known
                while len(self._known) > 60:
                    self._known.popitem(last=False)
        return known

    def _read(self, kind: str, code: str) -> list[Choice]:
        if kind == "kind":
            rows = engine().select(view(), query_text("picker-kinds"))
        else:
            rows = engine().select(view(), query_text("picker"), {"class": NamedNode(NS + CLASSES[kind])})
        other = "en" if code == "ja" else "ja"
        found = []
        for row in rows:
            thing, label = row["thing"], row.get(code) or row.get(other)
            if isinstance(thing, NamedNode):
                text = label.value if isinstance(label, Literal) else ""
                found.append(Choice(short_name(thing.value), text))
        return found


_picker = Picker()


def choices(parameter: Parameter) -> tuple[Choice, ...]:
    """What the picker of a parameter offers; nothing for free text."""
    if parameter.type not in CLASSES and parameter.type != "kind":
        return ()
    return _picker.choices(parameter.type, engine().revision(view()), language())


def short_name(iri: str) -> str:
    """The prefixed name of an IRI where the product has a prefix for it, else the IRI."""
    if not iri.startswith((ID, NS)):
        return iri
    for prefix, namespace in PREFIXES.items():
        local = iri[len(namespace) :]
        if iri.startswith(namespace) and local and "/" not in local:
            return f"{prefix}:{local}"
    return iri


def cell(term: object) -> tuple[str, str]:
    """A term as (text, IRI or "")."""
    if isinstance(term, NamedNode):
        return short_name(term.value), term.value
    if isinstance(term, Literal):
        return term.value, ""
    return ("" if term is None else str(term)), ""


assert set(CLASSES) <= THING_TYPES  # noqa: S101 (a type without a picker would be a silent gap)
