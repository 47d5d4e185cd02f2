"""A small world for the engine's tests: a loader, a view builder and functions for sandboxes, all by dotted name."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

DOUBLES = "tests.engine.doubles"
HOLD = "KIZUNA_TEST_HOLD"
EX = "http://example.org/"
STATED = NamedNode(EX + "graph/stated")
DERIVED = NamedNode(EX + "graph/derived")
FROM = NamedNode(EX + "from")
ABOUT = NamedNode(EX + "about")
THINGS = 2_000


@dataclass(frozen=True)
class Loaded:
    store: Store
    revision: int


def node(name: str) -> NamedNode:
    return NamedNode(EX + name)


def load(workspace: Path) -> Loaded:
    """`THINGS` things in a ring, each known from a year between 2000 and 2019."""
    if (workspace / "broken").exists():
        raise ValueError(f"{workspace}/broken:3:7: not Turtle")
    store = Store()
    quads = []
    for i in range(THINGS):
        quads.append(Quad(node(f"thing/{i}"), node("next"), node(f"thing/{(i * 7 + 1) % THINGS}"), STATED))
        quads.append(Quad(node(f"thing/{i}"), node("number"), Literal(i), STATED))
        quads.append(Quad(node(f"thing/{i}"), node("label"), Literal(f"もの {i}", language="ja"), STATED))
        quads.append(Quad(node(f"thing/{i}"), FROM, Literal(2000 + i % 20), STATED))
    store.extend(quads)
    return Loaded(store, 0)


def build_view(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    """Drop what was not known by the year of `as_of`; say in the derived graph which day this is."""
    if as_of.year < 1950:
        raise ValueError("nothing is known before 1950")
    late = {
        quad.subject
        for quad in store.quads_for_pattern(None, FROM, None, STATED)
        if isinstance(quad.object, Literal) and int(quad.object.value) > as_of.year
    }
    for subject in late:
        for quad in list(store.quads_for_pattern(subject, None, None, STATED)):
            store.remove(quad)
    for patch in scenario_patches:
        store.extend(q for q in parse(patch, format=RdfFormat.N_QUADS) if isinstance(q, Quad))
    if any(True for _ in store.quads_for_pattern(node("poison"), None, None, STATED)):
        raise ValueError("poisoned")
    store.add(Quad(node("view"), ABOUT, Literal(as_of.isoformat()), DERIVED))


def held_build_view(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    """Takes as long as the test wants: until the file that HOLD names is gone."""
    while Path(os.environ[HOLD]).exists():
        time.sleep(0.01)
    build_view(store, as_of, scenario_patches)


def crashing_build_view(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    if as_of.year == 1999:
        os.abort()
    if as_of.year == 1998:
        time.sleep(60)
    build_view(store, as_of, scenario_patches)


def threaded_build_view(store: Store, as_of: date, scenario_patches: Sequence[bytes] = ()) -> None:
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    build_view(store, as_of, scenario_patches)


def prepare(store: Store) -> bytes:
    return b"prepared"


def prepared(store: Store, content: bytes) -> None:
    assert content == b"prepared"


def advance_by(store: Store, steps: Iterable[tuple[bytes, bytes]]) -> bytes:
    """What comes, with a note that it came this way; a quad about `anew` has to be built, `crash` ends the process."""
    lines = [f'<{EX}view> <{EX}advanced> "true" <{DERIVED.value}> .\n'.encode()]
    for removed, added in steps:
        if b"/anew>" in added:
            raise ValueError("build it anew")
        if b"/crash>" in added:
            os.abort()
        assert not removed
        lines.append(added)
    return b"".join(lines)


def take_over(store: Store, content: bytes) -> int:
    before = len(store)
    store.extend(q for q in parse(content, format=RdfFormat.N_QUADS) if isinstance(q, Quad))
    return len(store) - before


def scenario(workspace: Path, name: str) -> bytes:
    return {"more": f'<{EX}extra> <{EX}number> "1" <{EX}graph/scenario> .\n'.encode()}[name]


def history(workspace: Path, wanted: int, held: int) -> Iterable[tuple[bytes, bytes]]:
    """Once upon a time, at revision -1, thing 0 had no label."""
    if wanted != -1:
        raise KeyError(wanted)
    return [(b"", f'<{EX}thing/0> <{EX}label> "もの 0"@ja <{STATED.value}> .\n'.encode())]


def count(store: Store) -> bytes:
    return str(len(store)).encode()


def echo(store: Store, *arguments: object) -> bytes:
    return repr(arguments).encode()


def wreck(store: Store) -> bytes:
    store.clear()
    return str(len(store)).encode()


def update(store: Store, text: str) -> bytes:
    store.update(text)
    return str(len(store)).encode()


def endless(store: Store) -> bytes:
    while True:
        pass


def hoard(store: Store) -> bytes:
    return b"x" * (8 << 30)


def fail(store: Store) -> bytes:
    raise LookupError("no such thing")


def reach_out(store: Store, port: int) -> bytes:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0)
    except OSError as error:
        return f"{error.errno}".encode()
    return b"connected"


def read_file(store: Store, path: str) -> bytes:
    return Path(path).read_bytes()
