"""A program hands in a patch: it becomes a proposal, or is published at once where its sender may and asks for it. No logic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Response, current_app, url_for

from kizuna.changes.packed import PackedPatch
from kizuna.changes.patch import Patch
from kizuna.changes.places import Source
from kizuna.changes.problems import (
    BlockedError,
    ChangeError,
    ConflictError,
    ForbiddenError,
    ReasonNeededError,
)
from kizuna.changes.report import GateReport
from kizuna.changes.workflow import Actor
from kizuna.engine.types import View
from kizuna.ledger.records import Commit, Proposal
from kizuna.sparql.pace import Pace
from kizuna.web.accounts_session import changes, needed_ledger
from kizuna.web.current import engine, language, settings
from kizuna.web.desk_reports import attempt, refused, report_response
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError


@dataclass(frozen=True, slots=True)
class Wish:
    """What the sender says beside the change.

    Args:
        title: what the change does; "" leaves it to the way it came in.
        publish: the message with which it is to be published at once; None makes a proposal.
        reason: why warnings are acceptable.
    """

    title: str = ""
    publish: str | None = None
    reason: str = ""

    @classmethod
    def read(cls, parameter: Callable[[str], str | None]) -> Wish:
        """From the parameters of a request.

        Raises:
            ProblemError: `bad-parameter`: it is to be published, and nothing says what it does.
        """
        publish = parameter("publish")
        if publish is not None and not publish.strip():
            raise ProblemError(
                "bad-parameter",
                say(
                    "publish には、何をした変更かを書いてください。",
                    "publish= takes a message: say what the change does.",
                ),
            )
        title = (parameter("title") or publish or "")[:200].strip()
        return cls(title, publish, (parameter("reason") or "")[:2000])


@dataclass(frozen=True, slots=True)
class Base:
    """What a change is made on: today's view of the record's newest revision.

    Args:
        view: it.
        strict: the sender has named this state (If-Match): nothing may be published in between.
    """

    view: View
    strict: bool = False

    @property
    def revision(self) -> int:
        """Its revision."""
        return self.view.revision or 0


def permit(who: Actor, wish: Wish) -> None:
    """Go on only if the sender may do what is wished; before anything is worked out or kept.

    Raises:
        ProblemError: `not-permitted` (says why), `too-many-writes`.
    """
    flow = changes()
    try:
        flow.may(who, "propose").require()
        if wish.publish is not None:
            flow.may(who, "publish").require()
            if flow.second_person:
                raise ForbiddenError(
                    "自分の変更は自分で公開できません(二人目の確認が必要な設定です)。publish を付けずに送ると、提案になります。",
                    "You may not publish a change of your own (a second person is required): "
                    "without publish= it becomes a proposal.",
                )
    except ForbiddenError as error:
        raise ProblemError("not-permitted", say(error.ja, error.en)) from error
    wait = pace().step(who.account.name)
    if wait:
        allowed = settings().writes_per_minute
        raise ProblemError(
            "too-many-writes",
            say(f"一つのアカウントの変更は毎分{allowed}件までです。", f"At most {allowed} changes of one account are taken in a minute."),
            headers={"Retry-After": str(wait)},
        )  # fmt: skip


def pace() -> Pace:
    """How fast accounts of this application may hand in changes."""
    known = current_app.extensions.setdefault("kizuna-pace", Pace(settings().writes_per_minute))
    return cast(Pace, known)


def hand_in(
    who: Actor,
    patch: Patch | PackedPatch,
    wish: Wish,
    way: str,
    base: Base | None = None,
    *,
    source: Source | None = None,
) -> Response:
    """Propose a patch, or publish it.

    Args:
        who: the sender, permitted.
        patch: the change.
        wish: what to do with it.
        way: how it came in.
        base: what it was made on; None: nobody asks.
        source: the file it came from; None: it came from none.

    Returns:
        202 with the proposal's address; 200 once it is published; 422 with the report.

    Raises:
        ProblemError: it cannot be.
    """
    most = settings().write_quads
    if len(patch) > most:
        raise ProblemError(
            "too-large",
            say(f"一度に変えられる記述は{most:,}件までです。", f"One change may have {most:,} statements."),
        )
    try:
        made, report = attempt(
            _letting_through(
                lambda: changes().propose(
                    who, patch, title=wish.title, way=way, reason=wish.reason, strict=True, source=source
                )
            )
        )
        if wish.publish is None:
            return _proposed(made, report)
        return _publish(who, made, report, wish, base)
    except _Refused as refusal:
        return refused(refusal.error, refusal.report)


class _Refused(Exception):  # noqa: N818 (it is no error to those who catch it: it carries a report)
    def __init__(self, error: ChangeError, report: GateReport) -> None:
        super().__init__()
        self.error = error
        self.report = report


def _letting_through(work: Callable[[], Any]) -> Callable[[], Any]:
    """The work, with refusals that carry a report set apart from errors that are told in a sentence."""

    def doing() -> Any:
        try:
            return work()
        except (BlockedError, ReasonNeededError) as error:
            raise _Refused(error, error.report) from error

    return doing


def _publish(who: Actor, made: Proposal, report: GateReport, wish: Wish, base: Base | None) -> Response:
    only_on = base.revision if base is not None and base.strict else None

    def work() -> Commit:
        try:
            return changes().publish(who, made.id, wish.reason, only_on=only_on)
        except ConflictError as error:
            if only_on is None:
                raise
            raise ProblemError("precondition-failed", error.text(language())) from error

    try:
        commit = attempt(_letting_through(work))
    except (ProblemError, _Refused):
        # Publishing was asked for, not a proposal: nothing is left lying on anybody's desk.
        needed_ledger().proposals.move(made.id, who.account.name, "withdrawn")
        raise
    address = url_for("desk.commit", revision=commit.revision, _external=True)
    head = {
        "published": True,
        "revision": commit.revision,
        "proposal": made.id,
        "written_by": commit.said_by,
        "published_by": commit.author,
        "address": address,
        "removed": report.removed,
        "added": report.added,
        "next": say("公開されました。", "It is published."),
    }
    response = report_response(report, 200, head)
    response.headers["Content-Location"] = address
    return written(response, commit.revision, report.removed, report.added)


def _proposed(made: Proposal, report: GateReport) -> Response:
    address = url_for("desk.show", number=made.id, _external=True)
    head = {
        "published": False,
        "proposal": made.id,
        "state": made.state,
        "address": address,
        "base": report.base,
        "scenario": f"proposal-{made.id}",
        "removed": report.removed,
        "added": report.added,
        "next": _next(report),
    }
    response = report_response(report, 202, head)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-store"
    return response


def _next(report: GateReport) -> str:
    if changes().second_person:
        then = say(
            "審査に出ました。書いた人とは別の人が承認し、公開すると反映されます。",
            "It is open for review: it takes effect when somebody else approves and publishes it.",
        )
    else:
        then = say(
            "審査に出ました。公開責任者が公開すると反映されます。",
            "It is open for review: it takes effect when a publisher publishes it.",
        )
    if report.warnings:
        then += say(
            "警告があるため、公開には理由が要ります。", " There are warnings: publishing it needs a reason."
        )
    return then


def nothing(revision: int) -> Response:
    """The record is so already: 204."""
    return written(Response(status=204), revision, 0, 0)


def written(response: Response, revision: int, removed: int, added: int) -> Response:
    """Say in the header which state the record has now.

    The tag names the view; it is no validator of what a PUT has sent (RFC 9110 §9.3.4 forbids one there).
    """
    response.headers["Kizuna-Revision"] = str(revision)
    response.headers["Kizuna-Removed"] = str(removed)
    response.headers["Kizuna-Added"] = str(added)
    response.headers["Cache-Control"] = "no-store"
    view = View(engine().today().as_of, revision)
    response.headers["ETag"] = f'W/"{engine().revision(view)}"'
    return response
