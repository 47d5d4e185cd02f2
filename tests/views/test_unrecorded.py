"""Signed is not "not in force": where nobody has looked up the entry into force, the view says just that."""

from __future__ import annotations

from tests.views.facts import agreement, event, holds, values, view

ACTORS = "state:AAA a k:State .\nstate:BBB a k:State .\n"
SIGNED = ACTORS + agreement("x", "treaty", "state/AAA state/BBB", "signed 1974-01-01")
GAP = """
research-gap:x-entry-into-force a k:ResearchGap ; k:gapOf agreement:x ; k:missingEventKind ek:in-force ;
  k:agreementKind k:TaxTreaty ; k:absentActor state:AAA , state:BBB .
"""


def status(turtle: str) -> set[str]:
    return {value.split("/")[-1] for value in values(view(turtle), "agreement/x", "k:status")}


def test_without_a_gap_signed_means_not_in_force() -> None:
    assert status(SIGNED) == {"signed"}
    assert holds(view(SIGNED), "state/AAA", "k:signatoryTo", "agreement/x")


def test_with_a_gap_it_is_neither_called_in_force_nor_not_in_force() -> None:
    assert status(SIGNED + GAP) == {"unrecorded"}
    assert not holds(view(SIGNED + GAP), "state/AAA", "k:signatoryTo", "agreement/x")


def test_a_recorded_entry_into_force_wins_over_the_gap() -> None:
    assert status(SIGNED + GAP + event("agreement/x", "in-force", "1975-02-03")) == {"in-force"}


TALKS = ACTORS + (
    "negotiation:n a k:Negotiation ; k:agreementKind k:TaxTreaty ; k:party state:AAA , state:BBB ;"
    " k:concerns agreement:x .\n"
)


def talks(turtle: str) -> set[str]:
    return {value.split("/")[-1] for value in values(view(turtle), "negotiation/n", "k:status")}


def test_talks_are_concluded_when_their_agreement_is_signed() -> None:
    opened = TALKS + event("negotiation/n", "talks-opened", "2020-01-01")
    assert talks(opened) == {"negotiating"}
    signed = opened + agreement("x", "treaty", "state/AAA state/BBB", "signed 2021-03-04")
    assert talks(signed) == {"concluded"}
    assert not holds(view(signed), "state/AAA", "k:negotiatesIn", "negotiation/n")


def test_talks_that_went_on_after_the_signing_are_not_concluded_by_it() -> None:
    earlier = TALKS + agreement("x", "treaty", "state/AAA state/BBB", "signed 2010-03-04")
    assert talks(earlier + event("negotiation/n", "talks-opened", "2020-01-01")) == {"negotiating"}
