"""How long the server takes for each kind of page, what a first view weighs, and how it feels in a real browser.

One server over the repository's own data on loopback. Cold is the first request of a page in a warm server. "Anew" is the
page made again from remembered answers of its queries (a cookie keeps the memory of finished pages out of it), "again" is
what the second and every further reader waits for. No request carries an ETag. Weights are gzip level 6 of the page and of all that it loads from this
server. In the browser: times of the Navigation Timing API, and the long tasks (over 50 ms) of the main thread.
"""

from __future__ import annotations

import gzip
import re
import signal
import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.serving import free_port, wait_for

ROOT = Path(__file__).parents[1]
REQUESTS = 40
AIM_MS = 30.0
AIM_BYTES = 200_000
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]

PAGES = {
    "home": "/",
    "actors": "/actors",
    "country": "/actors/state/PHL",
    "country with most ties": "/actors/state/USA",
    "principal": "/actors/state/JPN",
    "frameworks": "/frameworks",
    "framework": "/frameworks/cptpp",
    "large framework": "/frameworks/un",
    "agreements": "/agreements",
    "agreement": "/agreements/jp-ph-raa",
    "domains": "/domains",
    "domain": "/domains/security",
    "activities": "/activities",
    "instruments": "/instruments",
    "agenda": "/recommendations",
    "recommendation": "/recommendations/p1",
    "sources": "/sources",
    "map": "/map",
    "matrix": "/matrix",
    "pair": "/pairs/JPN/PHL",
    "timeline": "/timeline",
    "calendar": "/calendar",
    "graph": "/graph-view?thing=id/state/JPN",
    "graph, 1000 nodes": "/graph-view?thing=id/state/JPN&most=1000",
    "search": "/search?q=acsa",
    "suggestions": "/search.json?q=phil&most=0",
    "briefing, actor": "/briefing/actors/state/PHL",
    "briefing, framework": "/briefing/frameworks/cptpp",
    "what changed": "/changes",
    "Atom feed": "/changes.atom",
    "ways": "/paths/LTU/PHL",
}
HEAVY = {"map", "graph", "graph, 1000 nodes"}
IN_BROWSER = ("home", "country", "matrix", "map", "graph, 1000 nodes")
_LOADED = re.compile(r'(?:src|href)="(/static/build/[^"]+\.(?:js|css|svg|json))"')

OBSERVE = """
window.longTasks = [];
new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(e => e.duration)))
  .observe({type: 'longtask', buffered: true});
"""


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


def on_the_server(port: int) -> None:
    """Print the table of server times and weights."""
    link = HTTPConnection("127.0.0.1", port, timeout=120)
    timed(link, "/health")
    seen: dict[str, int] = {}
    print(
        f"{'ms':24}{'cold':>8}{'anew p50':>10}{'p95':>7}{'again p50':>11}{'p95':>7}{'kB':>8}{'first view kB':>15}"
    )
    late, fat = [], []
    for name, path in PAGES.items():
        cold, status, body = timed(link, path)
        if status != 200:
            print(f"{name:24} answered {status}")
            continue
        anew, again = (
            sorted(timed(link, path, anew=made)[0] for _ in range(REQUESTS)) for made in (True, False)
        )
        place = int(0.95 * REQUESTS) - 1
        first = weight(link, body, seen)
        if again[place] > AIM_MS:
            late.append(name)
        if first > AIM_BYTES and name not in HEAVY:
            fat.append(name)
        print(
            f"{name:24}{cold:8.0f}{statistics.median(anew):10.1f}{anew[place]:7.1f}"
            f"{statistics.median(again):11.1f}{again[place]:7.1f}{len(body) / 1000:8.0f}{first / 1000:15.1f}"
        )
    print(f"slower than {AIM_MS:.0f} ms at p95: {', '.join(late) or 'none'}")
    print(f"heavier than {AIM_BYTES // 1000} kB: {', '.join(fat) or 'none'}")


def in_the_browser(port: int) -> None:
    """Print navigation timing and long tasks of some pages."""
    from playwright.sync_api import sync_playwright

    print(
        f"{'page':24}{'first byte':>11}{'DOM ready':>11}{'load':>8}{'usable':>8}{'long tasks':>12}{'sum ms':>8}{'nodes':>7}"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in IN_BROWSER:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(OBSERVE)
            page.goto(f"http://127.0.0.1:{port}{PAGES[name]}", wait_until="load", timeout=60_000)
            usable = page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
            )
            page.wait_for_timeout(1500)
            timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
            tasks = page.evaluate("window.longTasks")
            nodes = page.evaluate("globalThis.kizunaGraph ? kizunaGraph.nodes.length : 0")
            print(
                f"{name:24}{timing['responseStart']:11.0f}{timing['domContentLoadedEventEnd']:11.0f}"
                f"{timing['loadEventEnd']:8.0f}{usable:8.0f}{len(tasks):12}{sum(tasks):8.0f}{nodes:7}"
            )
            page.close()
        browser.close()


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
        on_the_server(port)
        print()
        in_the_browser(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


if __name__ == "__main__":
    main()
