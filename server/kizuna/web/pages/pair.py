"""The page of two actors."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from kizuna.atlas.map import read_atlas
from kizuna.atlas.pair import find_actor, read_pair
from kizuna.atlas.strip import lay_out
from kizuna.atlas.terms import Name, local_name
from kizuna.web.current import as_of, language, principal, reader, words
from kizuna.web.errors import ProblemError
from kizuna.web.formats import asked_form, show
from kizuna.web.marks import marked, sign_of
from kizuna.web.options import Options, write_options
from kizuna.web.unknown import unknown_thing

room = Blueprint("pair", __name__)


@room.get("/pairs")
def choose() -> BaseResponse:
    """The page of the two actors chosen in a form."""
    one, other = request.args.get("one", ""), request.args.get("other", "")
    return redirect(url_for("pair.pair", one=_actor(one)[1], other=_actor(other)[1]), 303)


@room.get("/pairs/<slug:one>/<slug:other>")
@room.get("/pairs/<slug:one>/<slug:other>.<form:form>", endpoint="pair_data")
def pair(one: str, other: str, form: str | None = None) -> Response:
    """What binds two actors, since when, beside a comparable pair, and what is missing."""
    first, second = _actor(one)[0], _actor(other)[0]
    if first == second:
        raise ProblemError("bad-filter", gettext("A pair needs two different actors."))
    whose, beside = _comparable(first, second)
    page = read_pair(reader(), words(), first, second, beside, whose)
    table = page.lines
    kinds = {x.agreement.iri: x.kind for x in page.lines if x.kind}
    page = marked(page, asked_form(form))
    offers = reader().kept(("pair offers", language(), principal()), _offers)
    return show(
        "pair.html",
        page,
        table=table,
        graph=("pair-graph", {"actor": second.iri, "principal": first.iri}),
        form=form,
        strip=lay_out(page.history, as_of(), language(), kinds, sign_of),
        offers=offers,
        principal=principal(),
        slugs=(one, other),
    )


def _offers() -> Options:
    """The countries to compare with, written once a view for each language."""
    countries = read_atlas(reader(), words(), principal()).countries
    return write_options((c.actor for c in countries), local_name, language())


def _comparable(first: Name, second: Name) -> tuple[Name | None, Name | None]:
    """The pair to compare with, (`of`, `with`): what is left out is taken over, and no pair stands beside itself.

    Raises:
        ProblemError: `bad-filter`: both are the same actor. `unknown-thing`: there is no such actor.
    """
    of, given = request.args.get("of", ""), request.args.get("with", "")
    whose = _actor(of)[0] if of else first
    beside = _actor(given)[0] if given else (second if whose != first else None)
    if whose == beside:
        raise ProblemError("bad-filter", gettext("A pair needs two different actors."))
    if {whose, beside} == {first, second}:
        return None, None
    return (None if whose == first else whose), beside


def _actor(given: str) -> tuple[Name, str]:
    """The actor with this slug.

    Raises:
        ProblemError: `unknown-thing`.
    """
    found = find_actor(reader(), given)
    if found is None:
        kind, _, slug = given.rpartition(":")
        raise unknown_thing(kind or "state", slug)
    return found, given
