"""The matrix of partners by kind of agreement or by domain."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from kizuna.atlas.matrix import MatrixCell, MatrixFilter, MatrixPage, MatrixRow, read_matrix
from kizuna.atlas.terms import Name, local_name
from kizuna.web.current import language, principal, reader, words
from kizuna.web.filters import SIGNS, status_name
from kizuna.web.formats import asked_form, show
from kizuna.web.links import page_of
from kizuna.web.marks import cell_mark, marked
from kizuna.workspace.names import NS

room = Blueprint("matrix", __name__)
ALL_SIGNS = {**SIGNS, "not-applicable": "／"}
ALWAYS_EXPLAINED = frozenset(
    ("in-force", "adopted", "signed", "negotiating", "none", "not-researched", "not-applicable")
)
"""Signs in the legend whether or not the table as filtered holds them."""


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
    page = marked(page, asked_form(form))
    used = {cell.status for row in page.rows for cell in row.cells}
    return show(
        "matrix.html",
        page,
        table=page.lines,
        graph=("list", {"class": NS + "Agreement"}),
        form=form,
        signs=ALL_SIGNS,
        legend=[status for status in ALL_SIGNS if status in used or status in ALWAYS_EXPLAINED],
        rows=_rows(page) if form is None else [],
    )


def _by_name(page: MatrixPage) -> MatrixPage:
    """Rows by their label in the language of the page."""

    def label(row: MatrixRow) -> str:
        return row.actor.label(language())

    return replace(page, rows=tuple(sorted(page.rows, key=label)))


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row as its template needs it; `cells` is the markup of all its cells."""

    actor: Name
    address: Markup
    standing: int
    cells: Markup
    delta: Markup


def _rows(page: MatrixPage) -> list[RowShown]:
    """The rows with their cells written out: a matrix has thousands of cells of few sorts, so each sort is worded once."""
    before, after = _pair_base(page)
    said = {status: escape(_word(status)) for status in (*SIGNS, "not-applicable")}
    gap, peers_have = escape(gettext("gap: most peers have one")), escape(gettext("peers have one"))
    wide_mark, wide_means = escape(gettext("m.")), escape(gettext("agreement of more than three parties"))
    wide = f' <small title="{wide_means}"><span aria-hidden="true">{wide_mark}</span><span class="hidden">{wide_means}</span></small>'
    columns = [local_name(c.iri) for c in page.columns]
    addresses: dict[str, str] = {}
    empty = {
        status: f'<span class="sign" aria-hidden="true">{sign}</span><span class="hidden">{said[status]}</span>'
        for status, sign in ALL_SIGNS.items()
    }

    def write(cell: MatrixCell, column: str, slug: str) -> str:
        mark = ""
        if cell.gap:
            mark = (
                f'<span class="gapmark" title="{gap}"><span aria-hidden="true">▵</span>{cell.have}/{cell.peers}'
                f'<span class="hidden"> {peers_have}</span></span>'
            )
        differs = cell_mark(cell)
        if not cell.things:
            return f'<td class="s-{cell.status}{" gap" if mark else ""}">{differs}{empty[cell.status]}{mark}</td>'
        if len(cell.things) == 1:
            only = cell.things[0]
            address = addresses.get(only) or addresses.setdefault(only, str(escape(page_of(only))))
        else:
            address = f"{before}{slug}{after}#k-{column}"
        since = cell.since.text if cell.since else ""
        more = f"<small> ×{len(cell.things)}</small>" if len(cell.things) > 1 else ""
        return (
            f'<td class="s-{cell.status}{" gap" if mark else ""}">{differs}'
            f'<a href="{address}" title="{said[cell.status]} {since}">'
            f'<span class="sign" aria-hidden="true">{ALL_SIGNS[cell.status]}</span>'
            f'<span class="hidden">{said[cell.status]} </span>{since[:4]}{wide if cell.wide else ""}{more}</a>{mark}</td>'
        )

    shown = []
    for row in page.rows:
        slug = str(escape(local_name(row.actor.iri)))
        cells = "".join(write(cell, column, slug) for column, cell in zip(columns, row.cells, strict=True))
        # Every value in them is escaped above.
        address = Markup(f"{before}{slug}{after}")  # noqa: S704
        shown.append(RowShown(row.actor, address, row.standing, Markup(cells), cell_mark(row)))  # noqa: S704
    return shown


def _word(status: str) -> str:
    own = {
        "none": gettext("none (confirmed)"),
        "not-researched": gettext("not researched"),
        "not-applicable": gettext("not applicable"),
    }
    return str(own.get(status) or status_name(status).label(language()))


def _pair_base(page: MatrixPage) -> tuple[str, str]:
    """What stands before and after the partner's slug in the address of its pair page."""
    if page.principal is None:
        return ("", "")
    whole = url_for("pair.pair", one=local_name(page.principal.iri), other="PARTNER")
    before, _, after = whole.partition("PARTNER")
    return (str(escape(before)), str(escape(after)))
