"""What changed between two days: events in the life of things, places taken and left. Plain data over a Reader.

This is valid time, what happened in the world as the view knows it; who changed the record and when is the ledger's.
A change about an actor, a framework or a domain is one of a thing tied to it, or one in which it is the party.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pyoxigraph import Literal, NamedNode

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, Name, day, iri, local_name, name, text
from kizuna.atlas.vocabulary import Vocabulary
from kizuna.engine.types import Row
from kizuna.workspace.names import XSD

PAGE = 200
FEED = 60
"""Changes in a feed."""
SPANS = (365, 1826)
"""How many days a page looks back when it is not told: the first of these with ENOUGH changes in it, else all time."""
ENOUGH = 10
FIRST = date(1800, 1, 1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Args:
        node: the event or the participation.
        side: `event`, or `from`/`to` for a place taken or left.
        kind: what happened (an event kind), or the role.
        date: as precisely as known.
        thing: to which thing.
        party: to or by whom, where it is about one.
    """

    node: str
    side: str
    kind: Name
    date: Day
    thing: Name
    party: Name | None

    @property
    def id(self) -> str:
        """A name for the change that never changes: the node's IRI, with the end it is about for a place."""
        return self.node if self.side == "event" else f"{self.node}#{self.side}"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """The changes of a span, the newest first.

    Args:
        since, until: the span, both days included.
        about: the thing that they are about, or None for all.
        total: all changes of the span; `lines` are those shown, from `start` on.
        kinds: what happened how often, the commonest first.
    """

    since: date
    until: date
    about: Name | None
    total: int
    start: int
    lines: tuple[Change, ...]
    kinds: tuple[tuple[Name, int], ...]

    @property
    def following(self) -> int | None:
        """Where the next page starts, or None on the last."""
        after = self.start + PAGE
        return after if after < self.total else None

    @property
    def preceding(self) -> int | None:
        """Where the page before starts, or None on the first."""
        return max(0, self.start - PAGE) if self.start else None


def read_changes(
    reader: Reader,
    words: Vocabulary,
    since: date,
    until: date,
    about: Name | None = None,
    kind: str = "",
    start: int = 0,
    whole: bool = False,
) -> ChangesPage:
    """Read what changed from one day to another.

    Args:
        about: an actor, a framework or a domain; None for everything.
        kind: slug of an event kind or a role; empty for all.
        whole: all lines, not one page.
    """
    lines = _lines(reader, words, since, until)
    if about is not None:
        tied = {t for row in reader.rows("changes-about", about=about.iri) if (t := iri(row, "thing"))}
        tied.add(about.iri)
        lines = [c for c in lines if c.thing.iri in tied or (c.party and c.party.iri == about.iri)]
    kinds: dict[Name, int] = {}
    for line in lines:
        kinds[line.kind] = kinds.get(line.kind, 0) + 1
    if kind:
        lines = [c for c in lines if local_name(c.kind.iri) == kind]
    start = min(max(start, 0), max(len(lines) - 1, 0))
    shown = lines if whole else lines[start : start + PAGE]
    return ChangesPage(
        since=since,
        until=until,
        about=about,
        total=len(lines),
        start=start,
        lines=tuple(shown),
        kinds=tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0].iri))),
    )


def usual_since(
    reader: Reader, words: Vocabulary, until: date, about: Name | None = None, kind: str = ""
) -> date:
    """From which day on a page shows changes when it is not told: a year back, or further where a year holds little."""
    for days in SPANS:
        since = until - timedelta(days=days)
        if read_changes(reader, words, since, until, about, kind, whole=True).total >= ENOUGH:
            return since
    return FIRST


def newest_changes(
    reader: Reader, words: Vocabulary, until: date, about: Name | None, most: int
) -> Sequence[Change]:
    """The newest changes up to a day, for a feed; spans are widened until there are enough, or back to the start."""
    for years in (1, 5, 25):
        since = date(max(1, until.year - years), 1, 1)
        page = read_changes(reader, words, since, until, about, whole=True)
        if page.total >= most:
            break
    else:
        page = read_changes(reader, words, FIRST, until, about, whole=True)
    return page.lines[:most]


def _lines(reader: Reader, words: Vocabulary, since: date, until: date) -> list[Change]:
    rows = reader.rows("changes-between", **{"from": _date(since), "to": _date(until)})
    return reader.kept(("changes", since, until), lambda: _read_lines(rows, words))


def _read_lines(rows: Sequence[Row], words: Vocabulary) -> list[Change]:
    lines: dict[str, Change] = {}
    for row in rows:
        thing, when = name(row, "thing"), day(row, "date")
        kind = words.concept(iri(row, "eventKind") or iri(row, "role"))
        node, side = iri(row, "node"), text(row, "side")
        if thing and when and kind and node and side:
            change = Change(node, side, kind, when, thing, name(row, "party"))
            lines.setdefault(change.id, change)
    return list(lines.values())


def _date(value: date) -> Literal:
    return Literal(value.isoformat(), datatype=NamedNode(XSD + "date"))
