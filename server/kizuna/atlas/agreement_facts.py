"""What every table of agreements needs to know of all of them, read once for a view. Pure over a Reader.

How many parties an agreement has, and how precisely its dates are known, takes a count and a join over the whole
graph, however few agreements a page shows. Asked once for all of them, it costs a page nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kizuna.atlas.reader import Reader
from kizuna.atlas.terms import Day, day, named, number


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """Facts about all agreements of a view.

    Args:
        parties: number of parties by agreement.
        coarse: dates that are known as a month or a year only, by agreement and first day of the period.
    """

    parties: Mapping[str, int] = field(default_factory=dict)
    coarse: Mapping[tuple[str, date], str] = field(default_factory=dict)

    def as_known(self, agreement: str, found: Day | None) -> Day | None:
        """A main date of an agreement, no more precise than it is known."""
        precision = self.coarse.get((agreement, found.value)) if found else None
        return Day(found.value, precision) if found and precision else found


def read_facts(reader: Reader) -> AgreementFacts:
    """The facts of the reader's view, remembered for it."""
    return reader.kept("agreement-facts", lambda: _read(reader))


def _read(reader: Reader) -> AgreementFacts:
    parties: dict[str, int] = {}
    coarse: dict[tuple[str, date], str] = {}
    for row in reader.rows("agreement-facts"):
        agreement = named(row, "agreement").iri
        parties[agreement] = number(row, "parties")
        for variable in ("signed", "inForce"):
            found = day(row, variable)
            if found and found.precision != "day":
                coarse[agreement, found.value] = found.precision
    return AgreementFacts(parties, coarse)
