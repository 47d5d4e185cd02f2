"""Cooperation domains: the tree, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response

from kizuna.atlas.domain import Branch, read_domain, read_tree
from kizuna.web.current import principal, reader, words
from kizuna.web.formats import show
from kizuna.web.links import thing_iri
from kizuna.web.unknown import unknown_thing
from kizuna.workspace.names import NS

room = Blueprint("domains", __name__)


@room.get("/domains")
@room.get("/domains.<form:form>", endpoint="domains_data")
def domains(form: str | None = None) -> Response:
    """The domain tree with the numbers of what lies in each."""
    tree = read_tree(reader())
    return show("domains.html", tree, table=_flat(tree), graph=("list", {"class": NS + "Domain"}), form=form)


def _flat(tree: tuple[Branch, ...]) -> list[Branch]:
    return [b for branch in tree for b in (branch, *_flat(branch.narrower))]


@room.get("/domains/<slug:slug>")
@room.get("/domains/<slug:slug>.<form:form>", endpoint="domain_data")
def domain(slug: str, form: str | None = None) -> Response:
    """One domain: who cooperates in it, by which agreements, frameworks and activities."""
    thing = thing_iri("domain", slug)
    page = read_domain(reader(), words(), thing, principal())
    if page is None:
        raise unknown_thing("domain", slug)
    return show("domain.html", page, table=page.agreements, graph=("describe", {"thing": thing}), form=form)
