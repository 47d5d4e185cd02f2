"""The SPARQL 1.1 Graph Store HTTP Protocol: which graph a request means, and which documents it may send. Pure.

Source: W3C Recommendation, 21 March 2013, §4 (graph identification) and §5 (operations). The graph store's address is
/graphs. A graph is named indirectly (`?graph=IRI`, `?default`) or directly: /graphs/PATH is the graph
`https://w3id.org/kizuna/graph/PATH`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from kizuna.sparql.protocol import ProtocolError
from kizuna.workspace.names import GRAPH

ALL_GRAPHS: Final = "SELECT ?graph WHERE { GRAPH ?graph {} } ORDER BY ?graph"
READ_GRAPH: Final = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?graph { ?s ?p ?o } }"
GRAPH_HOLDS: Final = "ASK { GRAPH ?graph { ?s ?p ?o } }"
READ_DEFAULT: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*\Z")


@dataclass(frozen=True, slots=True)
class GraphName:
    """The graph that a request means. `iri` is None for the default graph."""

    iri: str | None

    @property
    def is_default(self) -> bool:
        """Is it the default graph?"""
        return self.iri is None


def named_by(parameters: Sequence[tuple[str, str]], path: str | None) -> GraphName | None:
    """The graph a request names, None when it names the store itself.

    Args:
        parameters: the query string, decoded, in order.
        path: what follows /graphs/ in the address, None when nothing does.

    Raises:
        ProtocolError: two graphs are named, or the name is no absolute IRI.
    """
    graphs = [value for name, value in parameters if name == "graph"]
    default = any(name == "default" for name, _ in parameters)
    if len(graphs) + default + (path is not None) > 1:
        raise ProtocolError(
            400,
            "no-graph-named",
            "グラフは一つだけ指定してください（graph、default、パスのいずれか）。",
            "Name one graph: by 'graph', by 'default' or by the path.",
        )
    if path is None and default:
        return GraphName(None)
    if path is None and not graphs:
        return None
    iri = graphs[0] if path is None else GRAPH + path
    if not _ABSOLUTE.match(iri) or not _is_iri(iri):
        raise ProtocolError(
            400,
            "no-graph-named",
            f"グラフの名前は絶対 IRI です（{iri[:80]}）。",
            f"The name of a graph is an absolute IRI, not {iri[:80]!r}.",
        )
    return GraphName(iri)


def _is_iri(text: str) -> bool:
    """Whether the engine can take it as a name: RFC 3987 leaves out some characters beyond ASCII as well."""
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def address_of(base: str, iri: str) -> str:
    """Where a graph can be fetched on this server.

    Args:
        base: address of the server, ending in a slash.
        iri: name of the graph.
    """
    if iri.startswith(GRAPH):
        return base + "graphs/" + quote(iri[len(GRAPH) :])
    return base + "graphs?graph=" + quote(iri, safe="")
