"""Why a statement holds, why a thing is not what a definition asks for, and what contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, cast

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from pyoxigraph import NamedNode

from kizuna.atlas.terms import Name, named
from kizuna.atlas.why import (
    Contradiction,
    Explainers,
    Part,
    Statement,
    WhyPage,
    facts_between,
    holds,
    read_contradictions,
    read_why,
    statement,
)
from kizuna.atlas.why_not import read_defined_classes, read_why_not
from kizuna.atlas.why_picture import one_box, picture_of
from kizuna.atlas.why_rdf import proof_turtle
from kizuna.atlas.why_rules import read_rules_told
from kizuna.atlas.why_terms import TermError, iri_of, term_of, text_of
from kizuna.views.ask import Term
from kizuna.views.proof import Fact
from kizuna.views.rl.words import Language
from kizuna.web.current import desk, engine, language, reader, speaker, view
from kizuna.web.errors import ProblemError
from kizuna.web.formats import asked_form, no_turtle, show
from kizuna.web.fragments import remembered

room = Blueprint("why", __name__)
NO_QUERY = ("describe", {"thing": ""})
"""These pages are no answer of one named query; their Turtle form is made here."""


@room.get("/why")
@room.get("/why.<form:form>", endpoint="why_data")
def why(form: str | None = None) -> Response:
    """The proof of `?s=&p=&o=`; without `p`, of what holds between two things; without any, what contradicts itself."""
    if not request.args.get("s") or not request.args.get("o"):
        return _start(form)
    pages = _proofs()
    if not pages:
        return _unknown(_term("s"), _term("o"))
    page = pages[0]
    form = asked_form(form)
    if form == "ttl":
        state = {key: value for key, value in speaker().kept.items() if key != "lang"}
        return _turtle(proof_turtle(page, state))
    others = [each.statement for each in pages[1:]]
    drawn = picture_of(page) if form == "html" else None
    return show(
        "why.html",
        page,
        table=page.steps,
        graph=NO_QUERY,
        form=form,
        others=others,
        picture=drawn,
        assumed=_assumed(page) if form == "html" else frozenset(),
    )


def _assumed(page: WhyPage) -> frozenset[int]:
    """The numbers of the steps that the record does not hold, in a scenario."""
    if not view().scenario:
        return frozenset()
    record = replace(view(), scenario=())
    return frozenset(
        step.number for step in page.steps if not holds(engine(), record, _fact_of(step.statement))
    )


def _fact_of(said: Statement) -> Fact:
    return Fact(term_of(said.subject.address), iri_of(said.predicate.address), term_of(said.object.address))


def _proofs() -> list[WhyPage]:
    """The proofs of what `?s=&p=&o=` names."""
    subject, object_ = _term("s"), _term("o")
    if request.args.get("p"):
        facts: tuple[Fact, ...] = (Fact(subject, _iri("p"), object_),)
    else:
        facts = facts_between(engine(), view(), subject, object_)
    return [page for fact in facts if (page := read_why(_explainers(), engine(), view(), fact, _language()))]


@room.get("/why.svg", endpoint="picture")
def picture() -> Response:
    """The proof of `?s=&p=&o=` as a drawing; of what is too short or too long to be drawn, the statement alone."""
    if not request.args.get("s") or not request.args.get("o"):
        words = gettext("Name a statement by s, p and o.")
        drawn, title = one_box(words), words
    else:
        pages = _proofs()
        if not pages:
            return _unknown(_term("s"), _term("o"))
        title = pages[0].statement.text
        drawn = picture_of(pages[0]) or one_box(title)
    text = render_template("why_picture.svg", picture_file=drawn, title=title)
    return Response(text.strip(), content_type="image/svg+xml; charset=utf-8")


@room.get("/why-not")
@room.get("/why-not.<form:form>", endpoint="why_not_data")
def why_not(form: str | None = None) -> Response:
    """What `?thing=` has and lacks for the definition of `?class=`."""
    thing = _iri("thing") if request.args.get("thing") else None
    classes = read_defined_classes(_explainers(), engine(), view(), thing, _language())
    if thing is None or not request.args.get("class"):
        name = _part(thing) if thing else None
        return show(
            "why_not_start.html", classes, table=classes, graph=NO_QUERY, form=no_turtle(form), thing=name
        )
    page = read_why_not(_explainers(), engine(), view(), _iri("class"), thing, _language())
    return show("why_not.html", page, table=page.lines, graph=NO_QUERY, form=no_turtle(form), classes=classes)


@room.app_context_processor
def shared() -> dict[str, object]:
    """What other pages' templates need to point here."""
    return {
        "why_link": why_link,
        "why_not_address": why_not_address,
        "defined_classes_of": defined_classes_of,
    }


def why_link(subject: Name, object_: Name, predicate: str | None = None) -> Markup:
    """“why?” as a link to the proof of what holds between two things; without a property, of all of it."""
    return remembered("why", (subject, object_, predicate), partial(_why_link, subject, object_, predicate))


def _why_link(subject: Name, object_: Name, predicate: str | None) -> Markup:
    p = text_of(NamedNode(predicate)) if predicate else None
    address = url_for("why.why", s=text_of(NamedNode(subject.iri)), p=p, o=text_of(NamedNode(object_.iri)))
    here = language()
    called = gettext("Why? %(statement)s", statement=f"{subject.label(here)} – {object_.label(here)}")
    return Markup('<a class="why" href="{}" aria-label="{}">{}</a>').format(address, called, gettext("why?"))


def why_not_address(class_: str, thing: str) -> str:
    """The address of the comparison of a thing with the definition of a class (both IRIs)."""
    values: dict[str, Any] = {"class": text_of(NamedNode(class_)), "thing": text_of(NamedNode(thing))}
    return url_for("why.why_not", **values)


def defined_classes_of(iri: str) -> tuple[Name, ...]:
    """The classes with a definition by conditions that a thing is a member of."""
    return tuple(named(row, "class") for row in reader().rows("definitions-met", thing=iri))


def contradictions() -> tuple[Contradiction, ...]:
    """What contradicts itself in this view."""
    return read_contradictions(_explainers(), engine(), view(), _language())


def _start(form: str | None) -> Response:
    found = contradictions()
    rules = read_rules_told(_explainers(), engine(), view(), _language())
    return show("why_start.html", found, table=found, graph=NO_QUERY, form=no_turtle(form), rules=rules)


def _unknown(subject: Term, object_: Term) -> Response:
    """404 that says what was asked, by its names."""
    here = desk().explainers.known(engine(), view()).speaker(_language())
    asked = [here.label(subject), here.label(object_)]
    if request.args.get("p"):
        asked.insert(1, here.label(_iri("p")))
    detail = gettext(
        "“%(statement)s” does not hold as of %(day)s.",
        statement=" – ".join(word[:80] for word in asked),
        day=view().as_of.isoformat(),
    )
    suggestions = []
    if isinstance(object_, NamedNode) and isinstance(subject, NamedNode):
        address = why_not_address(object_.value, subject.value)
        suggestions = [(gettext("Which conditions of a definition hold?"), address)]
    raise ProblemError("unknown-thing", detail, tuple(suggestions))


def _part(term: NamedNode) -> Part:
    here = desk().explainers.known(engine(), view()).speaker(_language())
    return statement(here, Fact(term, term, term)).subject


def _turtle(text: str) -> Response:
    response = Response(text, content_type="text/turtle; charset=utf-8")
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def _explainers() -> Explainers:
    return desk().explainers


def _language() -> Language:
    return cast(Language, language())


def _term(name: str) -> Term:
    try:
        return term_of(request.args.get(name, ""))
    except TermError as error:
        raise _bad(error) from error


def _iri(name: str) -> NamedNode:
    try:
        return iri_of(request.args.get(name, ""))
    except TermError as error:
        raise _bad(error) from error


def _bad(error: TermError) -> ProblemError:
    return ProblemError("bad-filter", gettext("“%(given)s” is not the name of a thing.", given=str(error)))
