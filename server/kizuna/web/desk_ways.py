"""From a request to a patch: a document, a table, an update, a patch, in a body or in a form. Asks sandboxes only."""

from __future__ import annotations

import uuid
from typing import Any, cast

from flask import request
from pyoxigraph import NamedNode

from kizuna.changes import documents, sheets, updates
from kizuna.changes.documents import DocumentError, Mode
from kizuna.changes.packed import PackedPatch
from kizuna.changes.patch import Patch, PatchError, parse_patch
from kizuna.changes.places import Source
from kizuna.changes.sheets import Sheet
from kizuna.changes.workflow import ChangeEngine
from kizuna.engine import progress
from kizuna.engine.types import ForkingEngine, Limits, View
from kizuna.sparql.guard import Refusal, examine_update
from kizuna.sparql.updating import Effect, Update, UpdateProblem
from kizuna.sparql.updating import evaluate as work_out
from kizuna.web import endpoint, sparql_problems
from kizuna.web.accounts_session import changes
from kizuna.web.current import engine, language, settings
from kizuna.web.desk_words import TOO_HEAVY, from_code, say, too_heavy
from kizuna.web.errors import ProblemError
from kizuna.workspace.names import GRAPH

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UPDATE = "application/sparql-update"
RDF_PATCH = "application/rdf-patch"
SUFFIXES = {
    **documents.SUFFIXES,
    "csv": "text/csv",
    "tsv": "text/csv",
    "xlsx": XLSX,
    "ru": UPDATE,
    "rdfp": RDF_PATCH,
}
MEMORY = 2_000_000_000


def limits() -> Limits:
    """Of turning what came into a patch; a job has more time than a request."""
    seconds = settings().job_seconds if progress.observer() else settings().write_seconds
    return Limits(seconds=seconds, memory_bytes=MEMORY, rows=None, result_bytes=None)


def job(function: str, *arguments: Any, view: View | None = None) -> bytes:
    """Run one of the jobs in a sandbox: on the record, or on a view.

    Raises:
        ProblemError: `upload-too-heavy`.
        EngineError: as `run_in_fork`.
    """
    try:
        return cast(ChangeEngine, engine()).run_in_fork(view, function, arguments, limits=limits())
    except TOO_HEAVY as error:
        raise too_heavy(error) from error


def evaluate(update: Update, view: View) -> Effect:
    """What an update would change.

    Raises:
        UpdateProblem: it cannot be carried out.
    """
    return work_out(cast(ForkingEngine, engine()), view, update, limits())


def unique() -> str:
    """A name that nothing else has."""
    return str(uuid.uuid4())


def graph_iri(given: str) -> str:
    """The graph that was named, as an IRI; `data/x` means `…/graph/data/x`; "" for none.

    Raises:
        ProblemError: `bad-form`: it is no name of a graph.
    """
    given = given.strip()
    if not given:
        return ""
    try:
        return NamedNode(given if "://" in given else GRAPH + given).value
    except ValueError as error:
        raise ProblemError(
            "bad-form",
            say(
                f"「{given[:40]}」はグラフの名前ではありません。data/… の形で書いてください。",
                f"“{given[:40]}” is not the name of a graph: write data/….",
            ),
        ) from error


def mode_of(given: str) -> Mode:
    """The mode that was named.

    Raises:
        ProblemError: `bad-form`.
    """
    if given not in documents.MODES:
        raise ProblemError("bad-form", f"mode={given[:40]}: {', '.join(documents.MODES)}")
    return given


def patch_of(source: Source, mode: str) -> Patch | PackedPatch:
    """The patch that a file amounts to.

    Raises:
        ProblemError: it cannot be read; says where.
    """
    body, media_type = source.body, source.media_type
    try:
        if media_type == RDF_PATCH:
            return parse_patch(body.decode("utf-8"))
        if media_type == UPDATE:
            return update_patch(body.decode("utf-8"))
        if media_type in ("text/csv", XLSX):
            return sheet(source, mode).patch
        chosen = mode_of(mode or "add")
        return documents.read_answer(job(documents.JOB, body, media_type, source.graph, chosen))
    except (PatchError, UpdateProblem) as error:
        raise from_code(error.code, error.ja, error.en, getattr(error, "line", None)) from error
    except DocumentError as error:
        one = error.problem
        raise from_code(one.code, one.ja, one.en, one.line) from error
    except UnicodeDecodeError as error:
        raise from_code("bad-document", "UTF-8 ではありません。", "It is not UTF-8.") from error


def update_patch(text: str) -> Patch:
    """What an update would change. The guard refuses what goes outside before anything runs.

    Raises:
        ProblemError, DocumentError: it cannot be.
    """
    try:
        examine_update(text, endpoint.endpoint().rules.policy)
    except Refusal as error:
        raise sparql_problems.from_refusal(error) from error
    effect = evaluate(Update(text), View(engine().today().as_of, changes().catch_up()))
    return updates.to_patch(effect.removed, effect.added)


def read_sheet(source: Source, mode: str) -> Sheet:
    """What a table gives, with what is wrong in it.

    Raises:
        ProblemError, DocumentError: the file as a whole cannot be read.
    """
    if not source.graph:
        raise from_code(
            "no-graph",
            "取り込み先のグラフを data/… の形で指定してください。",
            "Name the graph that gets the rows, as data/….",
        )
    kind = "xlsx" if source.media_type == XLSX else "csv"
    chosen = mode_of(mode or "add")
    arguments = (source.body, kind, source.table, source.graph, chosen, source.sheet)
    return sheets.read_answer(job(sheets.JOB, *arguments))


def sheet(source: Source, mode: str) -> Sheet:
    """What a table gives; with problems in it, an error that lists them.

    Raises:
        ProblemError: `bad-table`.
        DocumentError: the file as a whole cannot be read.
    """
    found = read_sheet(source, mode)
    if found.problems:
        told = [problem.text(language()) for problem in found.problems[:20]]
        if (more := len(found.problems) - len(told)) > 0:
            told.append(say(f"ほかに{more}件", f"and {more} more"))
        raise ProblemError("bad-table", "\n".join(told))
    return found


def given() -> tuple[Source, str, str]:
    """What the desk's own form holds: the file, what it means, and how it came in.

    Raises:
        ProblemError: nothing was given.
    """
    form = request.form
    file = request.files.get("file")
    graph, mode, table = graph_iri(form.get("graph", "")), form.get("mode", "add"), form.get("table", "")
    chosen = form.get("sheet", "").strip()
    if file is not None and file.filename:
        suffix = file.filename.rpartition(".")[2].lower()
        media_type = SUFFIXES.get(suffix, file.mimetype)
        table = table or file.filename.rpartition("/")[2].rpartition(".")[0]
        source = Source(file.read(), media_type, file.filename, graph, table, chosen)
    elif form.get("text", "").strip():
        source = Source(form["text"].encode(), form.get("type", "text/turtle"), "", graph, table)
    else:
        raise ProblemError(
            "bad-form",
            say("文書を貼り付けるか、ファイルを選んでください。", "Paste a document or choose a file."),
        )
    ways = {UPDATE: "update", "text/csv": "table", XLSX: "table"}
    return source, mode, ways.get(source.media_type, "document")
