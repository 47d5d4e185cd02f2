"""What changed: spans, what they are about, and the Atom feed of the same."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

ATOM = "{http://www.w3.org/2005/Atom}"


def nodes(client: FlaskClient, query: str) -> list[str]:
    lines = client.get(f"/changes.json?{query}").get_json()["page"]["lines"]
    return [f"{c['node'].rsplit('/', 1)[1]}:{c['side']}" for c in lines]


def test_a_span_holds_its_days_and_no_others(client: FlaskClient) -> None:
    found = nodes(client, "from=2024-07-08&to=2025-09-11")
    assert "agreement-jp-ph-raa-signed-2024-07-08:event" in found
    assert "agreement-jp-ph-raa-in-force-2025-09-11:event" in found
    assert "agreement-jp-ph-raa-signed-2024-07-08:event" not in nodes(client, "from=2024-07-09&to=2025-09-10")
    assert "agreement-jp-ph-raa-in-force-2025-09-11:event" not in nodes(
        client, "from=2024-07-09&to=2025-09-10"
    )


def test_places_taken_and_left_are_changes(client: FlaskClient) -> None:
    found = nodes(client, "from=2016-01-01&to=2017-12-31")
    assert "cptpp-usa-signatory:from" in found
    assert "cptpp-usa-signatory:to" in found
    html = client.get("/changes?from=2016-01-01&to=2017-12-31&lang=en").text
    assert "no longer" in html


def test_changes_are_about_an_actor_a_framework_or_a_domain(client: FlaskClient) -> None:
    span = "from=1900-01-01&to=2026-11-01"
    actor = nodes(client, f"{span}&about=state/PHL")
    assert "agreement-jp-ph-raa-signed-2024-07-08:event" in actor
    assert "cptpp-phl-applicant:from" in actor
    assert not any("jp-au" in node for node in actor)
    framework = nodes(client, f"{span}&about=framework/quad")
    assert "framework-quad-founded-2007-05:event" in framework
    assert not any("cptpp" in node for node in framework)
    domain = nodes(client, f"{span}&about=domain/security")
    assert "agreement-jp-ph-raa-signed-2024-07-08:event" in domain, "what lies below a domain counts"
    assert not any("agreement-cptpp" in node for node in domain)


def test_the_newest_comes_first_and_a_filter_narrows(client: FlaskClient) -> None:
    page = client.get("/changes.json?from=1900-01-01&to=2026-11-01&kind=signed").get_json()["page"]
    dates = [c["date"]["date"] for c in page["lines"]]
    assert dates == sorted(dates, reverse=True)
    assert {c["kind"]["iri"].rsplit("/", 1)[1] for c in page["lines"]} == {"signed"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-01-02&to=2026-01-01", 400),
        ("from=x", 400),
        ("about=source/ministry-raa", 400),
        ("about=state/", 400),
        ("about=state/XXX", 404),
        ("about=state/%3Cb%3E", 404),
        ("start=-1", 400),
    ],
)
def test_what_cannot_be_asked_is_refused(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/changes?{query}").status_code == status


def feed(client: FlaskClient, query: str = "") -> ElementTree.Element:
    answer = client.get(f"/changes.atom?{query}")
    assert answer.mimetype == "application/atom+xml"
    return ElementTree.fromstring(answer.data)  # noqa: S314 - our own answer


@pytest.mark.parametrize(
    "query", ["", "about=state/PHL&lang=ja", "about=framework/cptpp", "about=domain/security&asof=2020-01-01"]
)
def test_the_feed_is_valid_atom(client: FlaskClient, query: str) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: what must be there, once, and in which form."""
    root = feed(client, query)
    assert root.tag == f"{ATOM}feed"
    for holder in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            found = holder.findall(f"{ATOM}{name}")
            assert len(found) == 1, name
            assert found[0].text
        assert re.fullmatch(r"https://w3id\.org/kizuna/\S+", holder.findtext(f"{ATOM}id") or "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", holder.findtext(f"{ATOM}updated") or "")
    links = {link.get("rel"): link.get("href", "") for link in root.findall(f"{ATOM}link")}
    assert links["self"].startswith("http://localhost/changes.atom")
    assert links["alternate"].startswith("http://localhost/changes")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None, "an entry without an author needs the feed's"
    ids = [e.findtext(f"{ATOM}id") for e in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) > 0
    for entry in root.findall(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}link[@rel='alternate']") is not None


def test_identifiers_stay_and_the_same_view_gives_the_same_feed(client: FlaskClient) -> None:
    first = client.get("/changes.atom?asof=2026-01-01").data
    assert client.get("/changes.atom?asof=2026-01-01").data == first
    earlier = {e.findtext(f"{ATOM}id") for e in feed(client, "asof=2025-10-01")}
    later = {e.findtext(f"{ATOM}id") for e in feed(client, "asof=2026-06-01")}
    assert earlier - {None} - later <= {f"{'https://w3id.org/kizuna/'}feed/changes/all/ja"}


def test_pages_link_to_their_feed(client: FlaskClient) -> None:
    assert "/changes.atom?about=state/PHL" in client.get("/actors/state/PHL?lang=en").text.replace("%2F", "/")
    html = client.get("/changes?about=framework/quad&lang=en").text.replace("%2F", "/")
    assert re.search(r'<link rel="alternate" type="application/atom\+xml"[^>]*about=framework/quad', html)
