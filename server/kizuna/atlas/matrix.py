"""The matrix: partners down, kinds of agreement or domains across; a cell is the strongest instrument. Plain data.

Set-based: a handful of answers about the principal as a whole (remembered for the view) make every cell. An empty cell
says which kind of empty it is: known to be none, not researched, or not applicable (an economy, and a kind that only
states have ever concluded with the principal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date

from kizuna.atlas.lines import strength
from kizuna.atlas.map import Country, read_atlas
from kizuna.atlas.map_colour import NONE, UNKNOWN
from kizuna.atlas.map_life import STANDING, Life
from kizuna.atlas.matrix_ground import NOT_APPLICABLE, Ground, Tie, read_ground
from kizuna.atlas.matrix_peers import members_by_framework
from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, local_name, name
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.workspace.names import NS

COMMON = 6
"""Columns of each group shown when no group is chosen: its commonest kinds."""


@dataclass(frozen=True, slots=True)
class MatrixFilter:
    """What is asked for.

    Args:
        by: `kind` or `domain`.
        group: local name of a group of kinds, slug of a domain whose parts are shown, or `all`; empty: the commonest
            of each group.
        framework, region: slugs that restrict the rows.
        sort: `ties`, `name`, `gaps`, `region`, or the local name of a column.
        gaps: only rows with a gap.
        everyone: rows without any tie as well.
    """

    by: str = "kind"
    group: str = ""
    framework: str = ""
    region: str = ""
    sort: str = "ties"
    gaps: bool = False
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The strongest instrument of one partner in one column.

    Args:
        status: a status slug, or which kind of empty it is.
        since: since when it has this status.
        years: whole years since then.
        things: the agreements or talks behind it, the strongest first.
        wide: the strongest is an agreement of more than three parties; those of few come first where both stand.
        have, peers: set where most of the like-for-like peers have one standing and this partner has not.
    """

    status: str
    since: Day | None = None
    years: int | None = None
    things: tuple[str, ...] = ()
    wide: bool = False
    have: int = 0
    peers: int = 0

    @property
    def gap(self) -> bool:
        """Most peers have one standing, this partner has not."""
        return self.have > 0


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A partner. `standing` counts its columns with something standing."""

    actor: Name
    region: Name | None
    economy: bool
    standing: int
    gaps: int
    cells: tuple[MatrixCell, ...]
    peers: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A filled or empty cell as one line of a table."""

    partner: Name
    column: Name
    status: str
    since: Day | None
    years: int | None
    agreements: tuple[str, ...]
    peers_with_one: int
    peers: int


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Neighbouring columns under one heading. `columns` counts them."""

    group: Name
    columns: int


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Everything the matrix shows. `groups`, `frameworks`, `regions` are the choices; `hidden` rows have no tie;
    `over` heads the columns group by group, empty where they are not grouped."""

    wanted: MatrixFilter
    principal: Name | None
    columns: tuple[Name, ...]
    rows: tuple[MatrixRow, ...]
    groups: tuple[Name, ...]
    frameworks: tuple[Name, ...]
    regions: tuple[Name, ...]
    hidden: int
    over: tuple[ColumnGroup, ...] = ()

    @property
    def lines(self) -> tuple[MatrixLine, ...]:
        """Every cell as a line."""
        return tuple(
            MatrixLine(r.actor, c, x.status, x.since, x.years, x.things, x.have, x.peers)
            for r in self.rows
            for c, x in zip(self.columns, r.cells, strict=True)
        )


def read_matrix(reader: Reader, words: Vocabulary, principal: str | None, wanted: MatrixFilter) -> MatrixPage:
    """Read the matrix; a workspace without a principal has an empty one."""
    atlas = read_atlas(reader, words, principal)
    frameworks = sorted(
        {f.iri: f for row in reader.rows("frameworks") if (f := name(row, "framework"))}.values(),
        key=lambda f: f.iri,
    )
    regions = sorted({c.region for c in atlas.countries if c.region}, key=lambda r: r.iri)
    if principal is None:
        return MatrixPage(wanted, None, (), (), (), tuple(frameworks), tuple(regions), 0)
    ground = read_ground(reader, words, principal)
    columns, groups, over = _columns(words, ground, wanted)
    table = reader.kept(
        ("matrix", principal, wanted.by, columns),
        lambda: _table(reader, ground, atlas.countries, columns, wanted.by),
    )
    members: Set[str] = next(
        (own for f, own in members_by_framework(reader).items() if local_name(f) == wanted.framework),
        frozenset(),
    )
    chosen = [
        row
        for row in table
        if row.actor.iri != principal
        and (not wanted.framework or row.actor.iri in members)
        and (not wanted.region or (row.region and local_name(row.region.iri) == wanted.region))
        and (not wanted.gaps or row.gaps)
    ]
    shown = [r for r in chosen if wanted.everyone or wanted.framework or any(c.things for c in r.cells)]
    shown.sort(key=lambda r: _order(r, columns, wanted.sort))
    own = next((c.actor for c in atlas.countries if c.actor.iri == principal), Name(principal))
    return MatrixPage(
        wanted,
        own,
        columns,
        tuple(shown),
        groups,
        tuple(frameworks),
        tuple(regions),
        len(chosen) - len(shown),
        over,
    )


Columns = tuple[tuple[Name, ...], tuple[Name, ...], tuple[ColumnGroup, ...]]
"""The columns, the groups they can be chosen from, the groups that head them."""


def _columns(words: Vocabulary, ground: Ground, wanted: MatrixFilter) -> Columns:
    used: dict[str, int] = {}
    lives = ground.lives.by_thing.values()
    if wanted.by == "domain":
        for life in lives:
            for domain in {d for own in life.domains for d in (own, *ground.above.get(own, ()))}:
                used[domain] = used.get(domain, 0) + 1
        top = [d for d in ground.above if not ground.above[d]]
        parts = {
            d: [
                c
                for c in ground.above
                if d in ground.above[c] and len(ground.above[c]) == len(ground.above[d]) + 1
            ]
            for d in top
        }
        slugs = {local_name(d): d for d in top}
        chosen = parts[slugs[wanted.group]] if wanted.group in slugs else top
        columns = [words.concept(d) or Name(d) for d in chosen if used.get(d)]
        return tuple(sorted(columns, key=lambda c: (-used[c.iri], c.iri))), words.concepts_in(top), ()
    return _kinds(words, ground, wanted.group)


def _kinds(words: Vocabulary, ground: Ground, group: str) -> Columns:
    """The kinds of agreement as columns: those that bind most partners first, or that most partners have."""
    standing: dict[str, set[str]] = {}
    binding: dict[str, set[str]] = {}
    for partner, ties in ground.ties.items():
        for tie in ties:
            standing.setdefault(tie.life.kind, set()).add(partner)
            if tie.status == "in-force":
                binding.setdefault(tie.life.kind, set()).add(partner)
    kinds = sorted(
        (k for k in standing if words.is_a(k, NS + "Agreement")),
        key=lambda k: (-len(binding.get(k, ())), -len(standing[k]), k),
    )
    groups = [
        g
        for g in words.below(NS + "Agreement")
        if sum(1 for k in kinds if k != g.iri and words.is_a(k, g.iri)) > 1
    ]
    groups.sort(key=lambda g: (words.order.get(g.iri, len(words.order) + 1), g.iri))
    over: list[ColumnGroup] = []
    if group == "all" or not groups:
        chosen = kinds
    elif group:
        chosen = [k for k in kinds if words.is_a(k, NS + group)]
    else:
        chosen = []
        for g in groups:
            own = [k for k in kinds if words.is_a(k, g.iri) and k not in chosen][:COMMON]
            chosen.extend(own)
            over.append(ColumnGroup(g, len(own)))
    return tuple(words.class_name(k) or Name(k) for k in chosen), tuple(groups), tuple(over)


def _table(
    reader: Reader, ground: Ground, countries: Iterable[Country], columns: tuple[Name, ...], by: str
) -> tuple[MatrixRow, ...]:
    countries = tuple(countries)
    kinds_in = _kinds_in(ground, columns) if by == "domain" else {}
    names = {c.actor.iri: c.actor for c in countries}
    on = reader.view.as_of
    plain = {}
    for country in countries:
        filled: dict[str, list[Tie]] = {}
        for tie in ground.ties.get(country.actor.iri, ()):
            for place in _places(tie.life, ground, by):
                filled.setdefault(place, []).append(tie)
        cells = []
        for column in columns:
            ties = filled.get(column.iri)
            if ties:
                first = ties[0]
                things = tuple(t.thing for t in ties)
                years = _years(first.since.value, on)
                cells.append(MatrixCell(first.status, first.since, years, things, not first.life.close))
            else:
                cells.append(MatrixCell(_empty(ground, country, column.iri, kinds_in)))
        plain[country.actor.iri] = tuple(cells)
    rows = []
    for country in countries:
        peers = ground.peers.get(country.actor.iri, ())
        cells = [
            _with_gap(cell, [plain[p][i] for p in peers]) for i, cell in enumerate(plain[country.actor.iri])
        ]
        rows.append(
            MatrixRow(
                country.actor,
                country.region,
                country.economy,
                sum(1 for c in cells if c.status in STANDING),
                sum(1 for c in cells if c.gap),
                tuple(cells),
                tuple(names[p] for p in peers),
            )
        )
    return tuple(rows)


def _years(since: date, on: date) -> int:
    """Whole years between two days."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def _places(life: Life, ground: Ground, by: str) -> Iterable[str]:
    """The columns an agreement belongs to. In domains only agreements of few parties count."""
    if by == "kind":
        return (life.kind,)
    if not life.close:
        return ()
    return {d for own in life.domains for d in (own, *ground.above.get(own, ()))}


def _kinds_in(ground: Ground, columns: tuple[Name, ...]) -> Mapping[str, frozenset[str]]:
    """The kinds of agreement that lie in each domain."""
    found: dict[str, set[str]] = {c.iri: set() for c in columns}
    for life in ground.lives.by_thing.values():
        for domain in _places(life, ground, "domain"):
            if domain in found:
                found[domain].add(life.kind)
    return {domain: frozenset(kinds) for domain, kinds in found.items()}


def _empty(ground: Ground, country: Country, column: str, kinds_in: Mapping[str, frozenset[str]]) -> str:
    """A domain is empty for certain only where every kind of agreement in it is."""
    kinds = kinds_in.get(column)
    if kinds is None:
        return ground.emptiness(country, column)
    answers = {ground.emptiness(country, kind) for kind in kinds}
    if answers == {NOT_APPLICABLE}:
        return NOT_APPLICABLE
    return NONE if answers and answers <= {NONE, NOT_APPLICABLE} else UNKNOWN


def _with_gap(cell: MatrixCell, beside: list[MatrixCell]) -> MatrixCell:
    have = sum(1 for c in beside if c.status in STANDING)
    if cell.status in STANDING or cell.status == NOT_APPLICABLE or have * 2 <= len(beside):
        return cell
    return replace(cell, have=have, peers=len(beside))


def _order(row: MatrixRow, columns: tuple[Name, ...], sort: str) -> tuple[object, ...]:
    slug = local_name(row.actor.iri)
    if sort == "name":
        return (slug,)
    if sort == "gaps":
        return (-row.gaps, -row.standing, slug)
    if sort == "region":
        return (row.region.iri if row.region else "~", -row.standing, slug)
    for index, heading in enumerate(columns):
        if local_name(heading.iri) == sort:
            cell = row.cells[index]
            return (strength(cell.status), cell.since.value if cell.since else date.max, slug)
    return (-row.standing, slug)
