"""/desk/edit: a thing, new or old, or a proposal's draft of it, in a form made from the shapes. No logic of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Response, make_response, redirect, render_template, request, url_for
from pyoxigraph import NamedNode

from kizuna.atlas.why_terms import TermError, iri_of
from kizuna.changes import filled, forms
from kizuna.changes.forms import Form
from kizuna.changes.patch import Patch, difference, parse_patch
from kizuna.changes.workflow import ChangeEngine
from kizuna.ledger.records import Proposal
from kizuna.validation.labels import short
from kizuna.web import desk_reads, desk_ways
from kizuna.web.accounts_session import changes, needed_actor
from kizuna.web.current import engine, view
from kizuna.web.desk import proposal, room
from kizuna.web.desk_reports import attempt
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError, wants_json

Given = dict[str, list[tuple[str, str]]]
"""Property to (language, text) as typed."""


@room.get("/edit")
def edit() -> str:
    """The form of a thing, or of a new one; with `proposal=N` as that proposal would have it."""
    draft = _draft()
    return _page(_form(draft), draft)


def _page(form: Form, draft: Proposal | None, problem: str = "") -> str:
    may = changes().may(needed_actor(), "edit" if draft else "propose", draft)
    return render_template(
        "desk/edit.html",
        form=form,
        draft=draft,
        problem=problem,
        graphs=desk_reads.graphs(),
        may=may,
    )


def _draft() -> Proposal | None:
    """The proposal that is mended; None when the form makes a new one.

    Raises:
        ProblemError: `unknown-proposal`.
    """
    number = request.values.get("proposal", "")
    if not number:
        return None
    if not (number.isascii() and number.isdecimal()):
        raise ProblemError(
            "unknown-proposal",
            say(f"提案「{number[:40]}」はありません。", f"There is no proposal “{number[:40]}”."),
        )
    return proposal(int(number))


def _form(draft: Proposal | None) -> Form:
    needed_actor()
    answer = cast(ChangeEngine, engine()).run_in_fork(
        None,
        forms.JOB,
        (_named("class"), _named("thing")),
        patch=parse_patch(draft.patch).halves() if draft else None,
        limits=desk_ways.limits(),
    )
    return forms.read_answer(answer)


def _named(parameter: str) -> str:
    """The IRI that a parameter names; "" when it is not given.

    Raises:
        ProblemError: `bad-filter`: it names no thing.
    """
    given = request.values.get(parameter, "").strip()
    try:
        return iri_of(given).value if given else ""
    except TermError as error:
        raise ProblemError(
            "bad-filter",
            say(f"「{error}」は項目の名前ではありません。", f"“{error}” is not the name of a thing."),
        ) from error


@room.post("/edit")
def edited() -> Response:
    """Turn the filled form into a proposal, or into the next version of one: only what differs is changed."""
    who, draft, flow = needed_actor(), _draft(), changes()
    attempt(flow.may(who, "edit" if draft else "propose", draft).require)
    form, given = _form(draft), _given()
    try:
        patch = attempt(lambda: _patch(form, given))
    except ProblemError as error:
        if error.code != "bad-form" or wants_json():
            raise
        # What was typed is not lost: the form comes back with it, and says what does not fit.
        typed = tuple(replace(one, values=tuple(given.get(one.path, ()))) for one in form.fields)
        return make_response(_page(replace(form, fields=typed), draft, error.detail or ""), 422)
    title = request.form.get("title", "")[:200].strip()
    if draft:
        whole = parse_patch(draft.patch).amended(patch)
        version = request.form.get("version", 0, type=int)
        attempt(lambda: flow.edit(who, draft.id, version, whole, title or None))
        number = draft.id
    else:
        title = title or short(form.subject or request.form.get("subject", ""))
        made, _ = attempt(lambda: flow.propose(who, patch, title=title, way="form"))
        number = made.id
    return make_response(redirect(url_for("desk.show", number=number), 303))


def _given() -> Given:
    given: Given = {}
    for key, typed in request.form.items(multi=True):
        if key.startswith("f ") and key.count(" ") == 2:
            _, tongue, path = key.split(" ")
            if typed.strip():
                given.setdefault(path, []).append((tongue.strip("-"), typed))
    return given


def _patch(form: Form, given: Given) -> Patch:
    if form.subject:
        subject = NamedNode(form.subject)
        now = {one.path: list(one.values) for one in form.fields}
        before = filled.quads_of(form, subject, form.graph, now)
    else:
        subject, before = _new(request.form.get("subject", "").strip()), []
        if lacking := filled.lacking(form, given):
            raise ProblemError(
                "bad-form",
                say(
                    "・".join(f"「{one.label.ja}」" for one in lacking) + "のどれかを入れてください。",
                    "Give one of these: " + ", ".join(f"“{one.label.en}”" for one in lacking) + ".",
                ),
            )
    graph = desk_ways.graph_iri(form.graph or request.form.get("graph", ""))
    return difference(before, filled.quads_of(form, subject, graph, given))


def _new(typed: str) -> NamedNode:
    """The IRI of a thing that is not there yet.

    Raises:
        ProblemError: `bad-form`.
    """
    try:
        subject = filled.thing_iri(typed)
    except ValueError as error:
        raise ProblemError(
            "bad-form", say("識別名は「種類/名前」の形で書いてください。", "Name the thing as kind/slug.")
        ) from error
    if engine().ask(view(), "ASK { ?s ?p ?o }", {"s": subject}):
        raise ProblemError(
            "bad-form",
            say(
                f"「{typed}」はすでにあります。その項目のページから書き換えを提案してください。",
                f"“{typed}” exists already: propose a change to it from its own page.",
            ),
        )
    return subject
