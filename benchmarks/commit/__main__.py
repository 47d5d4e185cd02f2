"""One changed agreement from proposal to published, stage by stage, against validating and building everything, and against a peer.

    python -m benchmarks commit [--sizes "50000 1000000"]
    KIZUNA_WORKSPACE=DIR python -m benchmarks commit

The peer is RDF4J's ShaclSail; it is fetched by Maven, and left out (and named with the reason) where that or Java is missing.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from benchmarks.commit import peer
from benchmarks.generate import write_workspace
from kizuna.changes.gate import Validator, shapes_of, stated_of
from kizuna.changes.patch import patch_of
from kizuna.changes.workflow import Actor, ChangeEngine, Changes
from kizuna.commands.setup import engine_config
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from kizuna.validation.engines import run_graphs, to_rdflib
from kizuna.views.build import build_view
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH, NS, SKOS

WARM_UP = 3
ROUNDS = 20
AUTHORITY_QUADS = 120_000
"""pySHACL and the peer validate everything only up to this size: beyond it takes the better part of an hour."""
LABEL = NamedNode(SKOS + "prefLabel")
DATE = NamedNode(NS + "date")


@dataclass
class Times:
    """Seconds by stage."""

    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.stages[name].append(time.perf_counter() - begin)

    def median(self, name: str) -> float:
        return statistics.median(self.stages[name][WARM_UP:])

    def lines(self, names: dict[str, str]) -> list[str]:
        found = []
        for name, said in names.items():
            if not self.stages[name]:
                continue
            ordered = sorted(self.stages[name][WARM_UP:])
            p95 = ordered[int(0.95 * (len(ordered) - 1))]
            found.append(
                f"| {said} | {statistics.median(ordered) * 1000:.1f} | {p95 * 1000:.1f} | {ordered[0] * 1000:.1f} |"
            )
        return found


STAGES = {
    "apply": "gate: apply",
    "affected": "gate: what can be affected",
    "validate": "gate: validate (SHACL)",
    "infer": "gate: infer, by the difference (in a fork of the view, at the same time)",
    "contradictions": "gate: contradictions",
    "rest": "gate: forks and the way there and back; the proposal, written",
    "propose": "**proposed** (gate and ledger)",
    "ledger": "publish: ledger, synced to disk",
    "durable": "**proposal to durable**",
    "swap": "swap: the record and every reader",
    "total": "**proposal to published**",
    "processor": "processor time from proposal to published, all processes",
    "consequences": "consequences, when they are looked at",
}


def agreement_of(store: Store) -> tuple[Quad, Quad]:
    """The English name of an agreement, and the date of one of its events."""
    for quad in store.quads_for_pattern(None, NamedNode(NS + "legalWeight"), None, None):
        names = [
            label
            for label in store.quads_for_pattern(quad.subject, LABEL, None, None)
            if isinstance(label.object, Literal) and label.object.language == "en"
        ]
        for event in store.quads_for_pattern(None, NamedNode(NS + "eventOf"), quad.subject, None):
            kinds = store.quads_for_pattern(event.subject, NamedNode(NS + "eventKind"), None, None)
            dates = list(store.quads_for_pattern(event.subject, DATE, None, None))
            precise = store.quads_for_pattern(event.subject, NamedNode(NS + "precision"), None, None)
            if (
                names
                and dates
                and any("in-force" in str(kind.object) for kind in kinds)
                and any("day" in str(one.object) for one in precise)
                and "2000-" < cast(Literal, dates[0].object).value < "2024-"
            ):
                return names[0], dates[0]
    raise SystemExit("The workspace has no agreement with an English name and a day of entry into force.")


def processor_seconds(engine: EmbeddedEngine) -> float:
    """Processor time of this process, the keepers and all their children so far."""
    time.sleep(1.0)  # so that children that have ended are counted with their parents
    ticks = 0
    for pid in engine.resident_by_process():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


class Waiting:
    """An engine that times how long `apply` takes: the record takes a commit over, and every reader sees it."""

    def __init__(self, engine: EmbeddedEngine, times: Times) -> None:
        self._engine = engine
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def apply(self, *arguments: Any, **named: Any) -> Any:
        with self._times.of("swap"):
            return self._engine.apply(*arguments, **named)


def publish(workspace: Path, old: Quad, values: Callable[[int], Literal]) -> Times:
    """Change one value again and again, from proposal to published."""
    times = Times()
    with (
        tempfile.TemporaryDirectory() as folder,
        start_embedded(engine_config(Settings(workspace=workspace))) as engine,
    ):
        ledger = Ledger(Path(os.environ.setdefault("KIZUNA_LEDGER", f"{folder}/ledger.sqlite3")))
        flow = Changes(
            cast(ChangeEngine, Waiting(engine, times)), ledger, second_person=False, wait_seconds=60.0
        )
        actor = Actor(ledger.accounts.add("bench", "publisher"))
        while not engine.state().ready:
            time.sleep(0.5)
        time.sleep(4.0)  # the rules are taken apart meanwhile
        used = 0.0
        for number in range(ROUNDS + WARM_UP):
            if number == WARM_UP:
                used = processor_seconds(engine)
            new = Quad(old.subject, old.predicate, values(number), old.graph_name)
            patch = patch_of([old], [new])
            begin = time.perf_counter()
            with times.of("propose"):
                proposal, report = flow.propose(actor, patch, title="x", way="document")
            if proposal.state != "open":
                raise SystemExit(f"The change is blocked: {report.violations[:3]}")
            at = time.perf_counter()
            flow.publish(actor, proposal.id, reason="measured")
            end = time.perf_counter()
            swap = times.stages["swap"][-1]
            times.stages["ledger"].append(end - at - swap)
            times.stages["durable"].append(end - begin - swap)
            times.stages["total"].append(end - begin)
            for name, seconds in report.seconds.items():
                times.stages[name].append(seconds)
            gate = sum(report.seconds[name] for name in ("apply", "affected", "validate", "compare"))
            times.stages["rest"].append(at - begin - gate)
            old = new
        used = (processor_seconds(engine) - used) / ROUNDS
        times.stages["processor"] = [used] * (WARM_UP + 1)
        for number in range(WARM_UP + 5):
            new = Quad(old.subject, old.predicate, values(number), old.graph_name)
            with times.of("consequences"):
                flow.consequences(patch_of([old], [new]).text())
        ledger.close()
        del os.environ["KIZUNA_LEDGER"]
    return times


def measure(workspace: Path) -> None:
    """Measure one workspace and print its tables."""
    loaded = load_store(workspace)
    store = loaded.store
    label, date = agreement_of(store)
    print(f"### {len(store):,} quads stated\n", flush=True)
    kinds = {
        "a name": (label, lambda number: Literal(f"Name {number}", language="en")),
        "a date of entry into force": (
            date,
            lambda number: Literal(
                f"20{10 + number % 12}-06-{1 + number % 27:02d}", datatype=cast(Literal, date.object).datatype
            ),
        ),
    }
    totals = {}
    for said, (old, values) in kinds.items():
        times = publish(workspace, old, values)
        totals[said] = times
        print(f"| changing {said} | p50 ms | p95 ms | fastest ms |\n|---|---|---|---|")
        print("\n".join(times.lines(STAGES)) + "\n", flush=True)
    times = totals["a name"]
    compare(store, label, times)


def compare(store: Store, label: Quad, times: Times) -> None:
    """The same by validating and building everything, and by the peer."""
    shapes = shapes_of(store)
    validator = Validator(shapes)
    subject = cast(NamedNode, label.subject)
    validator.some(store, (subject.value,))
    some = []
    for _ in range(7):
        begin = time.process_time()
        validator.some(store, (subject.value,))
        some.append(time.process_time() - begin)
    one = statistics.median(some)
    # Processor time: both run in one thread, and neighbours on the machine do not count.
    rows = [("one changed agreement, validated by pySHACL", one)]
    begin = time.process_time()
    validator.all(store)
    rows.append(("everything, by the fast engine", time.process_time() - begin))
    if len(store) <= AUTHORITY_QUADS:
        begin = time.process_time()
        run_graphs(to_rdflib(stated_of(store)), to_rdflib(validator.store), engine="pyshacl")
        rows.append(("everything, by pySHACL", time.process_time() - begin))
    anew = Store()
    anew.bulk_extend(store)
    begin = time.process_time()
    build_view(anew, EngineConfig(Path()).today())
    rows.append(("the view, built anew", time.process_time() - begin))
    del anew
    print("| compared with | processor s | × one changed agreement |\n|---|---|---|")
    for said, seconds in rows:
        print(f"| {said} | {seconds:.3f} | {seconds / one:.0f} |")
    data = Store()
    data.bulk_extend(q for q in store if not str(q.graph_name).startswith(f"<{GRAPH}shapes/"))
    content = cast(bytes, data.dump(format=RdfFormat.N_QUADS))
    del data
    try:
        other = peer.measure(content, shapes, subject.value, len(store) <= AUTHORITY_QUADS)
    except (peer.NoPeerError, OSError) as error:
        print(f"\nThe peer (RDF4J) was not run: {error}\n")
        return
    print(
        f"| RDF4J {peer.VERSION}, ShaclSail in memory: one commit ({other.p50 * 1000:.1f} ms by the clock, p95 {other.p95 * 1000:.1f}) | {other.processor:.3f} | {other.processor / one:.1f} |"
    )
    if other.full is not None:
        print(f"| RDF4J: everything (by the clock) | {other.full:.3f} | {other.full / one:.0f} |")
    durable = times.median("durable")
    print(
        f"\nProposal to durable takes {durable / other.p50:.1f} times RDF4J's commit, which infers nothing and writes nothing to disk.\n",
        flush=True,
    )


def run() -> None:
    """Measure and print."""
    named = os.environ.get("KIZUNA_WORKSPACE")
    if named:
        measure(Path(named).resolve())
        return
    for size in os.environ.get("KIZUNA_COMMIT_SIZES", "50000 1000000").split():
        with tempfile.TemporaryDirectory() as folder:
            write_workspace(Path(folder), int(size))
            measure(Path(folder))


if __name__ == "__main__":
    run()
