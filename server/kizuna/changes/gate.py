"""The one gate that every change passes. `check` runs inside a private fork of the record; it changes that copy only.

Apply → SHACL on exactly what the patch can affect → contradictions with the ontology → report. What was wrong before and has
nothing to do with the change does not block it (docs/decisions/0061).
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterable
from datetime import date
from functools import cached_property, lru_cache
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from kizuna.changes.affected import Affected, affected, surroundings
from kizuna.changes.aimed import aimed
from kizuna.changes.constraints import take_over
from kizuna.changes.packed import LeanPatch, lean
from kizuna.changes.patch import Change, Patch, apply, exact, missing, n_quads, parse_patch, rooms_of
from kizuna.changes.reads import ShapesReads, reads_of_text
from kizuna.changes.report import GateReport
from kizuna.engine.progress import tell
from kizuna.validation.catalogue import constraints_of, unnamed
from kizuna.validation.engines import Compiled, Result, run, run_graphs, to_rdflib
from kizuna.validation.labels import Labels
from kizuna.validation.report import Constraint, Finding, Language, Report, Severity, Text
from kizuna.validation.run import finding_of
from kizuna.views.ask import solutions
from kizuna.views.asof import restrict
from kizuna.views.build import infer, rules_for
from kizuna.views.consistency import Inconsistency, inconsistencies_of
from kizuna.views.rules import derive
from kizuna.views.terms import DERIVED, INFERRED
from kizuna.views.words import Speaker
from kizuna.workspace.names import BASE, GRAPH

_SHAPES: Final = GRAPH + "shapes/"
AUTHORITY_UP_TO: Final = 25
"""So many things are validated by pySHACL itself; more by the faster engine that is held equal to it."""
PART: Final = 500
"""So many are validated at a time: the memory for what their shapes can see is that of a part, however long a table is."""
LEAN_FROM: Final = 5_000
"""Quads of a patch from which on they are not held as objects."""
JOB: Final = "kizuna.changes.gate:check"
"""The dotted name of `check`, for the engine's `run_in_fork`."""


def shapes_text(store: Store) -> bytes:
    """The shapes of a record as N-Triples, in the store's own order: quick, and the same as long as they are."""
    return b"".join(
        store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph) or b""
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode) and graph.value.startswith(_SHAPES)
    )


def shapes_of(store: Store) -> bytes:
    """The shapes of a record as sorted N-Triples."""
    return _sorted(shapes_text(store))


def _sorted(text: bytes) -> bytes:
    return b"".join(sorted(text.splitlines(keepends=True)))


def stated_of(store: Store) -> Iterable[Quad]:
    """What is validated: ontology and data, as triples, each once."""
    found = set()
    for graph in store.named_graphs():
        if isinstance(graph, NamedNode) and not graph.value.startswith(_SHAPES):
            for q in store.quads_for_pattern(None, None, None, graph):
                found.add(Quad(q.subject, q.predicate, q.object))
    return found


def _default(triples: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(Quad(q.subject, q.predicate, q.object) for q in triples)
    return store


class Validator:
    """SHACL over a record, whole or aimed.

    Args:
        shapes: N-Triples (see `shapes_of`).
    """

    def __init__(self, shapes: bytes) -> None:
        self.text = shapes
        self.store = Store()
        self.store.load(shapes, format=RdfFormat.N_TRIPLES)
        self.constraints = constraints_of(self.store)

    @property
    def reads(self) -> ShapesReads:
        """What the shapes look at."""
        return reads_of_text(self.text)

    def all(self, store: Store) -> tuple[Result, ...]:
        """Validate everything."""
        return run(stated_of(store), self.store).results

    def some(self, store: Store, focus: tuple[str, ...]) -> tuple[Result, ...]:
        """Validate some things, exactly as `all` would."""
        if not focus:
            return ()
        if len(focus) > AUTHORITY_UP_TO:
            return tuple(sorted(self._in_parts(store, focus)))
        near = _default(surroundings(store, focus, self.reads))
        shapes = aimed(self.store, near, focus)
        if not shapes:
            return ()
        shapes, results = take_over(shapes, near)
        results |= set(run_graphs(to_rdflib(near), to_rdflib(shapes), engine="pyshacl").results)
        return tuple(sorted(results))

    def _in_parts(self, store: Store, focus: tuple[str, ...]) -> set[Result]:
        results: set[Result] = set()
        for begin in range(0, len(focus), PART):
            part = focus[begin : begin + PART]
            results.update(self._compiled.at(_default(surroundings(store, part, self.reads)), part))
            tell("gate", begin + len(part), len(focus))
        return results

    @cached_property
    def _compiled(self) -> Compiled:
        return Compiled(to_rdflib(self.store))

    def at(self, store: Store, what: Affected) -> tuple[Result, ...]:
        """Validate what is affected."""
        return self.all(store) if what.full else self.some(store, what.focus)

    def findings(self, store: Store, results: Iterable[Result]) -> tuple[Finding, ...]:
        """Results in words; names are looked up in all of the record."""
        labels = Labels(store)
        found = [finding_of(r, self.constraints.get(r.shape) or unnamed(r.shape), labels) for r in results]
        found.sort(key=lambda f: (-f.severity, f.constraint.id, f.focus, f.value or ""))
        return tuple(found)


@lru_cache(maxsize=4)
def validator_of(shapes: bytes) -> Validator:
    """The validator of these shapes (`shapes_text`), remembered: forks inherit what the keeper has made."""
    return Validator(_sorted(shapes))


def check(store: Store, patch: bytes, base: int, day: str, consistency: bool = True) -> bytes:
    """Lay a patch over a private copy of the record and report. To be run in a fork.

    Args:
        store: the stated record; changed.
        patch: patch text, UTF-8, compressed (RFC 1950).
        base: the record's revision.
        day: as-of date of the consistency check, ISO.
        consistency: also look for contradictions with the ontology.

    Returns:
        for `read_answer`.
    """
    asked, real = _read(store, patch)
    report = gate(store, asked, base, day, consistency)
    return report.to_json().encode() + b"\n" + real


def _read(store: Store, patch: bytes) -> tuple[Patch | LeanPatch, bytes]:
    """A patch, and the compressed text of what it really changes."""
    asked = lean(patch)
    if len(asked) > LEAN_FROM:
        return asked, asked.exact(store).packed_text()
    few = parse_patch(zlib.decompress(patch).decode())
    return few, zlib.compress(exact(few, store).text().encode(), 1)


def read_answer(answer: bytes) -> tuple[GateReport, str]:
    """What `check` returned: the report, and the text of what really changes."""
    report, _, packed = answer.partition(b"\n")
    return GateReport.from_json(report.decode()), zlib.decompress(packed).decode() if packed else ""


def schema_room(patch: Change) -> str:
    """The room whose change concerns everything, or ""."""
    rooms = rooms_of(patch)
    return next((room for room in ("shapes", "ontology") if room in rooms), "")


def gate(store: Store, asked: Patch | LeanPatch, base: int, day: str, consistency: bool = True) -> GateReport:
    """As `check`, with plain data."""
    clock = _Clock()
    gone_before = missing(asked, store)
    patch = asked.exact(store) if isinstance(asked, LeanPatch) else exact(asked, store)
    old_shapes = shapes_text(store)
    apply(patch, store)
    clock.lap("apply")
    room = schema_room(patch)
    validator = validator_of(shapes_text(store) if room == "shapes" else old_shapes)
    what = affected(store, patch, validator.reads, schema_changed=room)
    clock.lap("affected")
    after = validator.at(store, what)
    clock.lap("validate")
    before: tuple[Result, ...] = ()
    if any(result.severity.endswith(("Violation", "Warning")) for result in after):
        apply(patch.inverse(), store)
        old = validator_of(old_shapes) if room == "shapes" else validator
        before = old.at(store, what)
        apply(patch, store)
    clock.lap("compare")
    known = set(before)
    fresh = validator.findings(store, [r for r in after if r not in known])
    standing = validator.findings(store, [r for r in after if r in known and "Info" not in r.severity])
    # Counting is a scan of everything, so it is left out where not everything was looked at.
    size = len(store) if what.full else 0
    report = Report(
        fresh, tuple(validator.constraints.values()), size, "turbo" if what.full else "pyshacl", 0.0
    )
    contradictions: tuple[Finding, ...] = ()
    if consistency:
        contradictions = contradicting(store, patch, date.fromisoformat(day))
    clock.lap("infer")
    return GateReport(
        base,
        day,
        Report(
            contradictions + report.findings,
            report.constraints,
            report.triples,
            report.engine,
            clock.laps["validate"],
        ),
        standing,
        what.why,
        len(what.focus),
        tuple(line for line in n_quads(gone_before).decode().split("\n") if line),
        len(patch.removed),
        len(patch.added),
        clock.laps,
    )


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 6)
        self._last = now


# Contradictions with the ontology.

_CONTRADICTION: Final = Text("オントロジーとの矛盾", "contradiction with the ontology")
_FIX: Final = Text(
    "互いに両立しない記述のうち、誤っているものを取り除いてください。",
    "Of the statements that cannot be true together, remove the one that is wrong.",
)


def contradicting(store: Store, patch: Patch | LeanPatch, day: date) -> tuple[Finding, ...]:
    """Contradictions that the patch brings, as violations.

    Args:
        store: the record with the patch applied; becomes a view.
        patch: the patch, exact.
        day: as-of date.
    """
    found = _inconsistencies(store, day)
    if not found:
        return ()
    # What the day left out stays out: it does not belong to either view.
    sentences = [say_contradiction(store, one) for one in found]
    apply(patch.inverse(), store)
    before = {_name(one) for one in _inconsistencies(store, day)}
    return tuple(said for one, said in zip(found, sentences, strict=True) if _name(one) not in before)


def _inconsistencies(store: Store, day: date) -> tuple[Inconsistency, ...]:
    store.clear_graph(DERIVED)
    store.clear_graph(INFERRED)
    restrict(store, day)
    derive(store, rules_for(store))
    infer(store)
    return inconsistencies_of(store)


def _name(one: Inconsistency) -> tuple[str, frozenset[object]]:
    return one.rule.name, frozenset(one.facts)


def say_contradiction(store: Store, one: Inconsistency) -> Finding:
    """A contradiction in words, by the names that a view gives."""

    def speak(language: Language) -> str:
        speaker = Speaker(lambda text, values: solutions(store, text, values), language)
        return (" " if language == "en" else "").join(speaker.statement(fact) for fact in one.facts)

    message = Text(
        f"次の記述は同時に成り立ちません。{speak('ja')}", f"These cannot be true together: {speak('en')}"
    )
    # Each contradiction has a message of its own, so it is a constraint of its own.
    key = hashlib.sha256("".join(sorted(map(str, one.facts))).encode()).hexdigest()[:8]
    constraint = Constraint(
        f"{BASE}rule/owl#{one.rule.name}-{key}", Severity.VIOLATION, _CONTRADICTION, message, _FIX
    )
    subject = one.facts[0].subject
    focus = subject.value if isinstance(subject, NamedNode) else str(subject)
    return Finding(focus, Labels(store).thing(focus), None, None, None, None, constraint, one.rule.name)
