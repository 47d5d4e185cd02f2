"""/desk: proposals, their reports and consequences, review, publication, history. No logic of its own."""

from __future__ import annotations

from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState

from kizuna.changes.mapping import built_in
from kizuna.changes.places import Source
from kizuna.changes.report import GateReport
from kizuna.changes.texts import Head, added_about, head_of
from kizuna.ledger.jobs import Job
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.records import Proposal
from kizuna.web import desk_names, desk_reads, desk_ways
from kizuna.web.accounts_session import actor, changes, needed_actor, needed_ledger, require
from kizuna.web.desk_reports import attempt, report_response
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError, wants_json
from kizuna.web.handing_in import Wish, hand_in, permit
from kizuna.web.whatif import require_record

SHOWN = 300
"""Changes of a kind that the page of a proposal or of a publication shows; the rest is counted."""
room = Blueprint("desk", __name__, url_prefix="/desk")


def _setup(state: BlueprintSetupState) -> None:
    app: Flask = state.app  # type: ignore[assignment]
    app.jinja_env.globals.update(term_words=desk_names.term_words, thing_words=desk_names.thing_words)


room.record_once(_setup)


def proposal(number: int) -> Proposal:
    """One proposal, if it exists and the person may see it (a draft is its author's).

    Raises:
        ProblemError: `unknown-proposal`.
    """
    try:
        found = needed_ledger().proposals.get(number)
    except LookupError as error:
        raise ProblemError(
            "unknown-proposal", say(f"提案{number}はありません。", f"There is no proposal {number}.")
        ) from error
    who = actor()
    mine = who is not None and who.account.name == found.author
    if found.state == "draft" and not mine and (who is None or who.account.role != "admin"):
        raise ProblemError(
            "unknown-proposal", say(f"提案{number}はありません。", f"There is no proposal {number}.")
        )
    return found


# Pages.


@room.get("", endpoint="desk", strict_slashes=False)
def desk() -> str:
    """Open proposals, my drafts, what was published, what is owed."""
    books = needed_ledger()
    who = actor()
    mine = books.proposals.list("draft", "open", author=who.account.name) if who else ()
    return render_template(
        "desk/desk.html",
        who=who,
        open=books.proposals.list("open"),
        mine=mine,
        commits=books.commits(0, 20, newest_first=True),
        owed=desk_reads.owed(),
        stale=desk_reads.stale(),
        untranslated=desk_reads.untranslated(),
        warned=desk_reads.warned(books),
        jobs=_jobs(books) if who else (),
        may=changes().may(who, "propose"),
    )


def _jobs(books: Ledger) -> tuple[Job, ...]:
    books.jobs.sweep()
    return books.jobs.list()


@room.get("/new")
def new() -> str:
    """The form for a document, a table or an update."""
    who = needed_actor()
    return render_template(
        "desk/new.html", tables=built_in(), graphs=desk_reads.graphs(), may=changes().may(who, "propose"),
        classes=desk_reads.classes(),
    )  # fmt: skip


@room.post("/new")
def propose() -> Response:
    """Make a proposal of what the form holds."""
    who = require("propose")
    source, mode, way = desk_ways.given()
    patch = desk_ways.patch_of(source, mode)
    title = request.form.get("title", "")[:200]
    made, _ = attempt(lambda: changes().propose(who, patch, title=title, way=way, source=source))
    return make_response(redirect(url_for("desk.show", number=made.id), 303))


@room.post("/proposals")
def post() -> Response:
    """The same for programs: the body is the change."""
    g.machine = True
    require_record()
    who, wish = needed_actor(), Wish.read(request.args.get)
    permit(who, wish)
    args = request.args
    source = Source(
        request.get_data(),
        request.mimetype,
        args.get("file", ""),
        desk_ways.graph_iri(args.get("graph", "")),
        args.get("table", ""),
        args.get("sheet", ""),
    )
    patch = desk_ways.patch_of(source, args.get("mode", "add"))
    return hand_in(who, patch, wish, "program", source=source)


@room.get("/proposals/<int:number>")
def show(number: int) -> str | Response:
    """A proposal: what it changes, the report, who said what, and what may be done."""
    one = proposal(number)
    flow = changes()
    report = attempt(lambda: flow.report_of(one))
    if wants_json():
        return report_response(report, 200, {"proposal": one.id, "state": one.state, "patch": one.patch})
    who = actor()
    books = needed_ledger()
    patch = head_of(one.patch, SHOWN)
    desk_names.learn(patch.removed + patch.added)
    follow = None
    if request.args.get("consequences"):
        follow = flow.consequences(one.patch)
    edits = one.state in ("draft", "open") and flow.may(who, "edit", one).allowed
    return render_template(
        "desk/proposal.html",
        one=one,
        patch=patch,
        mendable=_mendable(one, patch, report) if edits else (),
        report=report,
        follow=follow,
        classes=desk_reads.classes() if edits else (),
        clashes=flow.clashes(one) if one.state in ("draft", "open") else (),
        comments=books.proposals.comments(number),
        reviews=books.proposals.reviews(number),
        decisions={
            action: flow.may(who, action, one)
            for action in ("comment", "edit", "review", "publish", "reject")
        },
        who=who,
    )


def _mendable(one: Proposal, patch: Head, report: GateReport) -> tuple[str, ...]:
    """What a form can mend: things of the changes that are shown, and those that findings are about."""
    found = {finding.focus for finding in report.report.findings}
    shown = desk_reads.mendable(patch)
    return (*shown, *sorted(added_about(one.patch, found - set(shown))))


@room.post("/proposals/<int:number>/<do>")
def act(number: int, do: str) -> Response:
    """Open, comment, judge, publish, reject, withdraw, settle clashes."""
    who = needed_actor()
    one = proposal(number)
    flow, books, form = changes(), needed_ledger(), request.form
    said = form.get("text", "")[:5000]

    def work() -> None:
        match do:
            case "submit":
                flow.submit(who, number)
            case "comment":
                flow.may(who, "comment", one).require()
                if said.strip():
                    books.proposals.comment(number, who.account.name, said)
            case "review":
                verdict = "approve" if form.get("verdict") == "approve" else "change"
                flow.review(who, number, form.get("version", 0, type=int), verdict, said)  # type: ignore[arg-type]
            case "publish":
                flow.publish(who, number, said)
            case "reject":
                flow.may(who, "reject", one).require()
                books.proposals.move(number, who.account.name, "rejected")
            case "withdraw":
                flow.may(who, "withdraw", one).require()
                books.proposals.move(number, who.account.name, "withdrawn")
            case "resolve":
                choices = {k[2:]: v for k, v in form.items() if k.startswith("c ")}
                flow.resolve(who, number, form.get("version", 0, type=int), choices)  # type: ignore[arg-type]
            case _:
                raise ProblemError("not-found", do[:40])

    attempt(work)
    return make_response(redirect(url_for("desk.show", number=number), 303))


@room.get("/commits/<int:revision>")
def commit(revision: int) -> str | Response:
    """One publication."""
    one = attempt(lambda: needed_ledger().get(revision))
    if wants_json():
        return jsonify(desk_reads.told(one) | {"patch": one.patch})
    patch = head_of(one.patch, SHOWN)
    desk_names.learn(patch.removed + patch.added)
    return render_template("desk/commit.html", one=one, patch=patch, may=changes().may(actor(), "propose"))


@room.post("/commits/<int:revision>/revert")
def revert(revision: int) -> Response:
    """Propose to undo it."""
    who = require("propose")
    made, _ = attempt(
        lambda: changes().revert(who, revision, say(f"公開{revision}の取り消し", f"Revert {revision}"))
    )
    return make_response(redirect(url_for("desk.show", number=made.id), 303))


@room.get("/history")
def history() -> str | Response:
    """What was published about a thing, who said each of its statements, and by which source."""
    thing = request.args.get("thing", "")
    commits = needed_ledger().history(thing) if thing else needed_ledger().commits(0, 200, newest_first=True)
    said = desk_reads.who_said(thing, commits) if thing else ()
    if wants_json():
        return jsonify(
            thing=thing, published=[desk_reads.told(c) for c in commits], said=[s.told() for s in said]
        )
    sources = desk_reads.sources_of(thing) if thing else ()
    if thing:
        desk_names.learn(desk_reads.stated(thing), (statement for statement, _ in sources))
    return render_template("desk/history.html", thing=thing, commits=commits, said=said, sources=sources)
