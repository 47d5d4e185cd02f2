"""From proposal to commit, with real processes: nothing is published unchecked, alone, or twice, and nothing is lost."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, Quad

from kizuna.changes.patch import Patch, parse_patch, patch_of
from kizuna.changes.problems import (
    BlockedError,
    ChangeError,
    ConflictError,
    ForbiddenError,
    ReasonNeededError,
)
from kizuna.engine.types import View
from kizuna.ledger.load import load_with_ledger
from kizuna.ledger.records import Proposal
from tests.changes.conftest import Bench
from tests.changes.worlds import FACTS, PREF, facts


def label(language: str = "en", number: int = 0) -> Quad:
    found = [
        q
        for q in facts()
        if q.predicate == PREF and "/agreement/" in str(q.subject) and q.object.language == language  # type: ignore[union-attr]
    ]
    return found[number]


def renamed(text: str, language: str = "en") -> Patch:
    old = label(language)
    return patch_of([old], [Quad(old.subject, PREF, Literal(text, language=language), FACTS)])


def proposed(bench: Bench, patch: Patch, author: str = "sato") -> Proposal:
    proposal, _ = bench.changes.propose(bench.people[author], patch, title="t", way="document")
    return proposal


def approved(bench: Bench, patch: Patch) -> Proposal:
    proposal = proposed(bench, patch)
    bench.changes.review(bench.people["mori"], proposal.id, proposal.version, "approve", "")
    return proposal


def called(bench: Bench) -> set[str]:
    rows = bench.engine.select(
        bench.engine.today(),
        "SELECT ?l WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l FILTER(LANG(?l) = 'en') }",
    )
    return {row["l"].value for row in rows}  # type: ignore[union-attr]


def test_a_change_goes_from_proposal_to_every_reader_and_survives_a_restart(bench: Bench) -> None:
    proposal = approved(bench, renamed("Renamed agreement"))
    assert proposal.state == "open"
    assert "Renamed agreement" not in called(bench)
    commit = bench.changes.publish(bench.people["abe"], proposal.id)
    assert (commit.revision, commit.author, commit.proposal) == (1, "abe", proposal.id)
    assert "Renamed agreement" in called(bench)
    assert bench.ledger.history(label().subject.value)[0].revision == 1  # type: ignore[union-attr]
    bench.restart()
    assert bench.engine.state().revision == 1
    assert "Renamed agreement" in called(bench)
    past = bench.engine.select(
        View(bench.engine.today().as_of, revision=0),
        "SELECT ?l WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l }",
    )
    assert label().object in {row["l"] for row in past}


def test_errors_keep_a_proposal_a_draft_and_block_publication(bench: Bench) -> None:
    proposal, report = bench.changes.propose(
        bench.people["sato"], patch_of([label()], []), title="t", way="document"
    )
    assert report.blocks
    assert proposal.state == "draft"
    with pytest.raises(BlockedError) as caught:
        bench.changes.submit(bench.people["sato"], proposal.id)
    assert caught.value.report.violations
    with pytest.raises(BlockedError):
        bench.changes.propose(
            bench.people["sato"], patch_of([label()], []), title="t", way="document", strict=True
        )
    assert len(bench.ledger.proposals.list()) == 1
    assert bench.ledger.revision() == 0


def test_warnings_need_a_reason_that_is_recorded(bench: Bench) -> None:
    proposal = approved(bench, renamed(" spaced"))
    with pytest.raises(ReasonNeededError):
        bench.changes.publish(bench.people["abe"], proposal.id, reason="  ")
    commit = bench.changes.publish(bench.people["abe"], proposal.id, reason="the seal has it so")
    assert commit.reason == "the seal has it so"


def test_nobody_publishes_alone(bench: Bench) -> None:
    own = proposed(bench, renamed("x"), author="abe")
    with pytest.raises(ForbiddenError, match="you wrote this proposal"):
        bench.changes.publish(bench.people["abe"], own.id)
    with pytest.raises(ForbiddenError, match="you wrote this proposal"):
        bench.changes.review(bench.people["abe"], own.id, 1, "approve", "")
    other = proposed(bench, renamed("y"))
    with pytest.raises(ForbiddenError, match="nobody has approved"):
        bench.changes.publish(bench.people["abe"], other.id)
    bench.changes.review(bench.people["mori"], other.id, 1, "change", "no")
    bench.changes.review(bench.people["admin"], other.id, 1, "approve", "")
    with pytest.raises(ForbiddenError, match="mori asks for changes"):
        bench.changes.publish(bench.people["abe"], other.id)
    bench.changes.second_person = False
    assert bench.changes.publish(bench.people["abe"], own.id).revision == 1


@pytest.mark.parametrize(("name", "allowed"), [("ren", False), ("ana", False), ("sato", True)])
def test_roles_bound_who_proposes_and_say_why_not(shared: Bench, name: str, allowed: bool) -> None:
    decision = shared.changes.may(shared.people[name], "propose")
    assert decision.allowed is allowed
    assert allowed or ("管理担当者" in decision.ja and "steward" in decision.en)


def test_a_change_that_changes_nothing_is_no_proposal(shared: Bench) -> None:
    with pytest.raises(ChangeError) as caught:
        proposed(shared, patch_of([], [label()]))
    assert caught.value.code == "nothing-changes"


def test_two_edits_of_one_label_meet_before_either_is_lost(bench: Bench) -> None:
    first, second = approved(bench, renamed("First")), approved(bench, renamed("Second"))
    bench.changes.publish(bench.people["abe"], first.id)
    with pytest.raises(ConflictError):
        bench.changes.publish(bench.people["abe"], second.id)
    (clash,) = bench.changes.clashes(bench.ledger.proposals.get(second.id))
    assert [len(values) for values in (clash.base, clash.theirs, clash.mine)] == [2, 2, 2]
    assert clash.hard
    assert any("First" in value for value in clash.theirs)
    report = bench.changes.resolve(bench.people["sato"], second.id, 1, {clash.key: "mine"})
    assert [f.constraint.id for f in report.violations] == []
    again = bench.ledger.proposals.get(second.id)
    bench.changes.review(bench.people["mori"], again.id, again.version, "approve", "")
    bench.changes.publish(bench.people["abe"], again.id)
    assert "Second" in called(bench)
    assert "First" not in called(bench)


def test_edits_of_different_things_do_not_meet(bench: Bench) -> None:
    first, second = approved(bench, renamed("First")), approved(bench, renamed("別名", "ja"))
    bench.changes.publish(bench.people["abe"], first.id)
    assert bench.changes.publish(bench.people["abe"], second.id).revision == 2
    assert bench.ledger.verify() == 2


def test_a_revert_is_a_proposal_and_gives_back_the_record(bench: Bench) -> None:
    before = set(load_with_ledger(bench.workspace).store)
    bench.changes.publish(bench.people["abe"], approved(bench, renamed("Renamed")).id)
    proposal, report = bench.changes.revert(bench.people["sato"], 1)
    assert proposal.way == "revert"
    assert not report.blocks
    assert bench.ledger.revision() == 1
    bench.changes.review(bench.people["mori"], proposal.id, 1, "approve", "")
    bench.changes.publish(bench.people["abe"], proposal.id)
    after = set(load_with_ledger(bench.workspace).store)
    named = {q for q in before if "_:" not in str(q)}
    assert {q for q in after if "_:" not in str(q)} == named


def test_a_process_that_died_between_ledger_and_engine_is_caught_up(bench: Bench) -> None:
    bench.changes.publish(bench.people["abe"], approved(bench, renamed("One")).id)
    patch = patch_of([Quad(label().subject, PREF, Literal("One", language="en"), FACTS)], [label()])
    bench.ledger.commit(parent=1, patch=patch.text(), author="abe", message="m", report="{}")
    assert bench.engine.state().revision == 1
    assert bench.changes.catch_up() == 2
    report, _ = bench.changes.check(renamed("Two").text())
    assert (report.base, report.missing) == (2, ())


def test_a_proposal_opens_as_a_scenario_of_the_whole_atlas(bench: Bench) -> None:
    proposal = proposed(bench, renamed("As if published"))
    view = View(bench.engine.today().as_of, scenario=(proposal.scenario,))
    rows = bench.engine.select(view, 'SELECT ?s WHERE { ?s ?p "As if published"@en }')
    assert rows
    assert "As if published" not in called(bench)


def test_the_ledger_holds_exact_patches_only(bench: Bench) -> None:
    """What was there already is left out, so that the inverse is exact."""
    old = label()
    new = Quad(old.subject, PREF, Literal("New", language="en"), FACTS)
    proposal = approved(bench, patch_of([old], [new, label("ja")]))
    commit = bench.changes.publish(bench.people["abe"], proposal.id)
    assert parse_patch(commit.patch) == patch_of([old], [new])
