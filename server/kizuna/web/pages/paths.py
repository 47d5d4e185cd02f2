"""How two actors hang together: the shortest ways between them, told as sentences."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from kizuna.atlas.pair import find_actor
from kizuna.atlas.paths import SORTS, Step, read_paths
from kizuna.atlas.terms import Name, named, short
from kizuna.web.current import language, reader
from kizuna.web.errors import ProblemError
from kizuna.web.filters import link
from kizuna.web.formats import show
from kizuna.web.unknown import unknown_thing

room = Blueprint("paths", __name__)
OFFERED = ("state/", "economy/", "international-organisation/", "framework/")
"""Actors that the form offers; others are reached by their address."""


@room.get("/paths", endpoint="choose")
def choose() -> BaseResponse:
    """The page of the two actors chosen in a form."""
    one, other = request.args.get("one", ""), request.args.get("other", "")
    return redirect(url_for("paths.paths", one=one or "-", other=other or "-"), 303)


@room.get("/paths/<slug:one>/<slug:other>", endpoint="paths")
@room.get("/paths/<slug:one>/<slug:other>.<form:form>", endpoint="paths_data")
def paths(one: str, other: str, form: str | None = None) -> Response:
    """The ways from one actor to another, over `?via=` agreement, framework, activity (repeatable)."""
    first, second = _actor(one), _actor(other)
    if first == second:
        raise ProblemError("bad-filter", gettext("A pair needs two different actors."))
    via = [v for v in request.args.getlist("via") if v]
    if not set(via) <= set(SORTS):
        raise ProblemError(
            "bad-filter", gettext("“%(given)s” is nothing a way can go over.", given=via[-1][:40])
        )
    page = read_paths(reader(), first, second, via or SORTS)
    return show(
        "paths.html",
        page,
        table=page.steps,
        graph=("describe", {"thing": first.iri}),
        form=form,
        tell=tell,
        slugs=(one, other),
        sort_names={
            "agreement": gettext("Agreements"),
            "framework": gettext("Frameworks"),
            "activity": gettext("Activities"),
        },
        actors=_offered(first, second),
    )


def _actor(given: str) -> Name:
    found = find_actor(reader(), given)
    if found is None:
        kind, _, slug = given.rpartition(":")
        raise unknown_thing(kind or "state", slug)
    return found


def _offered(*chosen: Name) -> list[tuple[str, str, str]]:
    """The actors of the form: IRI, value, label, by label."""
    names = {n.iri: n for n in (named(row, "actor") for row in reader().rows("actors"))}
    names.update((n.iri, n) for n in chosen)
    short_names = {i: short(i)[3:] for i in names}
    offered = [
        (i, text.replace("/", ":"), names[i].label(language()))
        for i, text in short_names.items()
        if text.startswith(OFFERED) or names[i] in chosen
    ]
    return sorted(offered, key=lambda item: item[2])


def tell(step: Step) -> Markup:
    """A step as a sentence, with links."""
    if step.relation == step.other_relation:
        sentence = together()[step.relation]
    else:
        sentence = gettext("%(one)s; %(other)s.")
        one = _fill(alone()[step.relation], one=link(step.actor), thing=link(step.thing))
        other = _fill(alone()[step.other_relation], one=link(step.other), thing=link(step.thing))
        return _fill(sentence, one=one, other=other)
    return _fill(sentence, one=link(step.actor), other=link(step.other), thing=link(step.thing))


def _fill(sentence: str, **parts: Markup) -> Markup:
    return escape(sentence) % parts


def together() -> dict[str, str]:
    """The sentence for two actors with the same tie to a thing."""
    return {
        "partyTo": gettext("%(one)s and %(other)s are parties to %(thing)s."),
        "provisionalPartyTo": gettext("%(one)s and %(other)s apply %(thing)s provisionally."),
        "adherentTo": gettext("%(one)s and %(other)s stand by %(thing)s."),
        "signatoryTo": gettext("%(one)s and %(other)s have signed %(thing)s, which does not bind them yet."),
        "memberOf": gettext("%(one)s and %(other)s are members of %(thing)s."),
        "observerOf": gettext("%(one)s and %(other)s are observers of %(thing)s."),
        "associateOf": gettext("%(one)s and %(other)s are associates of %(thing)s."),
        "dialoguePartnerOf": gettext("%(one)s and %(other)s are dialogue partners of %(thing)s."),
        "partnerOf": gettext("%(one)s and %(other)s are partners of %(thing)s."),
        "participantIn": gettext("%(one)s and %(other)s take part in %(thing)s."),
        "accedingTo": gettext("%(one)s and %(other)s are acceding to %(thing)s."),
        "applicantTo": gettext("%(one)s and %(other)s have applied to %(thing)s."),
        "provider": gettext("%(one)s and %(other)s provide %(thing)s."),
        "recipient": gettext("%(one)s and %(other)s receive %(thing)s."),
        "partner": gettext("%(one)s and %(other)s are partners in %(thing)s."),
        "contractor": gettext("%(one)s and %(other)s are contractors of %(thing)s."),
        "target": gettext("%(thing)s is aimed at %(one)s and %(other)s."),
    }


def alone() -> dict[str, str]:
    """The clause for one actor and its tie to a thing."""
    return {
        "partyTo": gettext("%(one)s is a party to %(thing)s"),
        "provisionalPartyTo": gettext("%(one)s applies %(thing)s provisionally"),
        "adherentTo": gettext("%(one)s stands by %(thing)s"),
        "signatoryTo": gettext("%(one)s has signed %(thing)s"),
        "memberOf": gettext("%(one)s is a member of %(thing)s"),
        "observerOf": gettext("%(one)s is an observer of %(thing)s"),
        "associateOf": gettext("%(one)s is an associate of %(thing)s"),
        "dialoguePartnerOf": gettext("%(one)s is a dialogue partner of %(thing)s"),
        "partnerOf": gettext("%(one)s is a partner of %(thing)s"),
        "participantIn": gettext("%(one)s takes part in %(thing)s"),
        "accedingTo": gettext("%(one)s is acceding to %(thing)s"),
        "applicantTo": gettext("%(one)s has applied to %(thing)s"),
        "provider": gettext("%(one)s provides %(thing)s"),
        "recipient": gettext("%(one)s receives %(thing)s"),
        "partner": gettext("%(one)s is a partner in %(thing)s"),
        "contractor": gettext("%(one)s is a contractor of %(thing)s"),
        "target": gettext("%(thing)s is aimed at %(one)s"),
    }
