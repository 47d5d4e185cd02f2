"""The workbench page, its words for completion, and the explanation of a query. No logic of its own."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import cast
from urllib.parse import urlencode

from flask import Response, g, jsonify, render_template, request, url_for
from flask_babel import gettext
from pyoxigraph import Literal, NamedNode

from kizuna.engine.types import ForkingEngine, JobFailedError
from kizuna.sparql.description import query_text
from kizuna.sparql.explain import MODULES
from kizuna.sparql.guard import Refusal, examine_query
from kizuna.web import endpoint, sparql_problems
from kizuna.web.current import engine, language, speaker, view
from kizuna.web.errors import ProblemError
from kizuna.web.filters import asset
from kizuna.web.library import bound_text, group_name, library, query_named, short_name
from kizuna.web.whatif import READING
from kizuna.workspace.names import PREFIXES

START = "SELECT ?class (COUNT(?thing) AS ?things)\nWHERE {\n  ?thing a ?class .\n}\nGROUP BY ?class\nORDER BY DESC(?things)\nLIMIT 50\n"
REMEMBERED = 6

_words: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_lock = threading.Lock()


def page(query: str | None) -> Response:
    """The workbench.

    Args:
        query: the query to start with and to run; None shows a first one and runs nothing.
    """
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for one in library().values():
        title = one.title_ja if language() == "ja" else one.title_en
        about = one.description_ja if language() == "ja" else one.description_en
        groups.setdefault(one.group, []).append((one.name, title, about))
    limits = endpoint.endpoint().rules.limits
    told = {
        "prefixes": PREFIXES,
        "language": language(),
        "state": f"?{urlencode(speaker().kept)}" if speaker().kept else "",
        "view": {name: kept for name in READING if (kept := speaker().kept.get(name))},
        "run": query is not None,
        "words": url_for("sparql.words"),
        "geometry": asset("countries.json"),
        "pictures": asset("pictures.js"),
        "say": sentences(),
    }
    body = render_template(
        "sparql/workbench.html",
        query=query if query is not None else START,
        groups=groups,
        group_name=group_name,
        limits=limits,
        told=told,
    )
    response = Response(body, mimetype="text/html")
    response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language"
    return response


def sentences() -> dict[str, str]:
    """The words that the scripts say."""
    return {
        "query": gettext("Query"),
        "running": gettext("Running …"),
        "rows": gettext("rows"),
        "worker": gettext("in the worker"),
        "total": gettext("in all"),
        "cached": gettext("remembered answer"),
        "failed": gettext("The server did not answer. Try again."),
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "table": gettext("Table"),
        "chart": gettext("Chart"),
        "map": gettext("Map"),
        "previous": gettext("Previous"),
        "next": gettext("Next"),
        "copied": gettext("The address has been copied."),
        "step": gettext("Step"),
        "detail": gettext("Detail"),
        "milliseconds": gettext("Milliseconds"),
        "explanation": gettext("What the engine does"),
    }


def words() -> Response:
    """Prefixed names and labels for completion."""
    g.machine = True
    key = (engine().revision(view()), language())
    with _lock:
        body = _words.get(key)
    if body is None:
        body = _read_words()
        with _lock:
            _words[key] = body
            while len(_words) > REMEMBERED:
                _words.popitem(last=False)
    return Response(body, content_type="application/json")


def _read_words() -> bytes:
    labels: dict[str, dict[str, str]] = {}
    kinds: dict[str, str] = {}
    for row in engine().select(view(), query_text("words")):
        word, label, kind = row["word"], row["label"], row["kind"]
        if isinstance(word, NamedNode) and isinstance(label, Literal) and isinstance(kind, Literal):
            name = short_name(word.value)
            if ":" in name and "/" not in name:
                labels.setdefault(name, {})[label.language or ""] = label.value
                kinds.setdefault(name, kind.value)
    other = "en" if language() == "ja" else "ja"
    names = []
    for name, by_language in labels.items():
        order = [by_language[code] for code in (language(), other, "") if code in by_language]
        names.append({"label": name, "detail": " · ".join(dict.fromkeys(order)), "type": kinds[name]})
    return json.dumps({"names": names}, ensure_ascii=False).encode()


def library_text(name: str) -> Response:
    """A query of the library as text for the editor, its parameters at their defaults."""
    g.machine = True
    return Response(bound_text(query_named(name), {}), content_type="text/plain; charset=utf-8")


def explain() -> Response:
    """What a query does, step by step.

    Raises:
        ProblemError: a refused query, or one that does not parse.
    """
    g.machine = True
    text = request.form.get("query", "")
    rules = endpoint.endpoint().rules
    asked = endpoint.asked_view(request.form.get)
    try:
        examine_query(text, rules.policy)
    except Refusal as error:
        raise sparql_problems.from_refusal(error) from error
    runner = cast(ForkingEngine, engine())
    try:
        with endpoint.place():
            steps = runner.run_in_fork(
                asked,
                "kizuna.sparql.explain:explain",
                (text, rules.union_default),
                limits=rules.limits,
                modules=MODULES,
            )
    except JobFailedError as error:
        raise ProblemError(
            "query-syntax" if error.type == "SyntaxError" else "query-refused", str(error)
        ) from error
    response = jsonify(steps=json.loads(steps))
    response.headers["Cache-Control"] = "no-store"
    return response
