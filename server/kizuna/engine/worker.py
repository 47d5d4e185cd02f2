"""A worker: one process, one socket, one query at a time, under kernel limits.

Runs in a child that a keeper has forked. It reads its private copy of the store and answers on its socket; it can open
nothing. The clock is the kernel's: when it runs out, SIGALRM ends the process even inside native code.
"""

from __future__ import annotations

import importlib
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NoReturn

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Store

from kizuna.engine import formats, progress, serialise
from kizuna.engine.diagnose import syntax_error
from kizuna.engine.kernel import Confinement, first_victim
from kizuna.engine.ranges import DateRanges
from kizuna.engine.record import PatchError, Record
from kizuna.engine.text import has_dataset
from kizuna.engine.types import (
    AnswerKind,
    EngineError,
    PatchRefusedError,
    QueryMemoryError,
    QueryRefusedError,
    QuerySyntaxError,
    UnsupportedFormatError,
)
from kizuna.engine.wire import Frame, Head, Parser, encode_head, pack, pack_encoded

HELD_BACK: Final = 1 << 20
"""Bytes of an answer held until its first frame leaves: a failure before that is reported as such."""
_END: Final = '"end":{"rows":%s,"truncated":%s,"seconds":%.9f,"leaving":%s,"worked":%.6f}'
_PARTS: Final = 64
"""Buffers handed to the kernel at once (it takes up to 1,024, sendmsg(2))."""
RETIRE_AFTER: Final = 256 << 20
"""Address space beyond birth with which a worker asks to be replaced, so that memory returns."""
RETIRE_AFTER_ANSWERS: Final = 20_000
SMALL_SECONDS: Final = 0.005
"""An answer that came sooner has not grown the process by much: a page takes the kernel a tenth of a microsecond at least."""
_WEIGHED_EVERY: Final = 32
"""Small answers after which the process's size is looked at all the same."""
STACK: Final = 8 << 20
"""Bytes of stack of the thread that answers: as many as a process's first thread commonly has."""


class Output:
    """Sends an answer in frames. The clock stands still while the reader is slow, within `patience` seconds."""

    def __init__(self, sock: socket.socket, confinement: Confinement, patience: float) -> None:
        self.sock = sock
        self.confinement = confinement
        self.patience = patience
        self.head = b""
        """What the first frame says of the answer: members of its head, without the braces."""
        self.begun = False
        self._held: list[bytes] = []
        self._size = 0

    def emit(self, block: bytes) -> None:
        """Take a block of the answer."""
        self._held.append(block)
        self._size += len(block)
        if self.begun or self._size >= HELD_BACK:
            self._send(b"{%s}" % self.head)

    def finish(self, rows: int | None, truncated: bool, seconds: float, leaving: bool) -> None:
        """Send what is held, with the figures of the whole answer.

        Args:
            rows: of the whole answer.
            truncated: a bound cut it.
            seconds: how long it took.
            leaving: this worker wants to be replaced.
        """
        figures = (
            "null" if rows is None else str(rows),
            "true" if truncated else "false",
            seconds,
            "true" if leaving else "false",
            time.process_time(),
        )
        # Written by hand: the general writer takes as long as a small query's answer.
        end = (_END % figures).encode()
        self._send(b"{%s,%s}" % (self.head, end) if self.head else b"{%s}" % end)

    def fail(self, error: dict[str, Any]) -> None:
        """Send an error instead of (the rest of) the answer."""
        self._held, self._size = [], 0
        self._send(encode_head({"error": error}))

    def _send(self, head: bytes) -> None:
        parts = [pack_encoded(head, b"", self._size), *self._held]
        size = len(parts[0]) + self._size
        self._held, self._size, self.head, self.begun = [], 0, b"", True
        if len(parts) > _PARTS:
            parts = [b"".join(parts)]
        try:
            sent = self.sock.sendmsg(parts, (), socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent == size:
            return
        started = time.monotonic()
        left = self.confinement.pause(self.patience)
        for part in parts:
            if sent < len(part):
                self.sock.sendall(memoryview(part)[sent:])
            sent = max(0, sent - len(part))
        self.patience -= time.monotonic() - started
        self.confinement.pause(left)


@lru_cache(maxsize=64)
def _members(kind: AnswerKind, media_type: str) -> bytes:
    return encode_head({"kind": kind, "media_type": media_type})[1:-1]


def error_head(error: EngineError) -> dict[str, Any]:
    """An error as the wire carries it."""
    head: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, QuerySyntaxError):
        head |= {"line": error.line, "column": error.column}
    if isinstance(error, UnsupportedFormatError):
        head |= {"kind": error.kind}
    return head


def answer(
    store: Store,
    text: str,
    ask: Head,
    output: Output,
    leaving: Callable[[float], bool],
    narrowed: Callable[[str], str] = str,
) -> None:
    """Answer one query.

    Args:
        store: the view.
        text: the query.
        ask: keys media_type, rows, result_bytes, default_graphs, named_graphs, union.
        output: where the answer goes.
        leaving: asked at the end of the answer, with its seconds: does this worker want to be replaced?
        narrowed: gives another text with the same solutions, which are found sooner (ranges.py).

    Raises:
        EngineError: the query cannot be read, run, or given in the format.
    """
    started = time.perf_counter()
    try:
        dataset = ask["default_graphs"], ask["named_graphs"], ask["union"]
        shorter = narrowed(text)
        try:
            result = _run(store, shorter, *dataset)
        except SyntaxError:
            if shorter == text:
                raise
            result = _run(store, text, *dataset)  # says where in the text as it was sent
        kind: AnswerKind
        rows: int | None = None
        truncated = False
        if isinstance(result, QueryBoolean):
            kind = "boolean"
        else:
            kind = "solutions" if isinstance(result, QuerySolutions) else "graph"
        media_type = formats.choose(ask["media_type"], kind)
        output.head = _members(kind, media_type)
        bounds = (ask["rows"], ask["result_bytes"])
        if isinstance(result, QueryBoolean):
            serialise.write_boolean(result, media_type, output.emit)
        elif isinstance(result, QuerySolutions):
            rows, truncated = serialise.write_solutions(result, media_type, *bounds, output.emit)
        else:
            rows, truncated = serialise.write_graph(result, media_type, *bounds, output.emit)
    except SyntaxError as error:
        raise syntax_error(text, error.msg or str(error)) from error
    except MemoryError as error:
        raise QueryMemoryError("The query needs more memory than it may use.") from error
    except (BrokenPipeError, ConnectionError):
        raise
    except OSError as error:
        # The view is in memory: the only input and output a query can ask for goes to the network.
        raise QueryRefusedError(
            "The query asks for an outgoing request (SERVICE), which workers cannot make."
        ) from error
    except (ValueError, RuntimeError) as error:
        raise QueryRefusedError(str(error)) from error
    seconds = time.perf_counter() - started
    output.finish(rows, truncated, seconds, leaving(seconds))


def _run(
    store: Store, text: str, default_graphs: list[str] | None, named_graphs: list[str] | None, union: bool
) -> QuerySolutions | QueryBoolean | Any:
    if default_graphs is None and named_graphs is None:
        # With the union flag the library ignores FROM, so a query with its own dataset goes without.
        return store.query(text, use_default_graph_as_union=union and not has_dataset(text))
    return store.query(
        text,
        default_graph=[NamedNode(iri) for iri in default_graphs or ()],
        named_graphs=[NamedNode(iri) for iri in named_graphs or ()],
    )


def resolve(dotted: str) -> Callable[..., Any]:
    """The function named `module:function`.

    Raises:
        ValueError: the name has not that form.
        ImportError, AttributeError: there is no such function.
    """
    module, colon, name = dotted.partition(":")
    if not colon:
        raise ValueError(f"'{dotted}' is not of the form module:function")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


class Worker:
    """The loop of a worker process.

    Args:
        sock: blocking, connected to the web process that leases this worker.
        store: the view, private to this process.
        ceiling: the most memory a query may be given, in bytes beyond the size at birth.
    """

    def __init__(self, sock: socket.socket, store: Store, ceiling: int) -> None:
        self.sock = sock
        self.store = store
        first_victim()
        self.confinement = Confinement(ceiling)
        self.ranges = DateRanges(store)
        self.parser = Parser(remember=True)
        self.answers = 0
        self.ended = False

    def run(self) -> NoReturn:
        """Answer until the socket closes.

        Priority is a thread's on Linux, and once lowered it cannot be given back. So a thread answers, and when it has been
        slowed down (`Lease.yield_to_others`) another one takes over, which is born with the process's own priority. A new
        process would have to copy all that it reads of the store once more.
        """
        self.confinement.seal()
        threading.stack_size(STACK)
        while not self.ended:
            hand = threading.Thread(target=self._serve)
            hand.start()
            hand.join()
        os._exit(0)

    def _serve(self) -> None:
        usual = os.getpriority(
            os.PRIO_PROCESS, 0
        )  # 0 is the calling thread: setpriority(2), "C library/kernel differences"
        try:
            while (frame := self._frame()) is not None:
                self._answer(frame)
                if os.getpriority(os.PRIO_PROCESS, 0) != usual:
                    return
        except (BrokenPipeError, ConnectionError):
            pass
        except (
            BaseException
        ) as error:  # told as the last words of the process, as in a process with one thread
            os.write(2, f"{type(error).__name__}: {error}".encode())
            os._exit(70)
        self.ended = True

    def run_job(self) -> NoReturn:
        """Run one function on the store and send what it returns; then end."""
        frame = self._frame()
        if frame is not None:
            self._job(frame)
        os._exit(0)

    def _frame(self) -> Frame | None:
        while (frame := self.parser.next()) is None:
            data = self.sock.recv(self.parser.wanted)
            if not data:
                return None
            self.parser.feed(data)
        return frame

    def _leaving(self, seconds: float) -> bool:
        self.answers += 1
        if seconds < SMALL_SECONDS and self.answers % _WEIGHED_EVERY:
            return False
        return (
            self.answers >= RETIRE_AFTER_ANSWERS
            or self.confinement.size() > self.confinement.born + RETIRE_AFTER
        )

    def _answer(self, frame: Frame) -> None:
        ask = frame.head
        output = Output(self.sock, self.confinement, ask["patience"])
        self.confinement.begin(ask["seconds"], ask["memory"])
        try:
            text = frame.body.decode("utf-8", "surrogatepass")
            answer(self.store, text, ask, output, self._leaving, self.ranges.narrowed)
        except EngineError as error:
            output.fail({**error_head(error), "leaving": self._leaving(SMALL_SECONDS)})
        self.confinement.end()

    def _job(self, frame: Frame) -> None:
        job = frame.head
        output = Output(self.sock, self.confinement, job["patience"])
        self.confinement.begin(job["seconds"], job["memory"])
        if job.get("watched"):
            progress.connect(lambda *far: self.sock.sendall(pack({"progress": list(far)})))
        try:
            for module in job["modules"]:
                importlib.import_module(module)
            function = resolve(job["function"])
            arguments = unpack_arguments(job["arguments"], frame.body)
            self.confinement.seal(job["descriptors"], job["file_bytes"])
            self.confinement.begin(job["seconds"], job["memory"])
            if job["patched"]:
                removed, added, *arguments = arguments
                Record(self.store, 0).apply(removed, added, None)
            result = function(self.store, *arguments)
            if not isinstance(result, bytes):
                raise TypeError(f"{job['function']} returned {type(result).__name__}, not bytes")
        except MemoryError:
            output.fail(error_head(QueryMemoryError("The work needs more memory than it may use.")))
        except PatchError as error:
            output.fail(error_head(PatchRefusedError(str(error))))
        except EngineError as error:
            output.fail(error_head(error))
        except Exception as error:  # whatever the function raises is told to the one who asked
            output.fail({"code": "job-failed", "type": type(error).__name__, "message": str(error)})
        else:
            output.emit(result)
            output.finish(None, False, 0.0, True)


def pack_arguments(arguments: tuple[Any, ...]) -> tuple[list[Any], bytes]:
    """Split arguments into JSON values and one run of bytes, in which byte strings follow each other."""
    packed: list[Any] = []
    blobs: list[bytes] = []
    for one in arguments:
        if isinstance(one, bytes):
            packed.append({"bytes": len(one)})
            blobs.append(one)
        else:
            packed.append({"value": one})
    return packed, b"".join(blobs)


def unpack_arguments(packed: list[Any], body: bytes) -> list[Any]:
    """The reverse of `pack_arguments`."""
    arguments: list[Any] = []
    at = 0
    for one in packed:
        if "bytes" in one:
            arguments.append(body[at : at + one["bytes"]])
            at += one["bytes"]
        else:
            arguments.append(one["value"])
    return arguments
