"""RDF documents as a way in: Turtle, TriG, N-Triples, N-Quads, JSON-LD, RDF/XML become a patch.

`read` runs in a sandboxed fork (no file, no socket, memory and time limits), because parsers can be bombed: what a document asks
to fetch is refused, never fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kizuna.changes.patch import Patch, PatchError, difference, parse_patch, patch_of

JOB: Final = "kizuna.changes.documents:read"
FORMATS: Final[dict[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
SUFFIXES: Final = {
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "rdf": "application/rdf+xml",
    "xml": "application/rdf+xml",
}
Mode = Literal["add", "replace-things", "replace-graphs", "remove"]
MODES: Final[tuple[Mode, ...]] = ("add", "replace-things", "replace-graphs", "remove")


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """Why a document gives no patch. `line` and `column` are 1-based, when known. Codes are in docs/errors.md."""

    code: str
    ja: str
    en: str
    line: int | None = None
    column: int | None = None


class DocumentError(ValueError):
    """A document that cannot be used; `problem` says why."""

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(problem.en)
        self.problem = problem


def refusal(code: str, ja: str, en: str, line: int | None = None) -> DocumentError:
    """The error of a file that cannot be used as a whole."""
    return DocumentError(DocumentProblem(code, ja, en, line))


def read(store: Store, body: bytes, media_type: str, graph: str, mode: Mode) -> bytes:
    """Turn a document into a patch. To be run in a fork.

    Args:
        store: the record.
        body: the document.
        media_type: a key of FORMATS.
        graph: IRI of the graph for triples that name none; "" when they must.
        mode: `add` its statements; `replace-things`: all that is said about its subjects, in the graphs where it speaks of them, is what
            it says; `replace-graphs`: its graphs hold what it says and nothing else; `remove` its statements.

    Returns:
        JSON with either `patch` (text) or `problem`.
    """
    try:
        patch = to_patch(store, quads_of(body, media_type, graph), mode, graph)
        return json.dumps({"patch": patch.text()}).encode()
    except DocumentError as error:
        one = error.problem
    except PatchError as refused:
        one = DocumentProblem(refused.code, refused.ja, refused.en)
    return json.dumps({"problem": [one.code, one.ja, one.en, one.line, one.column]}).encode()


def read_answer(answer: bytes) -> Patch:
    """The patch that `read` returned.

    Raises:
        DocumentError: it returned a problem.
    """
    given = json.loads(answer)
    if "problem" in given:
        raise DocumentError(DocumentProblem(*given["problem"]))
    return parse_patch(given["patch"])


def quads_of(body: bytes, media_type: str, graph: str) -> list[Quad]:
    """Parse a document.

    Raises:
        DocumentError: it cannot be read, asks for something from outside, or names no graph.
    """
    if media_type not in FORMATS:
        raise DocumentError(
            DocumentProblem(
                "document-type",
                f"「{media_type}」は読めません。文書は {', '.join(FORMATS)}、表は CSV か XLSX で送ってください。",
                f"'{media_type}' cannot be read: send a document as {', '.join(FORMATS)}, a table as CSV or XLSX.",
            )
        )
    base = graph or None
    try:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            body = body.decode("utf-16").encode()
        body = body.removeprefix(b"\xef\xbb\xbf")
        found = list(parse(body, format=FORMATS[media_type], base_iri=base, rename_blank_nodes=True))
    except SyntaxError as error:
        raise DocumentError(_syntax(error, media_type)) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise DocumentError(
            DocumentProblem(
                "bad-document", f"文書を読めません({error})。", f"The document cannot be read: {error}"
            )
        ) from error
    if graph:
        name = NamedNode(graph)
        found = [
            Quad(q.subject, q.predicate, q.object, name) if isinstance(q.graph_name, DefaultGraph) else q
            for q in found
        ]
    return found


def _syntax(error: SyntaxError, media_type: str) -> DocumentProblem:
    message = error.msg or str(error)
    if media_type == "application/ld+json" and ("context" in message.lower() or "remote" in message.lower()):
        return DocumentProblem(
            "remote-context",
            f"外部の文脈(@context)は取得しません。文脈を文書の中に書いてください({message})。",
            f"Contexts are not fetched: write @context into the document itself ({message}).",
            error.lineno,
            error.offset,
        )
    return DocumentProblem(
        "bad-document",
        f"文書を読めません({message})。",
        f"The document cannot be read: {message}",
        error.lineno,
        error.offset,
    )


def to_patch(store: Store, quads: list[Quad], mode: Mode, graph: str = "") -> Patch:
    """What a document's statements change in the record.

    Raises:
        PatchError: they may not be said.
    """
    if mode == "add":
        return patch_of([], quads)
    if mode == "remove":
        return patch_of(quads, [])
    held: set[Quad] = set()
    if mode == "replace-graphs":
        names = {q.graph_name for q in quads} | ({NamedNode(graph)} if graph else set())
        for name in names:
            held.update(store.quads_for_pattern(None, None, None, name))
        if _same_but_for_blank_nodes(held, quads):
            return Patch()
    else:
        for subject, name in {(q.subject, q.graph_name) for q in quads}:
            held.update(store.quads_for_pattern(subject, None, None, name))
    return difference(held, quads)


def _same_but_for_blank_nodes(first: set[Quad], second: list[Quad]) -> bool:
    """Whether two sets of quads are isomorphic, when blank nodes are among them (their labels mean nothing)."""
    from pyoxigraph import CanonicalizationAlgorithm, Dataset

    if not any(isinstance(term, BlankNode) for q in second for term in (q.subject, q.object)):
        return False
    one, other = Dataset(first), Dataset(second)
    for dataset in (one, other):
        dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return one == other
