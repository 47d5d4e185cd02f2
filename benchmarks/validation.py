"""Whole-graph validation: the default engine against pySHACL, the authority, on the real data, reports compared.

pySHACL takes minutes on the whole data: by default both get a slice of it (`SLICE` folders of data/); `--whole`
gives both everything. Prints the ratio and whether both reports are equal.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyoxigraph as ox

from kizuna.validation.run import validate_graphs
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH

ROOT = Path(__file__).parents[1]
SLICE = ("actors", "agenda", "institutions")


def main() -> None:
    whole = "--whole" in sys.argv
    stated: list[ox.Quad] = []
    shapes: list[ox.Quad] = []
    for quad in load_store(ROOT).store:
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        if name.startswith(GRAPH + "shapes/"):
            shapes.append(quad)
        elif whole or not name.startswith(GRAPH + "data/") or name.split("/data/")[1].split("/")[0] in SLICE:
            stated.append(quad)
    took = {}
    found = {}
    for engine in ("turbo", "pyshacl"):
        began = time.perf_counter()
        report = validate_graphs(stated, shapes, engine=engine)  # type: ignore[arg-type]
        took[engine] = time.perf_counter() - began
        found[engine] = {
            (item.focus, item.path, str(item.value), item.constraint, item.severity)
            for item in report.findings
        }
    print(f"{len(stated)} statements, {len(found['pyshacl'])} findings")
    for engine, seconds in took.items():
        print(f"  {engine:8} {seconds:7.2f} s   {took['pyshacl'] / seconds:5.1f}x pySHACL's speed")
    print("  reports equal:", found["turbo"] == found["pyshacl"])


if __name__ == "__main__":
    main()
