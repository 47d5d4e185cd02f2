"""Mixed reads, hostile queries and commits for a long time: what grows, what is lost, what becomes slower.

    python -m benchmarks soak --minutes 30          over a copy of the repository's data, with two web processes

Rates are low on purpose: what is looked for is what adds up, not how much can be carried. Every commit that the server has
acknowledged must be in the ledger afterwards, in order, and what it says must be served.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.processes import ROLES, Part, parts
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger

ROOT = Path(__file__).parents[1]
SAMPLES = 60
SHOWN = 13
SUBJECT = "https://w3id.org/kizuna/id/state/JPN"
NOTE = "http://www.w3.org/2004/02/skos/core#altLabel"
GRAPH = "https://w3id.org/kizuna/graph/data/soak"
PAGES = (
    "/", "/actors", "/actors/state/PHL", "/actors/state/JPN?lang=en", "/frameworks", "/frameworks/quad?lang=en",
    "/agreements", "/domains", "/map", "/matrix", "/pairs/JPN/PHL", "/timeline", "/calendar", "/search?q=a",
    "/graph-view?thing=id/state/JPN", "/briefing/actors/state/PHL", "/changes", "/changes.atom", "/sources", "/desk",
    "/health", "/metrics", "/states/none-such",
)  # fmt: skip
DATED = ("/actors/state/JPN", "/map", "/frameworks")
"""Pages looked at as of a day that goes on and on, so that views are built and given up."""
QUERIES = (
    "SELECT * { ?s a <https://w3id.org/kizuna/ns#State> } LIMIT 10",
    "SELECT ?t (COUNT(*) AS ?n) { ?s a ?t } GROUP BY ?t",
    "SELECT * { ?s ?p ?o FILTER(isLiteral(?o)) } LIMIT 2000",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o ; a <https://w3id.org/kizuna/ns#State> } LIMIT 500",
    "ASK { ?s a <https://w3id.org/kizuna/ns#Agreement> }",
    "DESCRIBE <https://w3id.org/kizuna/id/state/JPN>",
)
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "ASK { ?s " + "(" * 20 + "<a:p>" + ")*" * 20 + " ?o }",
    "ASK { FILTER(" + "!" * 100_000 + "true) }",
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT nonsense",
)


@dataclass(slots=True)
class Outcome:
    """What a run has seen.

    Args:
        seconds: how long it was to be.
        times: latencies in milliseconds by kind, each with the second it began at.
        statuses: answers by kind and status.
        samples: second, and what each role held.
        acknowledged: proposal by the text that it brought, as the server has confirmed them, in order.
        lost: acknowledged texts that the ledger or the server does not have.
        killed: workers that a limit has ended.
        log: lines that the server wrote with a level above information.
        failures: what ended a client before its time.
    """

    seconds: float
    times: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: list[tuple[float, dict[str, Part]]] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    killed: int = 0
    log: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Load:
    """The clients of one run."""

    def __init__(self, address: str, token: str, outcome: Outcome) -> None:
        self.address = address
        self.outcome = outcome
        self.began = time.monotonic()
        self.over = threading.Event()
        self.token = token
        self._lock = threading.Lock()

    def ask(
        self, link: requests.Session, kind: str, method: str, path: str, **how: object
    ) -> requests.Response:
        """One request, counted."""
        begin = time.monotonic()
        answer = link.request(method, self.address + path, timeout=90, allow_redirects=False, **how)  # type: ignore[arg-type]
        took = (time.monotonic() - begin) * 1000
        with self._lock:
            self.outcome.times[kind].append((begin - self.began, took))
            self.outcome.statuses[kind, answer.status_code] += 1
        return answer

    def repeat(self, pause: float, work: Callable[[requests.Session, int], None]) -> threading.Thread:
        """Do something again and again, with a pause between, until the run is over."""

        def body() -> None:
            with requests.Session() as link:
                for number in itertools.count():
                    if self.over.wait(pause):
                        return
                    try:
                        work(link, number)
                    except (requests.RequestException, RuntimeError) as error:
                        self.outcome.failures.append(f"{work.__name__}: {error}")
                        return

        thread = threading.Thread(target=body)
        thread.start()
        return thread

    def page(self, link: requests.Session, number: int) -> None:
        """A page as everybody sees it; sometimes a file of it that is not remembered."""
        self.ask(link, "page", "GET", PAGES[number % len(PAGES)], headers={"Accept": "text/html"})

    def dated(self, link: requests.Session, number: int) -> None:
        """A page as of a day that nobody has asked for before."""
        day = f"{1990 + number % 35}-{number // 35 % 12 + 1:02}-15"
        path = DATED[number % len(DATED)]
        self.ask(link, "as of", "GET", f"{path}?asof={day}", headers={"Accept": "text/html"})

    def query(self, link: requests.Session, number: int) -> None:
        """A query: every second one is new to the cache."""
        text = QUERIES[number % len(QUERIES)] + (f" # {number}" if number % 2 else "")
        self.ask(link, "query", "POST", "/sparql", data={"query": text})

    def hostile(self, link: requests.Session, number: int) -> None:
        """A query that means harm."""
        text = f"{HOSTILE[number % len(HOSTILE)]} # {number}"
        self.ask(link, "hostile", "POST", "/sparql", data={"query": text})

    def commit(self, link: requests.Session, number: int) -> None:
        """A change through the gate, published, and read again."""
        head = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        text = f"Soak {number}"
        line = f'<{SUBJECT}> <{NOTE}> "{text}"@en <{GRAPH}> .\n'
        gone = f'<{SUBJECT}> <{NOTE}> "Soak {number - 1}"@en <{GRAPH}> .\n' if number else ""
        patch = "TX .\n" + (f"D {gone}" if gone else "") + f"A {line}TC .\n"
        made = self.ask(
            link, "propose", "POST", "/desk/proposals?title=Soak&reason=soak", data=patch.encode(),
            headers={**head, "Content-Type": "application/rdf-patch"},
        )  # fmt: skip
        if made.status_code != 202:
            raise RuntimeError(f"The change was not taken: {made.status_code} {made.text[:500]}")
        proposal = int(made.json()["proposal"])
        done = self.ask(
            link,
            "publish",
            "POST",
            f"/desk/proposals/{proposal}/publish",
            data={"text": "soak"},
            headers=head,
        )
        if done.status_code != 303:
            raise RuntimeError(f"It was not published: {done.status_code} {done.text[:500]}")
        self.outcome.acknowledged[text] = proposal
        begin = time.monotonic()
        asked = {"query": f'ASK {{ <{SUBJECT}> <{NOTE}> "{text}"@en }}', "format": "json"}
        while not link.post(self.address + "/sparql", data=asked, timeout=60).json()["boolean"]:
            if time.monotonic() - begin > 60:
                raise RuntimeError(f"{text} is not served.")
            time.sleep(0.05)
        self.outcome.times["until served"].append((begin - self.began, (time.monotonic() - begin) * 1000))


@contextmanager
def serving(workspace: Path, log: Path, processes: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server over the workspace; gives its process and address."""
    environment = {
        **os.environ, "PYTHONUNBUFFERED": "1", "KIZUNA_QUERY_SECONDS": "3", "KIZUNA_SECOND_PERSON": "0",
        "KIZUNA_LOG_FORMAT": "json", "KIZUNA_SLOW_QUERY_SECONDS": "0", "KIZUNA_METRICS": "all",
        "KIZUNA_CACHE_BYTES": os.environ.get("KIZUNA_CACHE_BYTES", "16000000"),  # full within minutes, so that only what should not grow does
    }  # fmt: skip
    command = [sys.executable, "-m", "kizuna.cli", "serve", "-w", str(workspace), "--port", "0"]
    with log.open("w") as written:
        process = subprocess.Popen(
            [*command, "--web-processes", str(processes)],
            env=environment, stdout=subprocess.PIPE, stderr=written, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            yield process, said[said.index("http://") :].split("/  ")[0]
        finally:
            process.terminate()
            process.communicate(timeout=60)


def prepare(source: Path, workspace: Path) -> str:
    """Copy a workspace and give it a ledger with one account; returns its token."""
    for room in ("ontology", "data", "shapes", "queries", "scenarios"):
        if (source / room).is_dir() and not (workspace / room).exists():
            shutil.copytree(source / room, workspace / room)
    ledger = Ledger(ledger_path(workspace))
    ledger.accounts.add("soak", "publisher")
    _, secret = ledger.accounts.add_token("soak", "soak", "publish", 1.0)
    ledger.close()
    return secret


def missing(workspace: Path, acknowledged: dict[str, int], served: str) -> list[str]:
    """Acknowledged texts that the ledger does not have in order, and the last one when it is not what is served.

    Raises:
        LedgerError: the ledger's chain of digests is broken.
    """
    ledger = Ledger(ledger_path(workspace))
    ledger.verify()
    held = {commit.proposal: commit for commit in ledger.commits()}
    ledger.close()
    lost = [
        text
        for text, number in acknowledged.items()
        if number not in held or f'"{text}"' not in held[number].patch
    ]
    revisions = [held[number].revision for number in acknowledged.values() if number in held]
    if revisions != sorted(revisions):
        lost.append("the order")
    last = next(reversed(acknowledged), "")
    return lost if served == last else [*lost, f"served is {served!r}, not {last!r}"]


def soak(
    source: Path, folder: Path, seconds: float, processes: int = 2, speed: float = 1.0, commits: int = 0
) -> Outcome:
    """Load a server over a copy of a workspace.

    Args:
        source: the workspace to copy.
        folder: for the copy and the log.
        seconds: how long.
        processes: web processes.
        speed: pauses between requests are divided by it.
        commits: goes on until the server has acknowledged so many, ten times as long at most.
    """
    workspace, outcome = folder / "workspace", Outcome(seconds)
    token = prepare(source, workspace)
    log = folder / "server.log"
    with serving(workspace, log, processes) as (process, address):
        load = Load(address, token, outcome)
        work = [
            (0.5, load.page),
            (0.5, load.query),
            (0.5, load.query),
            (12.0, load.dated),
            (5.0, load.hostile),
        ]
        threads = [load.repeat(pause / speed, one) for pause, one in [*work, (10.0, load.commit)]]
        try:
            while (now := time.monotonic() - load.began) < seconds or (
                len(outcome.acknowledged) < commits and not outcome.failures and now < 10 * seconds
            ):
                outcome.samples.append((now, parts(process.pid)))
                time.sleep(seconds / SAMPLES)
        finally:
            load.over.set()
            for thread in threads:
                thread.join()
        outcome.samples.append((time.monotonic() - load.began, parts(process.pid)))
        asked = f"SELECT ?text {{ GRAPH <{GRAPH}> {{ <{SUBJECT}> <{NOTE}> ?text }} }}"
        rows = requests.post(
            address + "/sparql", data={"query": asked, "format": "csv"}, timeout=60
        ).text.split("\r\n")
        outcome.killed = int(requests.get(address + "/health", timeout=30).json()["killed"])
    outcome.lost = missing(workspace, outcome.acknowledged, rows[1] if len(rows) > 1 else "")
    outcome.log = [line for line in log.read_text().splitlines() if '"level": "info"' not in line]
    return outcome


def quarters(times: list[tuple[float, float]], seconds: float) -> tuple[list[float], list[float]]:
    """The sorted values of the first and of the last quarter."""
    first = sorted(value for at, value in times if at < seconds / 4)
    last = sorted(value for at, value in times if at >= seconds * 3 / 4)
    return first, last


def report(outcome: Outcome) -> None:
    """Print what was seen."""
    print(
        f"{'minute':>7}"
        + "".join(f"{role + ' MB':>17}" for role in ROLES)
        + f"{'all MB':>9}{'processes':>11}{'files':>7}{'threads':>9}"
    )
    step = max(1, len(outcome.samples) // SHOWN)
    for at, held in [*outcome.samples[:-1:step], outcome.samples[-1]]:
        cells = "".join(f"{held.get(role, Part()).megabytes:17.0f}" for role in ROLES)
        whole = [
            sum(getattr(part, name) for part in held.values())
            for name in ("megabytes", "processes", "files", "threads")
        ]
        print(f"{at / 60:7.1f}{cells}{whole[0]:9.0f}{whole[1]:11}{whole[2]:7}{whole[3]:9}")
    print(f"\n{'memory, median MB':20}{'2nd quarter':>12}{'4th quarter':>12}{'MB an hour':>12}")
    for role in ROLES:
        line = [(at, held.get(role, Part()).megabytes) for at, held in outcome.samples]
        second = [value for at, value in line if outcome.seconds / 4 <= at < outcome.seconds / 2]
        fourth = [value for at, value in line if at >= outcome.seconds * 3 / 4]
        if second and fourth:
            before, after = statistics.median(second), statistics.median(fourth)
            print(
                f"{role:20}{before:12.1f}{after:12.1f}{(after - before) / (outcome.seconds / 2) * 3600:12.1f}"
            )
    print(
        f"\n{'ms':14}{'requests':>9}{'p50 first':>11}{'last':>8}{'p95 first':>11}{'last':>8}{'drift p50':>11}"
    )
    for kind, times in sorted(outcome.times.items()):
        first, last = quarters(times, outcome.seconds)
        if first and last:
            middle = [statistics.median(part) for part in (first, last)]
            worst = [part[int(0.95 * (len(part) - 1))] for part in (first, last)]
            print(
                f"{kind:14}{len(times):9}{middle[0]:11.1f}{middle[1]:8.1f}{worst[0]:11.1f}{worst[1]:8.1f}{middle[1] / middle[0]:10.2f}×"
            )
    answers = ", ".join(
        f"{kind} {status}: {count}" for (kind, status), count in sorted(outcome.statuses.items())
    )
    print(f"\nanswers: {answers}")
    print(f"commits acknowledged: {len(outcome.acknowledged)}, lost: {len(outcome.lost)} {outcome.lost[:5]}")
    print(f"clients that gave up: {outcome.failures or 'none'}")
    print(f"workers ended by a limit: {outcome.killed}")
    print(f"warnings in the log: {len(outcome.log)}")
    for line, count in Counter(
        line[line.find('"level"') :].split(', "request_id"')[0][:200] for line in outcome.log
    ).most_common(5):
        print(f"  {count} × {line}")


def run() -> None:
    """Load a server for KIZUNA_SOAK_MINUTES (1) minutes over a copy of the repository's own data."""
    with tempfile.TemporaryDirectory() as folder:
        report(soak(ROOT, Path(folder), float(os.environ.get("KIZUNA_SOAK_MINUTES", "1")) * 60))


if __name__ == "__main__":
    run()
