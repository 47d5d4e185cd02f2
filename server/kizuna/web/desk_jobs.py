"""/desk/jobs: long imports and full validations, their progress, and their end. No logic of its own."""

from __future__ import annotations

from typing import cast

from flask import (  # fmt: skip
    Response,
    copy_current_request_context,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from kizuna.changes import whole
from kizuna.changes.longwork import STAGES, LongWork, Outcome, Watch, Work, WorkFailedError
from kizuna.changes.places import Source
from kizuna.changes.report import GateReport
from kizuna.changes.workflow import Actor, ChangeEngine
from kizuna.engine.types import Limits
from kizuna.ledger.jobs import Job, TooManyJobsError
from kizuna.web import desk_ways
from kizuna.web.accounts_session import actor, changes, needed_actor, needed_ledger, require
from kizuna.web.current import engine, settings
from kizuna.web.desk import room
from kizuna.web.desk_reports import attempt
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError, wants_json

MEMORY = 3_500_000_000
LOOK_AGAIN = 2
"""Seconds after which the page of a living job is loaded again where scripts do not run."""


def hands() -> LongWork:
    """Who does the long work of this application."""
    known = current_app.extensions.get("kizuna-jobs")
    if known is None:
        given = settings()
        known = LongWork(needed_ledger().jobs, given.jobs, given.job_seconds)
        current_app.extensions["kizuna-jobs"] = known
    return cast(LongWork, known)


def _start(kind: str, title: str, who: Actor, work: Work) -> Response:
    # The work goes on in another thread, with this request's language and application.
    copied = copy_current_request_context(work)
    try:
        job = hands().start("import" if kind == "import" else "validation", title, who.account.name, copied)
    except TooManyJobsError as error:
        raise ProblemError(
            "too-many-jobs",
            say(f"待っている作業がすでに{settings().jobs}件あります。", f"There are {settings().jobs} jobs already."),
            headers={"Retry-After": "30"},
        ) from error  # fmt: skip
    return make_response(redirect(url_for("desk.job", number=job.id), 303))


@room.post("/import")
def import_later() -> Response:
    """Make a proposal of what the form of /desk/new holds, as a job."""
    who = require("propose")
    source, mode, way = desk_ways.given()
    title = request.form.get("title", "")[:200] or source.called

    def work(watch: Watch) -> Outcome:
        return Outcome(proposal=_import(who, source, mode, way, title, watch))

    return _start("import", title, who, work)


def _import(who: Actor, source: Source, mode: str, way: str, title: str, watch: Watch) -> int:
    try:
        patch = desk_ways.patch_of(source, mode)
        watch.heard("gate")
        made, _ = attempt(lambda: changes().propose(who, patch, title=title, way=way, source=source))
    except ProblemError as error:
        raise WorkFailedError(error.detail or error.code) from error
    return int(made.id)


@room.post("/validation")
def validation() -> Response:
    """Validate everything, as a job."""
    who = require("propose")

    def work(_watch: Watch) -> Outcome:
        base, day = changes().catch_up(), engine().today().as_of.isoformat()
        limits = Limits(seconds=settings().job_seconds, memory_bytes=MEMORY, rows=None, result_bytes=None)
        target = cast(ChangeEngine, engine())
        return Outcome(result=target.run_in_fork(None, whole.JOB, (base, day), limits=limits).decode())

    return _start("validation", say("全体の検証", "Validation of everything"), who, work)


def _job(number: int) -> Job:
    books = needed_ledger()
    books.jobs.sweep()
    try:
        return books.jobs.get(number)
    except LookupError as error:
        raise ProblemError(
            "unknown-job", say(f"作業{number}はありません。", f"There is no job {number}.")
        ) from error


def _mine(job: Job, who: Actor | None) -> bool:
    return who is not None and (who.account.name == job.author or who.account.role == "admin")


def _words(one: Job) -> str:
    """What a job is doing and how far it is, in a line."""
    doing = say(*STAGES.get(one.stage, STAGES[""]))
    if one.total:
        return f"{doing} · {one.done:,} / {one.total:,}"
    return f"{doing} · {one.done:,}" if one.done else doing


@room.get("/jobs/<int:number>")
def job(number: int) -> Response:
    """How far a job is; a script of the page asks for the same as JSON until it has ended, as programs do."""
    needed_actor()
    one = _job(number)
    if wants_json():
        members = ("id", "kind", "title", "author", "state", "stage", "done", "total", "proposal", "message")
        told = {name: getattr(one, name) for name in (*members, "alive", "percent")}
        response = jsonify({**told, "words": _words(one)})
    else:
        report = GateReport.from_json(one.result) if one.result else None
        page = render_template(
            "desk/job.html", one=one, words=_words(one), report=report, mine=_mine(one, actor()), again=LOOK_AGAIN
        )  # fmt: skip
        response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    return response


@room.post("/jobs/<int:number>/cancel")
def cancel(number: int) -> Response:
    """Ask for a job's end: by its owner or an administrator."""
    who, one = needed_actor(), _job(number)
    if not _mine(one, who):
        raise ProblemError(
            "not-permitted",
            say("始めた人と管理者だけが中止できます。", "Only its owner and administrators may cancel it."),
        )
    needed_ledger().jobs.ask_cancel(number, who.account.name)
    return make_response(redirect(url_for("desk.job", number=number), 303))
