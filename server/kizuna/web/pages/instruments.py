"""Policy instruments (laws, strategies, principles …): the list, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response

from kizuna.atlas.instrument import read_instrument, read_instruments
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("instruments", __name__)


@room.get("/instruments")
@room.get("/instruments.<form:form>", endpoint="instruments_data")
def instruments(form: str | None = None) -> Response:
    """All instruments, the latest first."""
    page = read_instruments(reader(), words())
    return show(
        "instruments.html", page, table=page, graph=("list", {"class": NS + "PolicyInstrument"}), form=form
    )


@room.get("/instruments/<slug:slug>")
@room.get("/instruments/<slug:slug>.<form:form>", endpoint="instrument_data")
def instrument(slug: str, form: str | None = None) -> Response:
    """One instrument: who issued it, what it amends, its life."""
    thing = thing_iri("instrument", slug)
    page = read_instrument(reader(), words(), thing)
    if page is None:
        raise unknown_thing("instrument", slug)
    return show("instrument.html", page, table=page.history, graph=("describe", {"thing": thing}), form=form)
