"""A sound but hostile world: names that carry markup, run on for 300 characters or from right to left, and an actor with 3,000 ties."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from tests.support.world import ROOT, WatchedEngine

NS = "https://w3id.org/kizuna/ns#"
ID = "https://w3id.org/kizuna/id/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")

MARKUP = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script></script>\'"&amp; {{7*7}} %(thing)s ${8*8}'
LONG = "Unbreakable" * 28
RTL = "مملكة ‮gnihsup sdrawkcab‬ עברית 100%"
NEWLINES = "First line\nsecond line\t\u200b\u2028third 👩‍👩‍👧‍👦"
NAMES = {"MARK": MARKUP, "LONG": LONG[:300], "RTLX": RTL, "LINE": NEWLINES}
TIES = 3000


def _kind(word: str) -> NamedNode:
    return NamedNode(NS + word)


class _Facts:
    def __init__(self) -> None:
        self.quads: list[Quad] = []

    def put(self, subject: str, predicate: str, *values: NamedNode | Literal) -> None:
        self.quads.extend(Quad(NamedNode(ID + subject), NamedNode(predicate), value) for value in values)

    def thing(self, subject: str, kind: str, label: str | None) -> None:
        self.quads.append(Quad(NamedNode(ID + subject), TYPE, _kind(kind)))
        if label is not None:
            self.put(
                subject, SKOS + "prefLabel", Literal(label, language="ja"), Literal(label, language="en")
            )

    def event(self, thing: str, kind: str, day: str) -> None:
        node = f"event/{thing.replace('/', '-')}-{kind}"
        self.quads.append(Quad(NamedNode(ID + node), TYPE, _kind("LifeCycleEvent")))
        self.put(node, NS + "eventOf", NamedNode(ID + thing))
        self.put(node, NS + "eventKind", NamedNode(f"{ID}event-kind/{kind}"))
        self.put(node, NS + "date", Literal(day, datatype=DATE))
        self.put(node, NS + "precision", NamedNode(ID + "precision/day"))
        self.put(node, NS + "evidence", NamedNode(ID + "evidence/hostile"))
        self.put(node, SKOS + "note", Literal(MARKUP, language="en"), Literal(RTL, language="ja"))


def facts() -> list[Quad]:
    """The quads of the hostile world."""
    f = _Facts()
    region = NamedNode(ID + "region/eastern-asia")
    for slug, label in {"HUB": "Hub", **NAMES}.items():
        f.thing(f"state/{slug}", "State", label)
        f.put(f"state/{slug}", NS + "iso3", Literal(slug[:3]))
        f.put(f"state/{slug}", NS + "region", region)
        f.put(
            f"state/{slug}", SKOS + "altLabel", Literal(MARKUP, language="en"), Literal(LONG, language="ja")
        )
    f.thing("state/LONE", "State", "Lone")
    f.thing("state/MUTE", "State", None)
    hub, domain = NamedNode(ID + "state/HUB"), NamedNode(ID + "domain/security")
    others = list(NAMES)
    for number in range(TIES // 2):
        slug = f"agreement/a{number}"
        f.thing(
            slug,
            "ReciprocalAccessAgreement" if number % 2 else "TaxTreaty",
            f"{list(NAMES.values())[number % 4]} {number}",
        )
        f.put(slug, NS + "party", hub, NamedNode(f"{ID}state/{others[number % 4]}"))
        f.put(slug, NS + "domain", domain)
        f.put(slug, NS + "legalWeight", NamedNode(ID + "legal-weight/treaty"))
        f.event(slug, "in-force", f"{1950 + number % 70}-0{1 + number % 9}-11")
    for number in range(TIES // 2):
        slug = f"framework/f{number}"
        f.thing(slug, "Minilateral", f"{list(NAMES.values())[number % 4]} {number}")
        for actor in ("HUB", others[number % 4]):
            node = f"participation/f{number}-{actor.lower()}-member"
            f.thing(node, "Participation", None)
            f.put(node, NS + "framework", NamedNode(ID + slug))
            f.put(node, NS + "participant", NamedNode(f"{ID}state/{actor}"))
            f.put(node, NS + "role", NamedNode(ID + "role/member"))
            f.put(node, NS + "evidence", NamedNode(ID + "evidence/hostile"))
    f.thing("activity/x", "SecurityAssistance", MARKUP)
    f.put("activity/x", NS + "provider", hub)
    f.put("activity/x", NS + "recipient", NamedNode(ID + "state/MARK"))
    f.put("activity/x", NS + "item", Literal(MARKUP, language="en"), Literal(LONG, language="ja"))
    f.event("activity/x", "agreed", "2020-02-02")
    f.thing("instrument/x", "Law", RTL)
    f.put("instrument/x", NS + "issuer", hub)
    f.event("instrument/x", "adopted", "2019-02-02")
    f.thing("recommendation/x", "Recommendation", MARKUP)
    f.put("recommendation/x", NS + "number", Literal("1"))
    f.thing("negotiation/x", "Negotiation", LONG)
    f.put("negotiation/x", NS + "party", hub, NamedNode(ID + "state/LONG"))
    f.put("negotiation/x", NS + "agreementKind", _kind("TaxTreaty"))
    f.event("negotiation/x", "talks-opened", "2021-02-02")
    f.thing("source/x", "Source", None)
    f.put("source/x", "http://purl.org/dc/terms/title", Literal(MARKUP, language="en"))
    f.put("source/x", "http://purl.org/dc/terms/publisher", Literal(RTL))
    f.put("source/x", NS + "address", NamedNode("javascript:window.pwned=3"))
    f.thing("evidence/hostile", "Evidence", None)
    f.put("evidence/hostile", NS + "source", NamedNode(ID + "source/x"))
    f.put("evidence/hostile", NS + "locator", Literal(MARKUP))
    f.thing("closed-list/x", "ClosedList", None)
    f.put("closed-list/x", NS + "principal", hub)
    f.put("closed-list/x", NS + "agreementKind", _kind("ReciprocalAccessAgreement"))
    return f.quads


def start_hostile(folder: Path) -> WatchedEngine:
    """Start a real engine over the hostile world, with the product's own ontology."""
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    data = folder / "data"
    data.mkdir()
    triples = (quad.triple for quad in facts())
    (data / "hostile.ttl").write_bytes(serialize(triples, format=RdfFormat.TURTLE) or b"")
    return WatchedEngine(start_embedded(EngineConfig(workspace=folder)))
