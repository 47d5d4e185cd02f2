"""Commits form one chain: each on the newest, none changed, none lost, and damage is seen."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kizuna.ledger.backup import backup, restore
from kizuna.ledger.database import Database, LedgerError, LedgerVersionError
from kizuna.ledger.ledger import BrokenChainError, Ledger, StaleRevisionError
from kizuna.ledger.load import load_with_ledger, scenario, way_back
from kizuna.ledger.proposals import ProposalStateError, ProposalVersionError


def line(number: int) -> str:
    return f"A <urn:s{number}> <urn:p> <urn:o> <urn:g> .\n"


def add(ledger: Ledger, number: int) -> int:
    return ledger.commit(
        parent=ledger.revision(), patch=line(number), author="aoi", message=f"m{number}", report="{}"
    ).revision


def test_commits_number_themselves_and_know_their_parent(ledger: Ledger) -> None:
    assert [add(ledger, n) for n in (1, 2, 3)] == [1, 2, 3]
    assert [commit.parent for commit in ledger.commits()] == [None, 1, 2]
    assert ledger.get(2).message == "m2"
    assert ledger.verify() == 3
    with pytest.raises(LookupError):
        ledger.get(4)


def test_a_commit_on_an_old_revision_is_refused_and_leaves_nothing(ledger: Ledger) -> None:
    add(ledger, 1)
    with pytest.raises(StaleRevisionError) as caught:
        ledger.commit(parent=0, patch=line(9), author="aoi", message="late", report="{}")
    assert (caught.value.expected, caught.value.newest) == (0, 1)
    assert ledger.revision() == 1


def test_of_many_writers_on_one_revision_exactly_one_wins(ledger: Ledger) -> None:
    won: list[int] = []
    lost: list[Exception] = []

    def write(number: int) -> None:
        try:
            won.append(
                ledger.commit(parent=0, patch=line(number), author="aoi", message="x", report="{}").revision
            )
        except StaleRevisionError as error:
            lost.append(error)
        ledger.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]
    assert len(lost) == 7


def test_neither_commits_nor_the_trail_can_be_changed(ledger: Ledger) -> None:
    add(ledger, 1)
    connection = ledger.database.connection()
    for statement in (
        "UPDATE commits SET patch = ''",
        "DELETE FROM commits",
        "UPDATE audit SET action = ''",
        "DELETE FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            connection.execute(statement)


def test_tampering_behind_our_back_is_seen(ledger: Ledger) -> None:
    add(ledger, 1)
    add(ledger, 2)
    connection = ledger.database.connection()
    connection.execute("DROP TRIGGER commits_stay")
    connection.execute("UPDATE commits SET author = 'aoi', message = 'other' WHERE revision = 1")
    with pytest.raises(BrokenChainError) as caught:
        ledger.verify()
    assert caught.value.revision == 1


def test_an_author_must_have_an_account(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.commit(parent=0, patch=line(1), author="nobody", message="x", report="{}")
    assert ledger.revision() == 0


def test_history_finds_the_commits_about_a_thing(ledger: Ledger) -> None:
    for number, things in enumerate((["urn:a"], ["urn:b"], ["urn:a", "urn:b"])):
        ledger.commit(
            parent=number, patch=line(number), author="aoi", message="x", report="{}", things=things
        )
    assert [commit.revision for commit in ledger.history("urn:a")] == [3, 1]


def test_publishing_a_proposal_is_one_transaction_with_its_commit(ledger: Ledger) -> None:
    proposal = ledger.proposals.create(title="t", author="aoi", way="document", base=0, patch=line(1))
    with pytest.raises(ProposalStateError):  # still a draft: no commit either
        ledger.commit(parent=0, patch=line(1), author="aoi", message="t", report="{}", proposal=proposal.id)
    assert ledger.revision() == 0
    ledger.proposals.move(proposal.id, "aoi", "open")
    ledger.commit(parent=0, patch=line(1), author="aoi", message="t", report="{}", proposal=proposal.id)
    assert ledger.proposals.get(proposal.id).state == "published"
    with pytest.raises(ProposalStateError):
        ledger.proposals.move(proposal.id, "aoi", "open")


def test_reviews_count_for_the_version_they_judged(ledger: Ledger) -> None:
    ledger.accounts.add("ren", "steward")
    proposals = ledger.proposals
    one = proposals.create(title="t", author="aoi", way="document", base=0, patch=line(1), state="open")
    proposals.review(one.id, "ren", 1, "approve", "")
    assert proposals.approvers(one.id) == {"ren"}
    changed = proposals.change(one.id, "aoi", version=1, base=0, patch=line(2))
    assert changed.version == 2
    assert proposals.approvers(one.id) == set()
    with pytest.raises(ProposalVersionError) as caught:
        proposals.change(one.id, "ren", version=1, base=0, patch=line(3))
    assert caught.value.newest == 2
    assert proposals.get(one.id).patch == line(2)
    with pytest.raises(ProposalVersionError):
        proposals.review(one.id, "ren", 1, "approve", "")


def test_the_newest_judgement_of_a_person_counts(ledger: Ledger) -> None:
    ledger.accounts.add("ren", "steward")
    one = ledger.proposals.create(
        title="t", author="aoi", way="document", base=0, patch=line(1), state="open"
    )
    ledger.proposals.review(one.id, "ren", 1, "approve", "")
    ledger.proposals.review(one.id, "ren", 1, "change", "出典がない")
    assert ledger.proposals.approvers(one.id) == set()
    assert ledger.proposals.objectors(one.id) == {"ren"}


def test_the_file_is_for_its_owner_alone(ledger: Ledger) -> None:
    assert ledger.path.stat().st_mode & 0o077 == 0


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite3"
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LedgerVersionError):
        Database(path)


def test_backup_while_writing_then_restore_gives_the_same_record(ledger: Ledger, tmp_path: Path) -> None:
    for number in range(5):
        add(ledger, number)
    stop = threading.Event()

    def write() -> None:
        number = 5
        while not stop.is_set():
            add(ledger, number)
            number += 1
        ledger.close()

    writer = threading.Thread(target=write)
    writer.start()
    saved = tmp_path / "backup.sqlite3"
    revision = backup(ledger.path, saved)
    stop.set()
    writer.join()
    assert revision >= 5
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backup.sqlite3", "ledger"]
    before = [commit for commit in ledger.commits() if commit.revision <= revision]
    ledger.close()
    target = tmp_path / "elsewhere" / "kizuna.sqlite3"
    assert restore(saved, target) == revision
    other = Ledger(target)
    assert other.commits() == before
    assert other.accounts.list() == ledger.accounts.list()
    other.close()
    ledger.close()
    assert restore(saved, target) == revision  # over a ledger that is there: it is kept beside
    assert target.with_name(target.name + ".before-restore").exists()


def test_a_damaged_backup_is_not_restored(ledger: Ledger, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"not a database, but long enough to look at" * 100)
    add(ledger, 1)
    ledger.close()
    with pytest.raises(LedgerError):
        restore(broken, ledger.path)
    assert Ledger(ledger.path).revision() == 1


def workspace_with(tmp_path: Path, turtle: str) -> Path:
    folder = tmp_path / "w"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.ttl").write_text(turtle, encoding="utf-8")
    return folder


def test_the_record_is_the_origin_with_the_commits_over_it(tmp_path: Path) -> None:
    folder = workspace_with(tmp_path, "<urn:a> <urn:p> _:x . _:x <urn:q> 1 .")
    loaded = load_with_ledger(folder)
    assert loaded.revision == 0
    assert not (folder / "ledger").exists()  # looking makes nothing
    ledger = Ledger(folder / "ledger" / "kizuna.sqlite3")
    ledger.accounts.add("aoi", "publisher")
    content = loaded.store.dump(format=RdfFormat.N_QUADS)
    assert content is not None
    ledger.keep_snapshot("origin", 0, content)
    add(ledger, 1)
    add(ledger, 2)
    gone = "D <urn:s1> <urn:p> <urn:o> <urn:g> .\n"
    ledger.commit(parent=2, patch=gone, author="aoi", message="x", report="{}")
    (folder / "data" / "a.ttl").write_text("<urn:new> <urn:p> 1 .", encoding="utf-8")
    again = load_with_ledger(folder)
    assert again.revision == 3
    expected = set(content.decode().splitlines()) | {line(2)[2:].strip()}
    dumped = again.store.dump(format=RdfFormat.N_QUADS)
    assert dumped is not None
    assert set(dumped.decode().splitlines()) == expected
    assert list(way_back(folder, 1, 3)) == [
        (gone[2:].encode(), b""),
        (b"", line(2)[2:].encode()),
    ]
    with pytest.raises(LookupError):
        way_back(folder, 1, 4)


def test_a_scenario_is_one_version_of_a_proposal(tmp_path: Path) -> None:
    folder = workspace_with(tmp_path, "")
    ledger = Ledger(folder / "ledger" / "kizuna.sqlite3")
    ledger.accounts.add("aoi", "steward")
    one = ledger.proposals.create(title="t", author="aoi", way="document", base=0, patch=line(1))
    assert scenario(folder, one.scenario) == line(1).encode()
    ledger.proposals.change(one.id, "aoi", version=1, base=0, patch=line(2))
    for name in (one.scenario, "proposal-7.1", "proposal-x", "other"):
        with pytest.raises(LookupError):
            scenario(folder, name)
