"""One changed agreement from proposal to published, split by stage, against validating everything; and 10,000 rows of a table.

Run on a workspace: `KIZUNA_WORKSPACE=DIR python -m benchmarks commit.publish` (default: this repository's data).
The ledger goes to a temporary file.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from kizuna.changes import sheets
from kizuna.changes.gate import Validator, shapes_of
from kizuna.changes.mapping import built_in
from kizuna.changes.patch import patch_of
from kizuna.changes.workflow import Actor, Changes
from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import start_embedded
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings
from kizuna.workspace.load import load_store
from kizuna.workspace.names import NS, SKOS

ROUNDS = 8
LABEL = NamedNode(SKOS + "prefLabel")


def _agreement(store: Store) -> Quad:
    for quad in store.quads_for_pattern(None, NamedNode(NS + "legalWeight"), None, None):
        for label in store.quads_for_pattern(quad.subject, LABEL, None, None):
            if isinstance(label.object, Literal) and label.object.language == "en":
                return label
    raise SystemExit("The workspace has no agreement with an English name.")


def _line(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:34} p50 {statistics.median(ordered) * 1000:9.1f} ms   p95 {p95 * 1000:9.1f} ms")


def _publish(workspace: Path, label: Quad) -> None:
    stages: dict[str, list[float]] = {}
    with start_embedded(engine_config(Settings(workspace=workspace))) as engine:
        ledger = Ledger(Path(os.environ["KIZUNA_LEDGER"]))
        changes = Changes(engine, ledger, second_person=False)
        actor = Actor(ledger.accounts.add("bench", "publisher"))
        print(f"{engine.state().quads} quads in the view")
        old = label
        for number in range(ROUNDS):
            new = Quad(old.subject, LABEL, Literal(f"Name {number}", language="en"), old.graph_name)
            changes.wait_seconds = 0.001
            begin = time.perf_counter()
            proposal, report = changes.propose(actor, patch_of([old], [new]), title="x", way="document")
            proposed = time.perf_counter()
            if proposal.state != "open":
                raise SystemExit(f"The change is blocked: {report.violations[:3]}")
            commit = changes.publish(actor, proposal.id, reason="measured")
            published = time.perf_counter()
            while engine.state().revision < commit.revision:
                time.sleep(0.005)
            swapped = time.perf_counter()
            for name, seconds in report.seconds.items():
                stages.setdefault(f"gate: {name}", []).append(seconds)
            stages.setdefault("proposal (gate, fork, ledger)", []).append(proposed - begin)
            stages.setdefault("publish (ledger fsync, apply)", []).append(published - proposed)
            stages.setdefault("proposal to durable", []).append(published - begin)
            stages.setdefault("swap (new view for readers)", []).append(swapped - published)
            old = new
        ledger.close()
    for name, seconds in stages.items():
        _line(name, seconds)


def _full(store: Store, label: Quad) -> None:
    validator = Validator(shapes_of(store))
    subject = label.subject
    if not isinstance(subject, NamedNode):
        raise SystemExit("no name")
    validator.some(store, (subject.value,))
    some = []
    for _ in range(5):
        begin = time.perf_counter()
        validator.some(store, (subject.value,))
        some.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    validator.all(store)
    full = time.perf_counter() - begin
    incremental = statistics.median(some)
    print(
        f"{len(store)} quads stated: full {full:.2f} s, incremental {incremental * 1000:.1f} ms: {full / incremental:.0f}×"
    )


def _rows(store: Store, count: int) -> None:
    header = built_in()["participations"].header
    rows = [f"quad,JPN,member,{1900 + n % 100},,,,備考{n},note {n}" for n in range(count)]
    names = [row.replace("quad", f"framework-{n}") for n, row in enumerate(rows)]
    body = ("\n".join([",".join(header), *names]) + "\n").encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    sheet = sheets.to_sheet(
        store, body, "csv", "participations", NS.replace("ns#", "graph/data/bench"), "add"
    )
    seconds = time.perf_counter() - begin
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{sheet.rows} rows ({len(sheet.problems)} problems, {len(sheet.patch)} quads): {sheet.rows / seconds:.0f} rows/s, +{grown:.0f} MB"
    )


def run() -> None:
    """Measure and print."""
    workspace = Path(os.environ.get("KIZUNA_WORKSPACE", ".")).resolve()
    store = load_store(workspace).store
    label = _agreement(store)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KIZUNA_LEDGER"] = str(Path(folder) / "ledger.sqlite3")
        _publish(workspace, label)
    _full(store, label)
    _rows(store, 10_000)


if __name__ == "__main__":
    run()
