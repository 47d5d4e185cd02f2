"""Runs suites and prints a table, each deviation named.

    python -m tests.sparql.w3c --tests rdf-tests/sparql [--server URL --token TOKEN] [SUITE …]

Without --server a server is started on an empty folder. Suites are folders with a manifest.ttl below --tests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sparql.w3c.manifest import Suite
from tests.sparql.w3c.runner import Outcome, Runner

TOKEN = "token-of-the-suite-runner"


@contextmanager
def server() -> Iterator[str]:
    """A server without a gate on an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "KIZUNA_ADMIN_TOKEN": TOKEN,
            "KIZUNA_LANGUAGE": "en",
            "PYTHONUNBUFFERED": "1",
        }
        command = [
            sys.executable,
            "-m",
            "kizuna.cli",
            "serve",
            "--no-gate",
            "--port",
            "0",
            "--workspace",
            folder,
        ]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield _address(process)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    """The address that the server prints once it answers."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        for word in line.split():
            if word.startswith("http://"):
                return word.rstrip("/")
    raise RuntimeError(f"The server ended at once (status {process.wait()}).")


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", type=Path, default=os.environ.get("KIZUNA_W3C_TESTS"), required=False)
    parser.add_argument("--server")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("suites", nargs="*")
    arguments = parser.parse_args()
    if arguments.tests is None:
        parser.error("name the folder of the suites by --tests or KIZUNA_W3C_TESTS")
    if arguments.server:
        return report(run(arguments.tests, arguments.server.rstrip("/"), arguments.token, arguments.suites))
    with server() as address:
        return report(run(arguments.tests, address, TOKEN, arguments.suites))


def run(tests: Path, address: str, token: str, suites: list[str]) -> list[Outcome]:
    """Run the cases of the named suites, or of all."""
    suite = Suite(tests)
    folders = [tests / name for name in suites] or sorted(
        p.parent for p in tests.glob("sparql1[01]/*/manifest.ttl")
    )
    runner = Runner(suite, address, token)
    try:
        return [runner.run(case) for folder in folders for case in suite.cases(folder / "manifest.ttl")]
    finally:
        runner.close()


def report(outcomes: list[Outcome]) -> int:
    """Print the table and the deviations; 0 when there is none."""
    total, passed = Counter[str](), Counter[str]()
    for outcome in outcomes:
        total[outcome.case.suite] += 1
        passed[outcome.case.suite] += not outcome.problem
    for name in total:
        sys.stdout.write(f"{name:40} {passed[name]:4} of {total[name]:4}\n")
    sys.stdout.write(f"{'all':40} {sum(passed.values()):4} of {sum(total.values()):4}\n")
    for outcome in outcomes:
        if outcome.problem:
            sys.stdout.write(f"- {outcome.case.suite} {outcome.case.name}: {outcome.problem}\n")
    return 0 if all(not outcome.problem for outcome in outcomes) else 1


if __name__ == "__main__":
    start = time.perf_counter()
    status = main()
    sys.stdout.write(f"{time.perf_counter() - start:.0f} s\n")
    sys.exit(status)
