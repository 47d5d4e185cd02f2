"""Small worlds made up by chance, and chance patches of any record: what the equality of "by the difference" and "anew" is tried on."""

from __future__ import annotations

from random import Random

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from kizuna.workspace.names import GRAPH, NS, RDF, XSD
from tests.views.facts import PROLOGUE, iri, stated

ACTORS = ("state/AAA", "state/BBB", "state/CCC", "economy/DDD", "state/EEE")
WEIGHTS = ("treaty", "executive-agreement", "exchange-of-notes", "memorandum", "joint-statement")
KINDS = ("signed", "in-force", "provisional", "notes-exchanged", "effective", "adopted", "withdrawn", "terminated",
         "expired", "suspended", "resumed", "announced", "agreed", "concluded", "amended")  # fmt: skip
TALKS = (
    "announced",
    "talks-opened",
    "talks-suspended",
    "talks-resumed",
    "agreed-in-principle",
    "concluded",
    "talks-ended",
)
DEEDS = ("announced", "agreed", "started", "suspended", "completed", "cancelled")
ROLES = ("member", "founding-member", "observer", "applicant")
DATES = frozenset(NS + name for name in ("date", "from", "to"))
HEAVY = (*(NS + name for name in ("date", "eventOf", "eventKind", "eventParty", "party", "legalWeight", "from", "to", "role",
         "participant", "framework", "replaces", "concerns", "agreementKind", "gapOf")), RDF + "type")  # fmt: skip


def day(random: Random) -> str:
    """A day around today, so that some are future."""
    return f"{random.choice((1999, 2010, 2015, 2020, 2026, 2027))}-0{random.randint(1, 9)}-01"


def world(random: Random) -> Store:
    """A record of agreements, talks, activities, frameworks and participations."""
    lines = [f"<{iri(actor).value}> a k:{'State' if 'state' in actor else 'Economy'} ." for actor in ACTORS]
    lines += [f"framework:f{number} a k:Alliance ." for number in range(2)]
    events = 0

    def event(thing: str, kinds: tuple[str, ...], parties: list[str]) -> None:
        nonlocal events
        events += 1
        party = (
            f" ; k:eventParty <{iri(random.choice(parties)).value}>"
            if parties and random.random() < 0.3
            else ""
        )
        lines.append(
            f"event:e{events} a k:LifeCycleEvent ; k:eventOf {thing} ; k:eventKind ek:{random.choice(kinds)} ;"
            f' k:date "{day(random)}"^^xsd:date{party} .'
        )

    for number in range(4):
        parties = random.sample(ACTORS, random.choice((2, 2, 3, 4)))
        named = " , ".join(f"<{iri(party).value}>" for party in parties)
        kind = random.choice(("TaxTreaty", "MutualDefenceTreaty", "JointStatement"))
        lines.append(
            f"agreement:a{number} a k:{kind} ; k:legalWeight weight:{random.choice(WEIGHTS)} ; k:party {named} ."
        )
        for _ in range(random.randint(0, 4)):
            event(f"agreement:a{number}", KINDS, parties)
        if number and random.random() < 0.5:
            lines.append(f"agreement:a{number} k:replaces agreement:a{random.randrange(number)} .")
        if random.random() < 0.2:
            lines.append(
                f"<{iri(f'gap/g{number}').value}> k:gapOf agreement:a{number} ; k:missingEventKind ek:in-force ."
            )
    for number in range(2):
        named = " , ".join(f"<{iri(party).value}>" for party in random.sample(ACTORS, 2))
        lines.append(
            f"negotiation:n{number} a k:Negotiation ; k:agreementKind k:TaxTreaty ; k:party {named} ."
        )
        if random.random() < 0.6:
            lines.append(f"negotiation:n{number} k:concerns agreement:a{random.randrange(4)} .")
        lines.append(f"activity:x{number} a k:{random.choice(('Project', 'Meeting'))} .")
        for _ in range(random.randint(0, 3)):
            event(f"negotiation:n{number}", TALKS, [])
            event(f"activity:x{number}", DEEDS, [])
        event(f"framework:f{number}", ("founded", "dissolved"), [])
    for number in range(5):
        end = (
            f' ; k:to "{day(random)}"^^xsd:date ; k:toPrecision precision:day'
            if random.random() < 0.4
            else ""
        )
        lines.append(
            f"participation:p{number} a k:Participation ; k:participant <{iri(random.choice(ACTORS)).value}> ;"
            f" k:framework framework:f{random.randrange(2)} ; k:role role:{random.choice(ROLES)} ;"
            f' k:from "{day(random)}"^^xsd:date{end} .'
        )
    store = stated("")
    kinds = ("framework", "event", "agreement", "negotiation", "activity", "participation")
    prefixes = "".join(f"PREFIX {kind}: <{iri(kind).value}/>\n" for kind in kinds)
    text = PROLOGUE + prefixes + "\n".join(lines)
    store.load(text, format=RdfFormat.TURTLE, to_graph=NamedNode(GRAPH + "data/test"))
    return store


class Patches:
    """Chance patches of a record: values changed, quads and whole things gone.

    Args:
        record: the stated quads; `next` applies each patch to it.
        random: the source of chance.
    """

    def __init__(self, record: Store, random: Random) -> None:
        self.record = record
        self.random = random

    def next(self) -> tuple[list[Quad], list[Quad]]:
        """A patch, exact, and already applied to the record: quads removed, quads added."""
        data = [q for q in self.record if str(q.graph_name).startswith(f"<{GRAPH}data/")]
        data.sort(key=str)
        heavy = [quad for quad in data if quad.predicate.value in HEAVY]
        removed: list[Quad] = []
        added: list[Quad] = []
        for _ in range(self.random.randint(1, 3)):
            quad = self.random.choice(heavy if heavy and self.random.random() < 0.8 else data)
            chance = self.random.random()
            if chance < 0.25:
                removed.append(quad)
            elif chance < 0.4:
                removed += [one for one in data if one.subject == quad.subject]
            else:
                alike = [one for one in data if one.predicate == quad.predicate]
                if self.random.random() < 0.2:
                    quad = self.random.choice(alike)
                removed += list(self.record.quads_for_pattern(quad.subject, quad.predicate, None, None))
                value = self.random.choice(alike).object
                if quad.predicate.value in DATES:
                    value = Literal(day(self.random), datatype=NamedNode(XSD + "date"))
                added.append(Quad(quad.subject, quad.predicate, value, quad.graph_name))
        gone = [quad for quad in dict.fromkeys(removed) if quad not in added]
        come = [quad for quad in dict.fromkeys(added) if quad not in self.record]
        for quad in gone:
            self.record.remove(quad)
        self.record.extend(come)
        return gone, come
