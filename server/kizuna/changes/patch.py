"""A change as an exact set of quads removed and quads added, with one text for each. Pure; no I/O.

Quads are kept as the index stores them (`"0.70"^^xsd:decimal` is 0.7 there), so that what a patch says is gone is gone.
The text is RDF Patch (https://afs.github.io/rdf-patch/): sorted `D` lines, then sorted `A` lines, nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, cast
from urllib.parse import unquote

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from kizuna.workspace.names import DERIVED_GRAPH, GRAPH, INFERRED_GRAPH

ROOMS: Final = ("data", "ontology", "shapes")
MOST_QUADS: Final = 2_000_000


class PatchError(ValueError):
    """A patch that cannot be. `code` is stable; `ja` and `en` say what is wrong.

    Codes: `patch-syntax`, `patch-graph`, `patch-blank-node`, `patch-too-large`.
    """

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.ja = ja
        self.en = en


class Change(Protocol):
    """What is laid over a record: quads that go, then quads that come. A `Patch`, or one whose quads are read as they are asked for."""

    @property
    def removed(self) -> Collection[Quad]:
        """Quads that go."""

    @property
    def added(self) -> Collection[Quad]:
        """Quads that come."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Quads that go and quads that come: sorted, without repeats, and none in both.

    Make one with `patch_of`, `parse_patch` or `difference`; not by hand.
    """

    removed: tuple[Quad, ...] = ()
    added: tuple[Quad, ...] = ()

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)

    def inverse(self) -> Patch:
        """The way back, of a patch that is exact (see `exact`)."""
        return Patch(self.added, self.removed)

    def text(self) -> str:
        """The one text of this patch."""
        return _lines("D ", self.removed) + _lines("A ", self.added)

    def halves(self) -> tuple[bytes, bytes]:
        """Removed and added as N-Quads: what the engine's `apply` takes."""
        return n_quads(self.removed), n_quads(self.added)

    def things(self) -> tuple[str, ...]:
        """IRIs of what it changes something about, sorted."""
        return tuple(
            sorted({q.subject.value for q in self.removed + self.added if isinstance(q.subject, NamedNode)})
        )

    def graphs(self) -> tuple[str, ...]:
        """IRIs of the graphs it changes, sorted."""
        return tuple(sorted({cast(NamedNode, q.graph_name).value for q in self.removed + self.added}))

    def rooms(self) -> frozenset[str]:
        """Which folders of the workspace it changes: data, ontology, shapes."""
        return rooms_of(self)

    def then(self, later: Patch) -> Patch:
        """Both, one after the other, as one."""
        gone, come = set(later.removed), set(later.added)
        return _patch((set(self.removed) - come) | gone, (set(self.added) - gone) | come)

    def amended(self, later: Patch) -> Patch:
        """This patch, exact on some record, changed by one that was made on top of it: exact on the same record.

        What this patch had only brought and the later one takes back is not spoken of any more.
        """
        whole, brought = self.then(later), set(self.added)
        return Patch(tuple(quad for quad in whole.removed if quad not in brought), whole.added)


def rooms_of(change: Change) -> frozenset[str]:
    """Which folders of the workspace a change concerns: data, ontology, shapes."""
    graphs = {cast(NamedNode, q.graph_name).value for half in (change.removed, change.added) for q in half}
    return frozenset(graph[len(GRAPH) :].partition("/")[0] for graph in graphs)


def n_quads(quads: Iterable[Quad]) -> bytes:
    """Quads as N-Quads, in their order."""
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def _lines(mark: str, quads: tuple[Quad, ...]) -> str:
    return "".join(f"{mark}{line}\n" for line in n_quads(quads).decode().split("\n") if line)


def _key(quad: Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)


def _patch(removed: set[Quad], added: set[Quad]) -> Patch:
    both = removed & added
    return Patch(
        tuple(sorted(removed - both, key=_key)),
        tuple(sorted(added, key=_key)),
    )


def normalised(quads: Iterable[Quad]) -> set[Quad]:
    """Quads as the index stores and gives them back: values, not spellings."""
    store = Store()
    store.extend(quads)
    return set(store)


def patch_of(removed: Iterable[Quad], added: Iterable[Quad]) -> Patch:
    """Make a patch. A quad in both comes: it is removed first and then added.

    Raises:
        PatchError: it touches a computed or foreign graph, or states a blank node in the data.
    """
    made = _patch(normalised(removed), normalised(added))
    _check(made)
    return made


def stated(quads: Iterable[Quad]) -> bytes:
    """Quads that may be stated, as N-Quads, as the index stores them.

    Raises:
        PatchError: as `patch_of`.
    """
    found = normalised(quads)
    _check(Patch((), tuple(found)))
    return n_quads(found)


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> Patch:
    """The patch that leads from one set of quads to another.

    Raises:
        PatchError: as `patch_of`.
    """
    first, second = normalised(before), normalised(after)
    made = _patch(first - second, second - first)
    _check(made)
    return made


def exact(patch: Patch, store: Store) -> Patch:
    """What a patch really changes in a store: only what is there goes, only what is not there comes.

    Laid over that store, an exact patch and then its inverse give back the store.
    """
    return Patch(
        tuple(quad for quad in patch.removed if quad in store),
        tuple(quad for quad in patch.added if quad not in store),
    )


def missing(patch: Change, store: Store) -> tuple[Quad, ...]:
    """Quads that the patch removes and the store does not have: somebody else has changed them already."""
    return tuple(quad for quad in patch.removed if quad not in store)


def apply(patch: Change, store: Store) -> None:
    """Lay a patch over a store."""
    for quad in patch.removed:
        store.remove(quad)
    store.extend(patch.added)


def parse_patch(text: str) -> Patch:
    """Read RDF Patch text (headers and transaction marks are passed over; the last change of a quad counts).

    Raises:
        PatchError: a line is no change, or as `patch_of`.
    """
    changes: dict[Quad, bool] = {}
    if text.count("\n") > MOST_QUADS:
        raise PatchError(
            "patch-too-large",
            f"変更は{MOST_QUADS}行までです。",
            f"A patch may have {MOST_QUADS} lines at most.",
        )
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith(("#", "H ", "TX", "TC", "PA ", "PD ")):
            continue
        if line[:2] not in ("A ", "D "):
            raise PatchError(
                "patch-syntax",
                f"{number}行目: 変更の行は A か D で始めてください。",
                f"Line {number}: a change starts with A or D.",
            )
        try:
            found = list(parse(line[2:].encode(), format=RdfFormat.N_QUADS))
        except SyntaxError as error:
            raise PatchError(
                "patch-syntax",
                f"{number}行目を読めません({error.msg})。",
                f"Line {number}: {error.msg}",
            ) from error
        for quad in found:
            changes[Quad(quad.subject, quad.predicate, quad.object, quad.graph_name)] = line[0] == "A"
    return patch_of(
        [quad for quad, comes in changes.items() if not comes],
        [quad for quad, comes in changes.items() if comes],
    )


def _blank(term: object) -> bool:
    if isinstance(term, Triple):
        return _blank(term.subject) or _blank(term.object)
    return isinstance(term, BlankNode)


def _check(patch: Patch) -> None:
    rooms: dict[NamedNode | BlankNode | DefaultGraph | Triple, str] = {}
    for quad in patch.removed + patch.added:
        graph = quad.graph_name
        if graph not in rooms:
            rooms[graph] = _room(quad)
        if rooms[graph] == "data" and (_blank(quad.subject) or _blank(quad.object)):
            raise PatchError(
                "patch-blank-node",
                f"事実には名のないノードを使えません({quad.predicate.value})。IRI を与えてください。",
                f"Facts hold no blank nodes ({quad.predicate.value}): give the thing an IRI.",
            )


def _room(quad: Quad) -> str:
    """The room of a quad's graph: data, ontology or shapes.

    Raises:
        PatchError: it may not be changed.
    """
    graph = quad.graph_name
    if isinstance(graph, (DefaultGraph, BlankNode)):
        raise PatchError(
            "patch-graph",
            f"どのグラフを変えるのかが示されていません({quad.subject})。",
            f"It is not said which graph is changed ({quad.subject}).",
        )
    if graph.value in (DERIVED_GRAPH, INFERRED_GRAPH):
        raise PatchError(
            "patch-graph",
            f"{graph.value} は計算で作られるため、変更できません。もとになる記述({GRAPH}data/…)を変えてください。",
            f"{graph.value} is computed and cannot be changed: "
            f"change the statements that it is computed from ({GRAPH}data/…).",
        )
    room = graph.value[len(GRAPH) :].partition("/") if graph.value.startswith(GRAPH) else ("", "", "")
    # The graph's name is also the path of its file when the record is exported.
    parts = unquote(room[2]).split("/")
    if room[0] not in ROOMS or any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise PatchError(
            "patch-graph",
            f"{graph.value} は作業場のグラフではありません。{GRAPH}data/… の形で指定してください。",
            f"{graph.value} is no graph of the workspace: use {GRAPH}data/….",
        )
    return room[0]
