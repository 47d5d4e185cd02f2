"""Files against the record: what a new release changed, what was published since, and the patch that brings both together. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Store

from kizuna.changes.merge import Clash, clashes
from kizuna.changes.patch import Patch, exact, patch_of


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The three-way difference.

    Args:
        theirs: what the files changed since they were last seen.
        patch: what of it is not in the record yet.
        clashes: what both the files and the commits changed.
    """

    theirs: Patch
    patch: Patch
    clashes: tuple[Clash, ...]


def _by_graph(quads: Store) -> dict[NamedNode, set[Quad]]:
    found: dict[NamedNode, set[Quad]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            found.setdefault(quad.graph_name, set()).add(quad)
    return found


def _has_blank(quads: set[Quad]) -> bool:
    return any(isinstance(term, BlankNode) for q in quads for term in (q.subject, q.object))


def _canonical(quads: set[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def reconcile(seen: Store, files: Store, record: Store, since: Patch) -> Reconciliation:
    """Compare files as last seen, files now, and the record.

    A graph with blank nodes (ontology, shapes) is compared as a whole: when the file changed, it replaces the record's graph.

    Args:
        seen: the files when they were last brought in.
        files: the files now.
        record: the record now.
        since: everything that was published since, as one patch.
    """
    before, now, held = _by_graph(seen), _by_graph(files), _by_graph(record)
    removed: set[Quad] = set()
    added: set[Quad] = set()
    for graph in before.keys() | now.keys():
        old, new = before.get(graph, set()), now.get(graph, set())
        if not (_has_blank(old) or _has_blank(new)):
            removed |= old - new
            added |= new - old
        elif _canonical(old) != _canonical(new):
            current = held.get(graph, set())
            if _canonical(current) != _canonical(new):
                removed |= current
                added |= new
    theirs = patch_of(removed, added)
    patch = exact(theirs, record)
    return Reconciliation(theirs, patch, clashes(record, theirs, since))
