"""Where a statement comes from: sources, when they were checked, how sure we are. Pure over a Reader.

What is known of the sources themselves is read once for a view: a page asks only which of them its statements rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, day, iri, local_name, text
from kizuna.engine.types import Row


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """One source for one statement.

    Args:
        source: IRI of the source.
        title: title in the source's own language.
        title_language: language tag of the title, when it has one.
        publisher: who published it.
        address: where to read it.
        consulted: when it was read.
        checked: when the statement was last compared with it.
        confidence: high, medium, low, or None.
        locator: page, article or section within the source.
        kind: official, reference, press, or None.
    """

    source: str
    title: str
    title_language: str | None
    publisher: str | None
    address: str | None
    consulted: Day | None
    checked: Day | None
    confidence: str | None
    locator: str | None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Backing:
    """All that backs a statement. `debt` is True where it is general knowledge, not yet sourced."""

    evidence: tuple[Evidence, ...] = ()
    debt: bool = False

    def __bool__(self) -> bool:
        return bool(self.evidence) or self.debt

    def __or__(self, other: Backing) -> Backing:
        return _together((self, other))


NOTHING = Backing()
DEBT = Backing((), True)
KINDS = ("official", "reference", "press")


def _rank(evidence: Evidence) -> tuple[int, str, str, str, str, str]:
    """Official sources first, then works of reference, then the press; of one source, by place, title and publisher."""
    place = KINDS.index(evidence.kind) if evidence.kind in KINDS else len(KINDS)
    return (
        place,
        evidence.source,
        evidence.locator or "",
        evidence.title,
        evidence.title_language or "",
        evidence.publisher or "",
    )


def evidence_of(row: Row) -> Backing:
    """The backing that one row of an evidence query names."""
    source = iri(row, "source")
    if source is None:
        return Backing((), iri(row, "verification") is not None)
    title = row.get("sourceTitle")
    confidence, kind = iri(row, "confidence"), iri(row, "sourceKind")
    return Backing(
        (
            Evidence(
                source=source,
                title=text(row, "sourceTitle") or local_name(source),
                title_language=title.language if isinstance(title, Literal) else None,
                publisher=text(row, "publisher"),
                address=_web_address(iri(row, "address") or text(row, "address")),
                consulted=day(row, "consulted"),
                checked=day(row, "checked"),
                confidence=local_name(confidence) if confidence else None,
                locator=text(row, "locator"),
                kind=local_name(kind) if kind else None,
            ),
        )
    )


def _web_address(address: str | None) -> str | None:
    """Only http(s) addresses become links: a `javascript:` address in the data stays text."""
    return address if address and address.lower().startswith(("https://", "http://")) else None


def backing_by(reader: Reader, rows: Iterable[Row], variable: str) -> Mapping[str, Backing]:
    """Group evidence rows by the node in `variable`."""
    grouped: dict[str, list[Backing]] = {}
    made: dict[tuple[str, Day | None, str | None, str | None], Backing] = {}
    for row in rows:
        node, source = iri(row, variable), iri(row, "source")
        if node is None:
            continue
        if source is None:
            found = DEBT if iri(row, "verification") else NOTHING
        else:
            key = (source, day(row, "checked"), iri(row, "confidence"), text(row, "locator"))
            found = made.get(key) or made.setdefault(key, _resting_on(reader, *key))
        grouped.setdefault(node, []).append(found)
    return {node: found[0] if len(found) == 1 else _together(found) for node, found in grouped.items()}


def _resting_on(
    reader: Reader, source: str, checked: Day | None, confidence: str | None, locator: str | None
) -> Backing:
    known = _sources(reader).get(source) or (Evidence(source, local_name(source), *[None] * 7),)
    level = local_name(confidence) if confidence else None
    return Backing(
        tuple(
            Evidence(
                source,
                e.title,
                e.title_language,
                e.publisher,
                e.address,
                e.consulted,
                checked,
                level,
                locator,
                e.kind,
            )
            for e in known
        )
    )


def _sources(reader: Reader) -> Mapping[str, tuple[Evidence, ...]]:
    """What is known of each source itself, remembered for the view; one whose title stands in two languages has two."""
    rows = reader.rows("sources")

    def make() -> Mapping[str, tuple[Evidence, ...]]:
        found: dict[str, dict[Evidence, None]] = {}
        for row in rows:
            evidence = evidence_of(row).evidence[0]
            found.setdefault(evidence.source, {})[evidence] = None
        return {source: tuple(own) for source, own in found.items()}

    return reader.kept("source facts", make)


def _together(found: Sequence[Backing]) -> Backing:
    """One backing of several, the best evidence first."""
    evidence = {e for one in found for e in one.evidence}
    return Backing(tuple(sorted(evidence, key=_rank)), any(one.debt for one in found))
