"""The journal of a workspace without a gate: what was told to be written is there, whenever the power goes; it stays short."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, serialize

from kizuna.workspace import journal as module
from kizuna.workspace.journal import Entry, Journal, JournalError, compact, load_with_journal, replay
from kizuna.workspace.load import WorkspaceError

PROGRAM = """
import sys
from pathlib import Path
from kizuna.workspace import journal as module
from kizuna.workspace.journal import Entry, Journal, compact, load_with_journal
module.MANY = 20
folder = Path(sys.argv[1])
loaded = load_with_journal(folder)
book = Journal(folder)
number = loaded.revision
print("ready", flush=True)
while True:
    with book.writing() as file:
        number = book.revision(file) + 1
        added = f"<http://x/{number % 50}> <http://x/p> <http://x/{number}> .\\n".encode()
        removed = b"" if number <= 50 else f"<http://x/{number % 50}> <http://x/p> <http://x/{number - 50}> .\\n".encode()
        book.append(file, Entry(number, removed, added))
    print(number, flush=True)
    if number % 30 == 0:
        with book.writing() as file:
            compact(load_with_journal(folder).store, str(folder), number)
"""


def line(number: int) -> bytes:
    return f"<http://x/{number}> <http://x/p> <http://x/{number + 1}> .\n".encode()


def write(journal: Journal, *entries: Entry) -> None:
    for entry in entries:
        with journal.writing() as file:
            journal.append(file, entry)


def quads(folder: Path) -> set[str]:
    return {str(quad) for quad in load_with_journal(folder).store}


def test_only_what_was_added_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, other = Journal(tmp_path), Journal(tmp_path)
    write(journal, *(Entry(number, b"", line(number)) for number in range(1, 31)))
    read: list[Entry | None] = []
    real = module._read

    def watched(file: BinaryIO) -> Entry | None:
        read.append(real(file))
        return read[-1]

    monkeypatch.setattr(module, "_read", watched)
    with journal.writing() as file:
        assert journal.revision(file) == 30
    assert read == [None]
    write(other, Entry(31, b"", line(31)))
    read.clear()
    with journal.writing() as file:
        assert journal.revision(file) == 31
    assert [entry and entry.revision for entry in read] == [31, None]


def test_another_writer_and_a_fresh_file_are_noticed(tmp_path: Path) -> None:
    journal, other = Journal(tmp_path), Journal(tmp_path)
    write(journal, Entry(1, b"", line(1)))
    write(other, Entry(2, b"", line(2)))
    write(journal, Entry(3, b"", line(3)))
    with other.writing() as file:
        assert other.revision(file) == 3
        compact(load_with_journal(tmp_path).store, str(tmp_path), 3)
    write(journal, Entry(4, line(1), b""))
    write(other, Entry(5, b"", line(5)))
    assert [entry.revision for entry in Journal(tmp_path).entries()] == [3, 4, 5]
    assert len(load_with_journal(tmp_path).store) == 3


def test_whoever_waited_for_a_journal_that_was_written_anew_gets_the_new_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write(journal, Entry(1, b"", line(1)))
    program = PROGRAM.partition("number = loaded")[0] + (
        "print('ready', flush=True)\n"
        "with book.writing() as file:\n"
        "    book.append(file, Entry(book.revision(file) + 1, b'', b'<a:a> <a:b> <a:c> .\\n'))\n"
    )
    with journal.writing():
        process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.3)  # it waits for the lock now
        compact(load_with_journal(tmp_path).store, str(tmp_path), 1)
    assert process.wait(90) == 0
    process.stdout.close()
    assert [entry.revision for entry in Journal(tmp_path).entries()] == [1, 2]


def test_a_journal_written_anew_says_the_same_and_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 500)
    journal = Journal(tmp_path)
    chance = random.Random(7)
    store = Store()
    for number in range(1, 300):
        held = [serialize([quad], format=RdfFormat.N_QUADS) or b"" for quad in store]
        removed = b"".join(chance.sample(held, min(len(held), 1)))
        entry = Entry(
            number, removed, line(chance.randrange(60)) + b'<a:a> <a:b> "%d"@en <a:g> .\n' % (number % 9)
        )
        replay(store, entry)
        write(journal, entry)
    blank = Quad(BlankNode("kept"), NamedNode("a:b"), NamedNode("a:c"))
    write(journal, Entry(300, b"", b"_:kept <a:b> <a:c> .\n"))
    store.add(blank)
    size = journal.path.stat().st_size
    with journal.writing() as file:
        assert journal.revision(file) == 300
        compact(load_with_journal(tmp_path).store, str(tmp_path), 300)
    assert journal.path.stat().st_size < size / 4
    assert {entry.revision for entry in journal.entries()} == {300}
    assert len(list(journal.entries())) > 1
    loaded = load_with_journal(tmp_path)
    assert (set(loaded.store), loaded.revision) == (set(store), 300)
    assert blank in loaded.store
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal"]


def test_what_lies_in_files_stays_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.ttl").write_text("<http://x/1> <http://x/p> <http://x/2> , <http://x/3> .\n")
    before = load_with_journal(tmp_path).store
    gone = next(iter(before))
    write(Journal(tmp_path), Entry(1, serialize([gone], format=RdfFormat.N_QUADS) or b"", line(9)))
    compact(load_with_journal(tmp_path).store, str(tmp_path), 1)
    [entry] = Journal(tmp_path).entries()
    assert (entry.removed.count(b"\n"), entry.added) == (1, line(9))
    assert len(load_with_journal(tmp_path).store) == 2


def test_files_with_blank_nodes_leave_the_journal_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.ttl").write_text("<http://x/1> <http://x/p> [ <http://x/q> 1 ] .\n")
    write(Journal(tmp_path), Entry(1, b"", line(9)), Entry(2, line(9), b""))
    compact(load_with_journal(tmp_path).store, str(tmp_path), 2)
    assert len(list(Journal(tmp_path).entries())) == 2


def test_a_wasteful_journal_is_written_anew_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 20)
    journal = Journal(tmp_path)
    write(journal, *(Entry(n, line(n - 1) if n > 1 else b"", line(n)) for n in range(1, 15)))
    assert len(load_with_journal(tmp_path).store) == 1
    assert [entry.revision for entry in journal.entries()] == [14]
    write(journal, Entry(15, b"", line(15)))
    with journal.writing():  # whoever writes is not waited for
        write_many = [Entry(n, line(n - 1), line(n)) for n in range(16, 40)]
        with journal.path.open("ab") as file:
            for entry in write_many:
                file.write(module._head_of(entry) + entry.removed + entry.added)
        assert load_with_journal(tmp_path).revision == 39
    assert len(list(journal.entries())) == 26


def test_it_is_overgrown_when_it_has_doubled_and_by_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MUCH", 1_000)
    journal = Journal(tmp_path)
    grown = []
    for number in range(1, 12):
        with journal.writing() as file:
            journal.append(file, Entry(number, b"", line(number)))
            grown.append(journal.overgrown(file))
    assert not any(grown[:5])
    assert grown[-1]
    with journal.writing() as file:
        journal.not_again()
        assert not journal.overgrown(file)


def test_damage_in_the_middle_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write(journal, *(Entry(number, b"", line(number)) for number in range(1, 4)))
    data = bytearray(journal.path.read_bytes())
    data[data.index(b"<http://x/2>") + 3] ^= 1
    journal.path.write_bytes(data)
    with pytest.raises(WorkspaceError, match=r"byte \d+ is damaged"):
        load_with_journal(tmp_path)
    with Journal(tmp_path).writing() as file, pytest.raises(JournalError):
        Journal(tmp_path).append(file, Entry(4, b"", line(4)))
    assert journal.path.read_bytes() == data


@pytest.mark.parametrize("seed", range(6))
def test_what_was_told_is_there_after_kill_9(tmp_path: Path, seed: int) -> None:
    """Writers are killed at any moment, in the middle of an entry or of writing anew; each finds what the last one told."""
    chance = random.Random(seed)
    told = 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        numbers = [process.stdout.readline() for _ in range(chance.randint(8, 30))]
        time.sleep(chance.uniform(0.0, 0.05))
        os.kill(process.pid, signal.SIGKILL)
        numbers += process.stdout.read().splitlines()
        process.wait()
        process.stdout.close()
        told = int(numbers[-1])
        found = load_with_journal(tmp_path)
        assert told <= found.revision <= told + 1
        expected = range(max(1, found.revision - 49), found.revision + 1)
        assert quads(tmp_path) == {
            str(Quad(NamedNode(f"http://x/{n % 50}"), NamedNode("http://x/p"), NamedNode(f"http://x/{n}")))
            for n in expected
        }
    assert told > 30
