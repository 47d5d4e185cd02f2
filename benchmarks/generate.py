"""Makes up facts of our ontology's shape, as many as wanted and the same every time.

    python -m benchmarks.generate 50000 > facts.nq          one N-Quads file
    python -m benchmarks.generate 50000 --workspace DIR     a workspace: our ontology and shapes with these facts

States, organisations, frameworks, dated participations, agreements of all kinds with their events, negotiations
and activities, each with evidence, labels and domains, in proportions like those of the real data.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store

from kizuna.workspace.load import load_rules
from kizuna.workspace.names import DCTERMS, GRAPH, ID, NS, RDF, SKOS, XSD

ROOT = Path(__file__).resolve().parents[1]
FRAMEWORKS = [
    "Alliance",
    "Minilateral",
    "TreatyOrganisation",
    "DevelopmentBank",
    "RegionalForum",
    "InformalGroup",
    "TradeFramework",
    "ExportControlRegime",
    "Dialogue",
    "Initiative",
    "TreatyRegime",
]
AGREEMENTS = [
    "MutualDefenceTreaty",
    "StatusOfForcesAgreement",
    "ReciprocalAccessAgreement",
    "AcquisitionAndCrossServicingAgreement",
    "InformationSecurityAgreement",
    "DefenceEquipmentTransferAgreement",
    "EconomicPartnershipAgreement",
    "InvestmentTreaty",
    "TaxTreaty",
    "SocialSecurityAgreement",
    "CustomsAgreement",
    "AirServicesAgreement",
    "ScienceTechnologyAgreement",
    "MutualLegalAssistanceTreaty",
    "CulturalAgreement",
    "StrategicPartnershipDeclaration",
    "JointStatement",
    "DefenceExchangeMemorandum",
    "EnergyMemorandum",
    "OfficialSecurityAssistanceNote",
]
WEIGHTS = (
    "treaty",
    "treaty",
    "treaty",
    "executive-agreement",
    "memorandum",
    "joint-statement",
    "exchange-of-notes",
)
ROLES = ("member",) * 8 + (
    "founding-member",
    "observer",
    "partner",
    "dialogue-partner",
    "applicant",
    "signatory",
)
ACTIVITIES = [
    "Project",
    "Transfer",
    "SecurityAssistance",
    "Programme",
    "Facility",
    "Meeting",
    "Exercise",
    "Measure",
    "Investment",
]
DOMAINS = [
    "deterrence",
    "cyber",
    "logistics",
    "training-and-access",
    "defence-equipment",
    "critical-minerals",
    "semiconductors",
    "lng",
    "hydrogen",
    "supply-chains",
    "quantum",
    "space",
    "tariffs",
    "market-access",
    "digital-trade",
    "infrastructure",
    "health",
    "fisheries",
    "mobility",
    "rule-of-law",
    "criminal-justice",
    "culture-and-exchange",
    "taxation",
    "social-security",
]
PRECISIONS = ("day",) * 7 + ("month", "month", "year")

Line = str


class Generator:
    """A stream of N-Quads statements about made-up things.

    Args:
        triples: how many statements, give or take those of the last thing.
        seed: equal seeds give equal streams.
    """

    def __init__(self, triples: int, seed: int = 1) -> None:
        self.triples = triples
        self.random = random.Random(seed)
        self.made = 0
        self.actors: list[str] = []
        self.frameworks: list[str] = []
        self.agreements: list[str] = []
        self.sources = 0

    def lines(self) -> Iterator[Line]:
        """The statements, one a line."""
        for line in self._all():
            self.made += 1
            yield line

    def _all(self) -> Iterator[Line]:
        for number in range(max(60, min(2000, self.triples // 250))):
            yield from self._actor(number)
        for number in range(max(10, self.triples // 1500)):
            yield from self._framework(number)
        agreement = activity = negotiation = 0
        while self.made < self.triples:
            chance = self.random.random()
            if chance < 0.52:
                yield from self._participation()
            elif chance < 0.86:
                yield from self._agreement(agreement)
                agreement += 1
            elif chance < 0.95:
                yield from self._activity(activity)
                activity += 1
            else:
                yield from self._negotiation(negotiation)
                negotiation += 1

    # Things ---------------------------------------------------------------------------------------------

    def _actor(self, number: int) -> Iterator[Line]:
        kind = "State" if number % 8 else "Economy"
        iri = f"{ID}{kind.lower()}/X{number:04d}"
        self.actors.append(iri)
        yield from self._named(iri, kind, f"国{number}", f"Country {number}", "actors/states")
        yield self._text(iri, NS + "iso3", f"X{number:04d}", "actors/states")

    def _framework(self, number: int) -> Iterator[Line]:
        iri, graph = f"{ID}framework/f{number}", "frameworks/frameworks"
        self.frameworks.append(iri)
        kind = self.random.choice(FRAMEWORKS)
        yield from self._named(iri, kind, f"枠組み{number}", f"Framework {number}", graph)
        for domain in self.random.sample(DOMAINS, 2):
            yield self._edge(iri, NS + "domain", f"{ID}domain/{domain}", graph)
        yield from self._event(iri, "founded", self._day(1950, 1990), None, "frameworks/events")

    def _participation(self) -> Iterator[Line]:
        actor, framework = self.random.choice(self.actors), self.random.choice(self.frameworks)
        role, graph = self.random.choice(ROLES), "frameworks/participations"
        begin = self._day(1990, 2026)
        iri = f"{ID}participation/p{self.made}"
        yield self._edge(iri, RDF + "type", NS + "Participation", graph)
        yield self._edge(iri, NS + "participant", actor, graph)
        yield self._edge(iri, NS + "framework", framework, graph)
        yield self._edge(iri, NS + "role", f"{ID}role/{role}", graph)
        yield from self._dated(iri, "from", begin, graph)
        if self.random.random() < 0.06:
            yield from self._dated(iri, "to", self._day(int(begin[:4]) + 1, 2030), graph)
        yield from self._evidence(iri, graph)

    def _agreement(self, number: int) -> Iterator[Line]:
        iri, graph = f"{ID}agreement/a{number}", f"agreements/part{number % 8}"
        kind, weight = self.random.choice(AGREEMENTS), self.random.choice(WEIGHTS)
        wide = self.random.random() < 0.03
        parties = self.random.sample(self.actors, self.random.randint(5, 24) if wide else 2)
        yield from self._named(iri, kind, f"協定{number}", f"Agreement {number}", graph)
        yield self._edge(iri, NS + "legalWeight", f"{ID}legal-weight/{weight}", graph)
        for party in parties:
            yield self._edge(iri, NS + "party", party, graph)
        if self.random.random() < 0.5:
            yield self._edge(iri, NS + "domain", f"{ID}domain/{self.random.choice(DOMAINS)}", graph)
        if self.agreements and self.random.random() < 0.04:
            yield self._edge(iri, NS + "replaces", self.random.choice(self.agreements), graph)
        self.agreements.append(iri)
        signed, events = self._day(1955, 2025), graph.replace("agreements", "events")
        yield from self._event(iri, "signed", signed, None, events)
        later = self._day(int(signed[:4]) + 1, 2028)
        if weight in ("treaty", "executive-agreement") and self.random.random() < 0.9:
            if wide:
                for party in parties:
                    yield from self._event(iri, "in-force", later, party, events)
            else:
                yield from self._event(iri, "in-force", later, None, events)
            if self.random.random() < 0.08:
                yield from self._event(iri, "terminated", self._day(int(later[:4]) + 1, 2030), None, events)
        yield from self._evidence(iri, graph)

    def _negotiation(self, number: int) -> Iterator[Line]:
        iri, graph = f"{ID}negotiation/n{number}", "agreements/negotiations"
        yield from self._named(iri, "Negotiation", f"交渉{number}", f"Talks {number}", graph)
        yield self._edge(iri, NS + "agreementKind", NS + self.random.choice(AGREEMENTS), graph)
        for party in self.random.sample(self.actors, 2):
            yield self._edge(iri, NS + "party", party, graph)
        opened = self._day(2000, 2024)
        yield from self._event(iri, "talks-opened", opened, None, graph)
        if self.random.random() < 0.5:
            yield from self._event(iri, "concluded", self._day(int(opened[:4]) + 1, 2028), None, graph)

    def _activity(self, number: int) -> Iterator[Line]:
        iri, graph = f"{ID}activity/x{number}", "activities/activities"
        yield from self._named(
            iri, self.random.choice(ACTIVITIES), f"活動{number}", f"Activity {number}", graph
        )
        provider, recipient = self.random.sample(self.actors, 2)
        yield self._edge(iri, NS + "provider", provider, graph)
        yield self._edge(iri, NS + "recipient", recipient, graph)
        yield self._edge(iri, NS + "domain", f"{ID}domain/{self.random.choice(DOMAINS)}", graph)
        if self.agreements:
            yield self._edge(iri, NS + "underAgreement", self.random.choice(self.agreements), graph)
        agreed = self._day(2005, 2026)
        yield from self._event(iri, "agreed", agreed, None, graph)
        if self.random.random() < 0.4:
            yield from self._event(iri, "completed", self._day(int(agreed[:4]) + 1, 2030), None, graph)

    # Parts ----------------------------------------------------------------------------------------------

    def _named(self, iri: str, kind: str, ja: str, en: str, graph: str) -> Iterator[Line]:
        yield self._edge(iri, RDF + "type", NS + kind, graph)
        yield f'<{iri}> <{SKOS}prefLabel> "{ja}"@ja <{GRAPH}data/{graph}> .'
        yield f'<{iri}> <{SKOS}prefLabel> "{en}"@en <{GRAPH}data/{graph}> .'

    def _event(self, thing: str, kind: str, day: str, party: str | None, graph: str) -> Iterator[Line]:
        iri = f"{ID}event/e{self.made}-{kind}"
        yield self._edge(iri, RDF + "type", NS + "LifeCycleEvent", graph)
        yield self._edge(iri, NS + "eventOf", thing, graph)
        yield self._edge(iri, NS + "eventKind", f"{ID}event-kind/{kind}", graph)
        if party:
            yield self._edge(iri, NS + "eventParty", party, graph)
        yield from self._dated(iri, "date", day, graph)
        yield from self._evidence(iri, graph)

    def _dated(self, iri: str, name: str, day: str, graph: str) -> Iterator[Line]:
        precision = self.random.choice(PRECISIONS)
        day = {"day": day, "month": day[:8] + "01", "year": day[:5] + "01-01"}[precision]
        yield f'<{iri}> <{NS}{name}> "{day}"^^<{XSD}date> <{GRAPH}data/{graph}> .'
        property_ = "precision" if name == "date" else f"{name}Precision"
        yield self._edge(iri, NS + property_, f"{ID}precision/{precision}", graph)

    def _evidence(self, iri: str, graph: str) -> Iterator[Line]:
        if self.sources == 0 or self.random.random() < 0.06:
            self.sources += 1
            source, place = f"{ID}source/s{self.sources}", "sources"
            evidence = f"{ID}evidence/s{self.sources}"
            yield self._edge(source, RDF + "type", NS + "Source", place)
            yield self._text(source, DCTERMS + "title", f"Source {self.sources}", place)
            yield self._edge(source, NS + "address", f"https://example.org/{self.sources}", place)
            yield self._edge(evidence, RDF + "type", NS + "Evidence", place)
            yield self._edge(evidence, NS + "source", source, place)
            yield self._edge(evidence, NS + "confidence", f"{ID}confidence/high", place)
        number = self.random.randint(1, self.sources)
        yield self._edge(iri, NS + "evidence", f"{ID}evidence/s{number}", graph)

    def _day(self, first: int, last: int) -> str:
        year = self.random.randint(min(first, last), last)
        return f"{year}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}"

    @staticmethod
    def _edge(subject: str, predicate: str, object_: str, graph: str) -> Line:
        return f"<{subject}> <{predicate}> <{object_}> <{GRAPH}data/{graph}> ."

    @staticmethod
    def _text(subject: str, predicate: str, text: str, graph: str) -> Line:
        return f'<{subject}> <{predicate}> "{text}" <{GRAPH}data/{graph}> .'


def facts(triples: int, seed: int = 1) -> bytes:
    """About that many statements as one N-Quads document."""
    return "\n".join(Generator(triples, seed).lines()).encode() + b"\n"


def store_of(triples: int, seed: int = 1) -> Store:
    """A store with our ontology and rules and about that many made-up statements."""
    store = Store()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        graph = f"{GRAPH}ontology/{path.stem}"
        text = path.read_bytes()
        store.load(text, format=RdfFormat.TURTLE, base_iri=graph, to_graph=NamedNode(graph))
    load_rules(store, ROOT / "ontology" / "rules")
    store.bulk_load(facts(triples, seed), format=RdfFormat.N_QUADS)
    return store


def write_workspace(folder: Path, triples: int, seed: int = 1) -> None:
    """A workspace with our ontology, shapes and queries and made-up facts, one Turtle file a graph.

    Raises:
        FileExistsError: the folder has a `data` folder already.
    """
    for room in ("ontology", "shapes", "queries"):
        if (ROOT / room).is_dir():
            shutil.copytree(ROOT / room, folder / room, dirs_exist_ok=True)
    (folder / "data").mkdir(parents=True)
    store = Store()
    store.bulk_load(facts(triples, seed), format=RdfFormat.N_QUADS)
    for graph in store.named_graphs():
        path = folder / "data" / f"{graph.value.removeprefix(GRAPH + 'data/')}.ttl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            store.dump(out, format=RdfFormat.TURTLE, from_graph=graph)


def main(arguments: list[str] | None = None) -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("triples", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workspace", type=Path, help="write a workspace instead of N-Quads")
    options = parser.parse_args(arguments)
    if options.workspace:
        write_workspace(options.workspace, options.triples, options.seed)
    else:
        sys.stdout.buffer.write(facts(options.triples, options.seed))


if __name__ == "__main__":
    main()
