"""SPARQL Update at /sparql and writes to /graphs on a server with a gate: each becomes a patch and is handed in. No logic.

They need a token of an account, sent as `Authorization: Bearer`. Cookies do not count, so another site's page can do nothing
with a browser that is signed in.
"""

from __future__ import annotations

from flask import Response, request, url_for

from kizuna.changes import documents, updates
from kizuna.changes.patch import Patch, parse_patch
from kizuna.changes.workflow import Actor
from kizuna.engine.types import View
from kizuna.sparql.cache import states_of
from kizuna.sparql.graphstore import GraphName
from kizuna.sparql.guard import Refusal, examine_update, has_using
from kizuna.sparql.protocol import UPDATE_TYPE, Operation, media_type_of
from kizuna.sparql.updating import Update
from kizuna.web import desk_ways, endpoint, graphwrites, sparql_problems
from kizuna.web.accounts_session import actor, changes, ledger
from kizuna.web.current import engine
from kizuna.web.desk_reports import attempt
from kizuna.web.desk_words import from_code, say
from kizuna.web.errors import ProblemError
from kizuna.web.handing_in import Base, Wish, hand_in, nothing, permit
from kizuna.web.whatif import require_record
from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, INFERRED_GRAPH

RDF_PATCH = desk_ways.RDF_PATCH
NEW_GRAPHS = f"{GRAPH}data/new/"


def writer() -> Actor:
    """Who writes, by a token.

    Raises:
        ProblemError: `write-needs-proposal` where nobody can have a token; `token-needed`.
    """
    if ledger() is None:
        raise ProblemError(
            "write-needs-proposal",
            say(
                "このサーバーにはまだアカウントがなく、だれも書き込めません。",
                "This server has no accounts yet: nobody can write.",
            ),
        )
    who = actor()
    if who is None or who.scope is None:
        raise ProblemError(
            "token-needed",
            say(
                "書き込みにはアカウントのトークンが要ります(ブラウザーのサインインは使えません)。",
                "Writing needs an account's token (being signed in in a browser does not count).",
            ),
            headers={"WWW-Authenticate": 'Bearer realm="kizuna", scope="propose"'},
        )
    return who


def newest(graph: str | None = None) -> Base:
    """What the change is made on, if it is what the sender has seen (If-Match, If-None-Match).

    Args:
        graph: the graph that `*` speaks of; None: the endpoint, which is always there.

    Raises:
        ProblemError: `precondition-failed`.
    """
    base = View(engine().today().as_of, changes().catch_up())
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    there = graph is None or graph in endpoint.endpoint().graphs(base)
    if wanted is not None:
        fits = there if wanted.strip() == "*" else engine().revision(base) in states_of(wanted)
        if not fits:
            raise ProblemError(
                "precondition-failed",
                say(
                    f"その後に公開がありました(現在は版{base.revision})。読み直してください。",
                    f"Something has been published since (now revision {base.revision}): read it again.",
                ),
            )
    if unwanted is not None and unwanted.strip() == "*" and there:
        raise ProblemError("precondition-failed", say("すでにあります。", "It is there already."))
    return Base(base, strict=wanted is not None)


# SPARQL Update.


def update(operation: Operation) -> Response:
    """Work an update out and hand in what it would change.

    Raises:
        ProblemError: no token, a refused or impossible update.
    """
    who = writer()
    require_record(operation.parameter)
    wish = Wish.read(operation.parameter)
    examine(operation.text)
    dataset = operation.default_graphs is not None or operation.named_graphs is not None
    if dataset and has_using(operation.text):
        raise ProblemError(
            "dataset-twice",
            say("更新文にすでに USING か WITH があります。", "The text has USING or WITH already."),
        )
    permit(who, wish)
    base = newest()
    asked = Update(operation.text, request.base_url, operation.default_graphs, operation.named_graphs)
    patch = effect(asked, base)
    return (
        hand_in(who, patch, _titled(wish, "SPARQL Update"), "update", base)
        if patch
        else nothing(base.revision)
    )


def examine(text: str) -> None:
    """Refuse an update that goes outside, before anything runs.

    Raises:
        ProblemError: any of the guard's.
    """
    try:
        examine_update(text, endpoint.endpoint().rules.policy)
    except Refusal as error:
        raise sparql_problems.from_refusal(error) from error


def effect(asked: Update, base: Base) -> Patch:
    """What an update would change.

    Raises:
        ProblemError: it cannot be carried out, or writes what cannot be written.
    """

    def work() -> Patch:
        found = desk_ways.evaluate(asked, base.view)
        return updates.to_patch(found.removed, found.added)

    with endpoint.place():
        patch: Patch = attempt(work)
    return patch


def _titled(wish: Wish, title: str) -> Wish:
    return wish if wish.title else Wish(title[:200], wish.publish, wish.reason)


# The graph store.


def write(name: GraphName | None) -> Response:
    """PUT, POST, DELETE and PATCH of one graph (SPARQL 1.1 Graph Store HTTP Protocol, section 5).

    Raises:
        ProblemError: no token, no graph that can be written, or a document that cannot be read.
    """
    who = writer()
    require_record()
    wish = Wish.read(request.args.get)
    iri = _writable(name)
    permit(who, wish)
    base = newest(iri)
    new = iri not in endpoint.endpoint().graphs(base.view)
    with endpoint.place():
        patch: Patch = attempt(lambda: _patch_of_request(iri, base))
    _expect_one_graph(patch, iri)
    if not patch and request.method == "DELETE" and new:
        raise ProblemError("unknown-graph", say(f"対象: {iri[:200]}", f"Asked for: {iri[:200]}"))
    wish = _titled(wish, f"{request.method} {iri}")
    response = hand_in(who, patch, wish, "graph-store", base) if patch else nothing(base.revision)
    if request.method == "PUT":
        del response.headers["ETag"]  # it names the view, and must not pass for a tag of what was sent
    if response.status_code == 200 and new:
        response.status_code = 201
        response.headers["Location"] = url_for("graphstore.graphs", graph=iri, _external=True)
    return response


def _writable(name: GraphName | None) -> str:
    if name is None and request.method == "POST":
        return f"{NEW_GRAPHS}{desk_ways.unique()}"
    if name is None or name.iri is None:
        raise ProblemError(
            "no-graph-named",
            say(
                "変えるグラフを指定してください。既定グラフは全グラフの合併で、書き込めません。",
                "Name the graph that is changed. The default graph is the union of all graphs and cannot be written.",
            ),
        )
    if name.iri in (DERIVED_GRAPH, INFERRED_GRAPH):
        # parse_patch tells of computed graphs in the same words wherever they are written to.
        attempt(lambda: parse_patch(f"A <{name.iri}> <{name.iri}> <{name.iri}> <{name.iri}> .\n"))
    return name.iri


def _patch_of_request(iri: str, base: Base) -> Patch:
    if request.method == "PATCH":
        return _patched(iri, base)
    if request.method == "DELETE":
        # All of it goes, also what is dated later than today.
        body = desk_ways.job(documents.JOB, b"", "application/n-quads", iri, "replace-graphs")
        return documents.read_answer(body)
    patch = Patch()
    for number, (media_type, body) in enumerate(graphwrites.documents()):
        replaces = request.method == "PUT" and number == 0
        mode = "replace-graphs" if replaces else "add"
        # On the view: what is put replaces what a GET shows; what is dated later than today stays.
        found = desk_ways.job(documents.JOB, body, media_type, iri, mode, view=base.view)
        patch = patch.then(documents.read_answer(found))
    return patch


def _patched(iri: str, base: Base) -> Patch:
    media_type, _charset = media_type_of(request.headers.get("Content-Type", ""))
    if media_type not in (UPDATE_TYPE, RDF_PATCH):
        raise ProblemError(
            "document-type",
            say(
                f"PATCH の本文は {UPDATE_TYPE} か {RDF_PATCH} です。",
                f"PATCH takes {UPDATE_TYPE} or {RDF_PATCH}.",
            ),
        )
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError(
            "not-unicode", say("本文が UTF-8 ではありません。", "The body is not UTF-8.")
        ) from None
    if media_type == RDF_PATCH:
        return parse_patch(text)
    examine(text)
    found = desk_ways.evaluate(Update(text, iri, graph=iri), base.view)
    return updates.to_patch(found.removed, found.added)


def _expect_one_graph(patch: Patch, iri: str) -> None:
    others = [graph for graph in patch.graphs() if graph != iri]
    if others:
        raise from_code(
            "bad-document",
            f"ほかのグラフ({others[0]})の記述が含まれています。この宛先は <{iri}> だけです。",
            f"It speaks of another graph ({others[0]}); this address is <{iri}> alone.",
        )
