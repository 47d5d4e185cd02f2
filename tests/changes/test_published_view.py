"""What readers see after publications is the view that is built anew of the record, and it got there by the difference."""

from __future__ import annotations

import contextlib
from pathlib import Path

from pyoxigraph import Literal, Quad, RdfFormat, Store

from kizuna.changes.patch import Patch, patch_of
from kizuna.changes.workflow import DUMP_JOB
from kizuna.views.build import build_view
from kizuna.workspace.names import NS
from tests.changes.conftest import Bench
from tests.changes.test_workflow import approved, renamed
from tests.changes.worlds import facts


def kept(store: Store) -> set[str]:
    """Quads with names only: a blank node's label is its process's own."""
    return {str(quad) for quad in store if "_:" not in str(quad)}


def dated() -> Patch:
    """An agreement enters into force on another day."""
    for quad in facts():
        if quad.predicate.value == NS + "date" and "in-force" in str(quad.subject):
            assert isinstance(quad.object, Literal)
            day = Literal(
                f"{int(quad.object.value[:4]) + 1}{quad.object.value[4:]}", datatype=quad.object.datatype
            )
            return patch_of([quad], [Quad(quad.subject, quad.predicate, day, quad.graph_name)])
    raise AssertionError("no entry into force among the facts")


def view_keepers(bench: Bench) -> set[int]:
    """The processes that keep a view; a worker that was just forked of one still bears its name, not its parent."""
    named: dict[int, int] = {}
    for pid in bench.engine.resident_by_process():
        # A process may have ended since it was named.
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "kizuna-view":
                named[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return {pid for pid, parent in named.items() if parent not in named}


def test_publications_advance_the_view_and_it_equals_one_built_anew(bench: Bench) -> None:
    bench.engine.select(bench.engine.today(), "SELECT * { ?s ?p ?o } LIMIT 1")
    keepers = view_keepers(bench)
    assert len(keepers) == 1
    for patch in (renamed("One name"), dated(), renamed("別の名", "ja")):
        bench.changes.publish(bench.people["abe"], approved(bench, patch).id, reason="checked")
    assert view_keepers(bench) == keepers
    today = bench.engine.today()
    record, seen = Store(), Store()
    record.load(bench.engine.run_in_fork(None, DUMP_JOB, ()), format=RdfFormat.N_QUADS)
    seen.load(bench.engine.run_in_fork(today, DUMP_JOB, ()), format=RdfFormat.N_QUADS)
    build_view(record, today.as_of)
    assert kept(seen) == kept(record)
    assert bench.changes.consequences(renamed("Another name").text()).total > 0
