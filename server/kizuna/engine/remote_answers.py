"""A store's answer, written anew as the embedded engine writes it: formats, bounds, one piece or many. No I/O."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Final, Self

from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse, parse_query_results, serialize

from kizuna.engine.serialise import GraphWriter, write_boolean, write_solutions
from kizuna.engine.types import (
    Answer,
    AnswerEnd,
    AnswerKind,
    EngineError,
    Limits,
    QueryRefusedError,
    QuerySyntaxError,
)

BLOCK: Final = 65_536


class WholeStream:
    """An answer that is here already, in blocks."""

    def __init__(self, answer: Answer) -> None:
        self.kind = answer.kind
        self.media_type = answer.media_type
        self.end: AnswerEnd | None = AnswerEnd(answer.rows, answer.truncated, answer.seconds)
        self._body = answer.body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), BLOCK):
            yield self._body[start : start + BLOCK]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._body = b""


def written(
    kind: AnswerKind, media_type: str, body: bytes, cut: bool, limits: Limits, since: float
) -> Answer:
    """The store's answer in the asked format and within the limits, written as the embedded engine does.

    Raises:
        EngineError: the store did not answer in the standard's words.
    """
    if cut:
        raise QueryRefusedError("The store's answer is larger than an answer may be: narrow the query.")
    blocks: list[bytes] = []
    rows: int | None = None
    truncated = False
    try:
        if kind == "graph":
            writer = GraphWriter(media_type, limits.rows, limits.result_bytes, blocks.append)
            triples = parse(body, format=RdfFormat.TURTLE, rename_blank_nodes=True)
            writer.run(lambda sink: serialize(triples, sink, format=RdfFormat.N_TRIPLES))  # type: ignore[arg-type]
            rows, truncated = writer.rows, writer.truncated
        else:
            result = parse_query_results(io.BytesIO(body), format=QueryResultsFormat.JSON)
            if isinstance(result, QueryBoolean):
                write_boolean(result, media_type, blocks.append)
            else:
                rows, truncated = write_solutions(
                    result, media_type, limits.rows, limits.result_bytes, blocks.append
                )
    except (SyntaxError, ValueError) as error:
        if isinstance(error, QuerySyntaxError):
            raise
        raise EngineError(f"The store's answer cannot be read: {error}") from error
    return Answer(kind, media_type, b"".join(blocks), rows, truncated, time.monotonic() - since)
