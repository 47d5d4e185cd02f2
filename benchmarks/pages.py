"""How long the server takes for each kind of page, what a first view weighs, and how it feels in a real browser.

One server over the repository's own data on loopback; its shared tables are read, as some seconds after it was started.
Of each kind of page, up to 24 are taken evenly from its list. "First" is the first request of a page in this view: its
queries are asked and it is made. "Anew" is the page made again from remembered answers (a cookie keeps the memory of
finished pages out of it), "memory" what every further reader waits for. "Processor" is the time of all of the server's processes for a page, first and anew, on
average: unlike the other times it says little of what else the machine is doing. No request carries an ETag. Weights are gzip
level 6 of a page and of all that it loads from this server, of the heaviest page of its kind. In the browser: times of
the Navigation Timing API, and the long tasks (over 50 ms) of the main thread.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

from tests.support.chromium import chromium

from benchmarks.processes import tree
from benchmarks.serving import free_port, wait_for

ROOT = Path(__file__).parents[1]
SAMPLE = 24
TIMES = 3
SETTLED = 8.0
AIM_MS = 30.0
AIM_BYTES = 200_000

ONE = {
    "home": ("/",),
    "lists": ("/actors", "/frameworks", "/agreements", "/domains", "/activities", "/instruments", "/sources"),
    "agenda": ("/recommendations",),
    "map": ("/map", "/map?by=framework/cptpp", "/map?by=kind/TaxTreaty"),
    "matrix": ("/matrix", "/matrix?by=domain", "/matrix?framework=g7"),
    "timeline": ("/timeline", "/timeline?actor=state/PHL", "/timeline?what=ended"),
    "calendar": ("/calendar",),
    "search": ("/search?q=acsa", "/search?q=%E6%97%A5%E8%8B%B1%E4%BC%8A", "/search?q=phillipines"),
    "suggestions": ("/search.json?q=phil&most=0",),
    "what changed": ("/changes", "/changes?from=2024-01-01"),
    "Atom feed": ("/changes.atom",),
    "ways": ("/paths/LTU/PHL", "/paths/USA/IRN"),
    "scenarios": ("/scenarios",),
    "graph": ("/graph-view?thing=id/state/JPN", "/graph-view?thing=id/framework/quad"),
    "graph, 1000 nodes": ("/graph-view?thing=id/state/JPN&most=1000",),
}
"""Kinds of which there are few pages."""

FROM_LISTS = {
    "country": ("/actors.json", r"id/(state/[A-Z]{3})", "/actors/{}"),
    "other actor": (
        "/actors.json",
        r"id/((?:public-body|company|international-organisation)/[\w-]+)",
        "/actors/{}",
    ),
    "framework": ("/frameworks.json", r"id/framework/([\w-]+)", "/frameworks/{}"),
    "agreement": ("/agreements.json", r"id/agreement/([\w-]+)", "/agreements/{}"),
    "domain": ("/domains.json", r"id/domain/([\w-]+)", "/domains/{}"),
    "activity": ("/activities.json", r"id/activity/([\w-]+)", "/activities/{}"),
    "instrument": ("/instruments.json", r"id/instrument/([\w-]+)", "/instruments/{}"),
    "recommendation": ("/recommendations.json", r"id/recommendation/([\w-]+)", "/recommendations/{}"),
    "source": ("/sources.json", r"id/source/([\w-]+)", "/sources/{}"),
    "pair": ("/matrix.json", r"id/state/((?!JPN)[A-Z]{3})", "/pairs/JPN/{}"),
    "briefing, actor": ("/matrix.json", r"id/(state/[A-Z]{3})", "/briefing/actors/{}"),
    "briefing, framework": ("/frameworks.json", r"id/framework/([\w-]+)", "/briefing/frameworks/{}"),
}
"""Kinds of which there are many: where they are listed, what names them there, their address."""

FULLEST = {
    "country": ("/actors/state/USA", "/actors/state/JPN"),
    "framework": ("/frameworks/un",),
    "domain": ("/domains/security",),
}
HEAVY = {"map", "graph", "graph, 1000 nodes"}
IN_BROWSER = {
    "home": "/",
    "country": "/actors/state/PHL",
    "country with most ties": "/actors/state/USA",
    "pair": "/pairs/JPN/PHL",
    "matrix": "/matrix",
    "timeline": "/timeline",
    "map": "/map",
    "graph": "/graph-view?thing=id/state/JPN",
    "graph, 1000 nodes": "/graph-view?thing=id/state/JPN&most=1000",
}
_LOADED = re.compile(r'(?:src|href)="(/static/build/[^"]+\.(?:js|css|svg|json))"')

OBSERVE = """
window.longTasks = [];
new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(e => e.duration)))
  .observe({type: 'longtask', buffered: true});
"""


@dataclass(slots=True)
class Taken:
    """Milliseconds of one kind of page, and the bytes of its heaviest first view."""

    first: list[float] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    processor_first: float = 0.0
    processor_anew: float = 0.0
    heaviest: int = 0


def timed(link: HTTPConnection, path: str, anew: bool = False) -> tuple[float, int, bytes]:
    """Milliseconds, status and body of one request."""
    headers = {
        "Accept": "text/html,*/*;q=0.5",
        "Accept-Language": "ja",
        **({"Cookie": "a=b"} if anew else {}),
    }
    began = time.perf_counter()
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    body = answer.read()
    return (time.perf_counter() - began) * 1000, answer.status, body


def weight(link: HTTPConnection, body: bytes, seen: dict[str, int]) -> int:
    """Compressed size of a page with all scripts and styles it names."""
    total = len(gzip.compress(body, 6))
    for asset in dict.fromkeys(_LOADED.findall(body.decode("utf-8", "replace"))):
        if asset not in seen:
            seen[asset] = len(gzip.compress(timed(link, asset)[2], 6))
        total += seen[asset]
    return total


def addresses(link: HTTPConnection) -> dict[str, tuple[str, ...]]:
    """The pages to ask for, by kind."""
    found = dict(ONE)
    for kind, (where, pattern, address) in FROM_LISTS.items():
        named = list(dict.fromkeys(re.findall(pattern, timed(link, where)[2].decode("utf-8"))))
        step = max(1, len(named) / SAMPLE)
        chosen = [address.format(named[int(i * step)]) for i in range(min(SAMPLE, len(named)))]
        found[kind] = tuple(dict.fromkeys((*chosen, *FULLEST.get(kind, ()))))
    return found


def at(times: Sequence[float], share: float) -> float:
    """The time that this share of the requests stays under."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def line(name: str, pages: int, taken: Taken) -> str:
    """One line of the table, in Markdown."""
    cells = (
        f"{statistics.median(t):.1f} / {at(t, 0.95):.1f}" for t in (taken.first, taken.anew, taken.memory)
    )
    processor = (
        f"{taken.processor_first / pages:.1f} / {taken.processor_anew / pages / TIMES:.1f}" if pages else ""
    )
    weight_kb = f"{taken.heaviest / 1000:.0f}" if taken.heaviest else ""
    return f"| {name} | {pages} | {' | '.join(cells)} | {processor} | {weight_kb} |"


def processor_ms(server: int) -> float:
    """Processor time so far of a server with all its processes, in milliseconds (Linux: schedstat of every thread)."""
    total = 0
    for pid in tree(server):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(thread.read_text("ascii").split()[0])
            except OSError:  # it ended meanwhile
                continue
    return total / 1e6


def on_the_server(port: int, server: int) -> None:
    """Print the table of server times and weights."""
    link = HTTPConnection("127.0.0.1", port, timeout=120)
    state = json.loads(timed(link, "/health")[2])
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ",
        end="",
    )
    print(f"Python {sys.version.split()[0]}, {state.get('quads')} quads\n")
    print(
        "| kind | pages | first p50 / p95 ms | anew p50 / p95 ms | memory p50 / p95 ms | processor ms | heaviest first view, kB |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    seen: dict[str, int] = {}
    whole, late, fat = Taken(), [], []
    for kind, paths in addresses(link).items():
        taken, good = Taken(), []
        began = processor_ms(server)
        for path in paths:
            first, status, body = timed(link, path)
            if status == 200:
                taken.first.append(first)
                good.append((path, body))
            else:
                print(f"{path} answered {status}", file=sys.stderr)
        taken.processor_first = processor_ms(server) - began
        began = processor_ms(server)
        taken.anew = [timed(link, path, anew=True)[0] for path, _ in good for _ in range(TIMES)]
        taken.processor_anew = processor_ms(server) - began
        taken.memory = [timed(link, path)[0] for path, _ in good for _ in range(TIMES)]
        taken.heaviest = max(weight(link, body, seen) for _, body in good)
        print(line(kind, len(taken.first), taken), flush=True)
        if at(taken.anew, 0.95) > AIM_MS:
            late.append(kind)
        if taken.heaviest > AIM_BYTES and kind not in HEAVY:
            fat.append(kind)
        for own, of in ((whole.first, taken.first), (whole.anew, taken.anew), (whole.memory, taken.memory)):
            own += of
        whole.processor_first += taken.processor_first
        whole.processor_anew += taken.processor_anew
    print(line("**all**", len(whole.first), whole))
    print(f"\nKinds made anew slower than {AIM_MS:.0f} ms at p95: {_listed(late)}. ", end="")
    print(
        f"Kinds heavier than {AIM_BYTES // 1000} kB: {_listed(fat)}. Load at the end {os.getloadavg()[0]:.1f}."
    )


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(kinds) or "none"


def in_the_browser(port: int) -> None:
    """Print navigation timing and long tasks of some pages, each in a new browser context."""
    print("\n| page | first byte ms | DOM ready | load | usable | long tasks | their sum ms | nodes |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    with chromium() as browser:
        for name, path in IN_BROWSER.items():
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(OBSERVE)
            page.goto(f"http://127.0.0.1:{port}{path}", wait_until="load", timeout=60_000)
            usable = page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
            )
            page.wait_for_timeout(1500)
            timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
            tasks = page.evaluate("window.longTasks")
            nodes = page.evaluate("globalThis.kizunaGraph ? kizunaGraph.nodes.length : 0")
            times = (
                timing["responseStart"],
                timing["domContentLoadedEventEnd"],
                timing["loadEventEnd"],
                usable,
            )
            cells = " | ".join(f"{t:.0f}" for t in times)
            print(f"| {name} | {cells} | {len(tasks)} | {sum(tasks):.0f} | {nodes or ''} |")
            page.close()


def main() -> None:
    """Start a server, measure, end it."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "kizuna.cli", "serve", "--port", str(port), "--workspace", str(ROOT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, "/", 180.0)
        time.sleep(SETTLED)
        on_the_server(port, server.pid)
        in_the_browser(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


if __name__ == "__main__":
    main()
