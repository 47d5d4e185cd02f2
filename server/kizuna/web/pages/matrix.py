"""The matrix of partners by kind of agreement or by domain."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from kizuna.atlas.matrix import MatrixFilter, MatrixPage, MatrixRow, read_matrix
from kizuna.atlas.terms import local_name
from kizuna.web.current import language, principal, reader, words
from kizuna.web.filters import SIGNS
from kizuna.web.formats import show
from kizuna.workspace.names import NS

room = Blueprint("matrix", __name__)


@room.get("/matrix")
@room.get("/matrix.<form:form>", endpoint="matrix_data")
def matrix(form: str | None = None) -> Response:
    """Every partner with its strongest instrument of each kind, or in each domain."""
    given = request.args
    wanted = MatrixFilter(
        by="domain" if given.get("by") == "domain" else "kind",
        group=given.get("group", ""),
        framework=given.get("framework", ""),
        region=given.get("region", ""),
        sort=given.get("sort", "ties"),
        gaps=given.get("gaps") == "1",
        everyone=given.get("everyone") == "1",
    )
    page = read_matrix(reader(), words(), principal(), wanted)
    if wanted.sort == "name":
        page = _by_name(page)
    return show(
        "matrix.html",
        page,
        table=page.lines,
        graph=("list", {"class": NS + "Agreement"}),
        form=form,
        signs={**SIGNS, "not-applicable": "／"},
        pair_base=_pair_base(page) if form is None else "",
    )


def _by_name(page: MatrixPage) -> MatrixPage:
    """Rows by their label in the language of the page."""

    def label(row: MatrixRow) -> str:
        return row.actor.label(language())

    rows = tuple(sorted(page.rows, key=label))
    return MatrixPage(
        page.wanted,
        page.principal,
        page.columns,
        rows,
        page.groups,
        page.frameworks,
        page.regions,
        page.hidden,
    )


def _pair_base(page: MatrixPage) -> tuple[str, str]:
    """What stands before and after the partner's slug in the address of its pair page."""
    if page.principal is None:
        return ("", "")
    whole = url_for("pair.pair", one=local_name(page.principal.iri), other="PARTNER")
    before, _, after = whole.partition("PARTNER")
    return (before, after)
