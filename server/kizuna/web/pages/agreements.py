"""Agreements and negotiations: the list with filters, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kizuna.atlas.agreement import read_agreement
from kizuna.atlas.agreements import AgreementFilter, read_agreements
from kizuna.web.current import reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.pages.paging import start_of
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("agreements", __name__)


@room.get("/agreements")
@room.get("/agreements.<form:form>", endpoint="agreements_data")
def agreements(form: str | None = None) -> Response:
    """All agreements, by kind, status, domain and party."""
    wanted = AgreementFilter(
        kind=request.args.get("kind", ""),
        status=request.args.get("status", ""),
        domain=request.args.get("domain", ""),
        party=request.args.get("party", ""),
        text=request.args.get("q", ""),
        start=start_of(request.args.get("start")),
    )
    page = read_agreements(reader(), words(), wanted, whole=form is not None)
    return show(
        "agreements.html", page, table=page.lines, graph=("list", {"class": NS + "Agreement"}), form=form
    )


@room.get("/agreements/<slug:slug>")
@room.get("/agreements/<slug:slug>.<form:form>", endpoint="agreement_data")
def agreement(slug: str, form: str | None = None) -> Response:
    """One agreement: kind, parties, life, evidence."""
    return _one("agreement", slug, form)


@room.get("/negotiations/<slug:slug>")
@room.get("/negotiations/<slug:slug>.<form:form>", endpoint="negotiation_data")
def negotiation(slug: str, form: str | None = None) -> Response:
    """One negotiation: what about, between whom, how far."""
    return _one("negotiation", slug, form)


def _one(kind: str, slug: str, form: str | None) -> Response:
    thing = thing_iri(kind, slug)
    page = read_agreement(reader(), words(), thing)
    if page is None:
        raise unknown_thing(kind, slug)
    return show("agreement.html", page, table=page.history, graph=("describe", {"thing": thing}), form=form)
