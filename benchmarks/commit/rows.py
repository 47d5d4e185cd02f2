"""10,000 rows of a table into a patch: rows a second, and memory."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

from pyoxigraph import Store

from kizuna.changes import sheets
from kizuna.changes.mapping import built_in
from kizuna.workspace.load import load_store
from kizuna.workspace.names import NS


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
    _rows(load_store(Path(os.environ.get("KIZUNA_WORKSPACE", ".")).resolve()).store, 10_000)


if __name__ == "__main__":
    run()
