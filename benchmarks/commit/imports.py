"""Import of tables: rows a second and peak memory at 10,000 and 100,000 rows, from CSV and XLSX, each in a process of its own.

    python -m benchmarks commit.imports [--sizes "10000 100000"]

The reading itself is measured with its rows thrown away (what has to be constant), and the whole way to a patch, which
is sorted, compared and kept compressed. "gate" is the passage of that patch through the gate, over the workspace's record (SHACL; events
about its own agreements). Seconds are processor time. Peak memory is what a process has beyond what it had
before it began (proc(5), VmHWM).
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, Store

from kizuna.changes import gate
from kizuna.changes.importing import open_table
from kizuna.changes.mapping import built_in
from kizuna.changes.sheets import to_sheet
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH, ID, NS

SIZES = "10000 100000"
TABLE = "events"
WAYS = ("read", "patch")
RECORD = Path(os.environ.get("KIZUNA_WORKSPACE", ".")).resolve()


def rows(number: int) -> list[list[str]]:
    """A table of events, all different, made up."""
    header = list(built_in()[TABLE].header)
    given = {"event": "signed"}
    found = [header]
    for i in range(number):
        named = {
            "subject": f"agreement/made-up-{i}",
            "date": f"{1900 + i % 120}-{1 + i % 12:02}-{1 + i % 28:02}",
        }
        cells = {**given, **named, "note_en": f"made up number {i}", "note_ja": f"架空の出来事{i}"}
        found.append([cells.get(name, "") for name in header])
    return found


def write(folder: Path, number: int) -> dict[str, Path]:
    """The same table as CSV and as XLSX."""
    from openpyxl import Workbook  # after kizuna.changes.workbooks, which has it read XML safely

    table = rows(number)
    paths = {kind: folder / f"{TABLE}-{number}.{kind}" for kind in ("csv", "xlsx")}
    paths["csv"].write_text("\n".join(",".join(row) for row in table), encoding="utf-8")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    paths["xlsx"].write_bytes(out.getvalue())
    return paths


def megabytes(name: str) -> float:
    """A figure of this process's memory, in MB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def child(path: Path, way: str) -> None:
    """Read one file and print rows, problems, seconds and MB; the process is this measurement's alone."""
    body = path.read_bytes()
    kind = "xlsx" if path.suffix == ".xlsx" else "csv"
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of starting up (proc(5))
    before = megabytes("VmRSS")
    begin = time.process_time()
    if way == "read":
        problems: list[object] = []
        number = sum(1 for _ in open_table(body, kind, TABLE).understood({}, problems))  # type: ignore[arg-type]
        wrong = len(problems)
    else:
        sheet = to_sheet(Store(), body, kind, TABLE, GRAPH + "data/made-up", "add")  # type: ignore[arg-type]
        number, wrong = sheet.rows, len(sheet.problems)
    seconds = time.process_time() - begin
    peak = megabytes("VmHWM") - before
    print(number, wrong, f"{seconds:.3f}", f"{peak:.1f}")


def gate_child(number: int) -> None:
    """Pass one table's patch through the gate and print as `child`."""
    store = load_store(RECORD).store
    weight = NamedNode(NS + "legalWeight")
    things = sorted({q.subject.value for q in store.quads_for_pattern(None, weight, None, None)})  # type: ignore[union-attr]
    table = rows(number)
    places = [table[0].index(name) for name in ("subject", "event", "date")]
    for i, row in enumerate(table[1:]):
        day = f"{1900 + i // len(things)}-{1 + i % 12:02}-{1 + i % 28:02}"
        for place, value in zip(places, (things[i % len(things)][len(ID) :], "amended", day), strict=True):
            row[place] = value
    body = "\n".join(",".join(row) for row in table).encode()
    sheet = to_sheet(store, body, "csv", TABLE, GRAPH + "data/made-up", "add")
    text = zlib.compress(sheet.patch.text().encode(), 1)
    _ = gate.validator_of(gate.shapes_text(store)).reads  # a sandbox inherits these
    Path("/proc/self/clear_refs").write_text("5")
    before = megabytes("VmRSS")
    begin = time.process_time()
    report, _ = gate.read_answer(gate.check(store, text, 0, date.today().isoformat(), False))
    wrong = len(sheet.problems) + len(report.violations)
    print(sheet.rows, wrong, f"{time.process_time() - begin:.3f}", f"{megabytes('VmHWM') - before:.1f}")


def measure(path: Path | str, way: str) -> tuple[float, float]:
    """Rows a second and megabytes."""
    command = [sys.executable, "-m", "benchmarks.commit.imports", str(path), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1200)
    number, wrong, seconds, peak = done.stdout.split()
    if wrong != "0" or number == "0":
        raise SystemExit(f"{path}: {number} rows, {wrong} problems")
    return int(number) / float(seconds), float(peak)


def run() -> None:
    """Measure and print."""
    sizes = [int(one) for one in os.environ.get("KIZUNA_IMPORTS_SIZES", SIZES).split()]
    head = " | ".join(f"{size:,} rows: rows/s | MB" for size in sizes)
    print(f"| | {head} | memory × for rows × {sizes[-1] // sizes[0]} |")
    print("|---|" + "---|" * (2 * len(sizes) + 1))
    with tempfile.TemporaryDirectory() as folder:
        files = {size: write(Path(folder), size) for size in sizes}
        for kind in ("csv", "xlsx"):
            for way in WAYS:
                found = [measure(files[size][kind], way) for size in sizes]
                cells = " | ".join(f"{rate:,.0f} | {peak:.1f}" for rate, peak in found)
                ratio = found[-1][1] / max(found[0][1], 1.0)
                print(f"| {kind}, {way} | {cells} | {ratio:.1f} |", flush=True)
    for size in sizes[:1]:
        rate, peak = measure(str(size), "gate")
        print(f"| gate, {size:,} rows | {rate:,.0f} | {peak:.1f} |", flush=True)


if __name__ == "__main__":
    gate_child(int(sys.argv[1])) if sys.argv[2] == "gate" else child(Path(sys.argv[1]), sys.argv[2])
