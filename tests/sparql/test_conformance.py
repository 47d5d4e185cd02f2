"""A manifest of our own, run over real HTTP by the runner that also runs the W3C suites (docs/sparql.md has their result).

It covers each area once: evaluation, result formats, syntax, update, protocol, graph store, service description. One
of its cases is wrong on purpose, so that a runner that passes everything is found out.
"""

from __future__ import annotations

from pathlib import Path

from tests.sparql.w3c.__main__ import TOKEN, run, server


def test_a_server_without_a_gate_conforms_in_each_area() -> None:
    with server() as address:
        outcomes = run(Path(__file__).parent / "w3c" / "own", address, TOKEN, ["one"])
    assert len(outcomes) == 14
    failed = {outcome.case.name: outcome.problem for outcome in outcomes if outcome.problem}
    assert failed == {"wrong-on-purpose": "the solutions differ"}
