"""Frames on Unix sockets between web processes, keepers and workers. The only file that knows the byte layout.

A frame is `length of head (4) | length of body (4) | head | body`: the head is JSON, the body any bytes. JSON and not pickle,
because a worker runs hostile queries and what comes out of it is not trusted. Open descriptors travel beside a frame
(SCM_RIGHTS, unix(7)) and are handed out in the order of the frames that announce them.
"""

from __future__ import annotations

import array
import json
import os
import socket
import struct
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

Head = dict[str, Any]
"""What a frame says: parsed JSON; each reader picks its known keys."""

_LENGTHS: Final = struct.Struct("!II")
_READ: Final = 262_144
_FIRST_READ: Final = 32_768
"""Bytes that are asked for before the length of a frame is known. A buffer of more than 128 KiB is mapped and unmapped by the
allocator each time (mallopt(3), M_MMAP_THRESHOLD), which takes longer than most frames are worth."""
_DESCRIPTORS: Final = socket.CMSG_SPACE(8 * array.array("i").itemsize)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_REMEMBERED_HEAD: Final = 1_000
"""Bytes of a head up to which a parser that remembers keeps it."""
LONGEST: Final = 1 << 31


class WireError(Exception):
    """The other side broke the frame format."""


class Frame(NamedTuple):
    """One message. `descriptors` are owned by whoever takes the frame."""

    head: Head
    body: bytes = b""
    descriptors: tuple[int, ...] = ()


def encode_head(head: Head) -> bytes:
    """A head as it stands in a frame."""
    return _ENCODER.encode(head).encode("utf-8", "surrogatepass")


def pack(head: Head, body: bytes = b"") -> bytes:
    """The bytes of a frame."""
    return pack_encoded(encode_head(head), body)


def pack_encoded(head: bytes, body: bytes, more: int = 0) -> bytes:
    """The bytes of a frame whose head `encode_head` has made; `more` bytes of its body follow them."""
    return b"".join((_LENGTHS.pack(len(head), len(body) + more), head, body))


def pack_steps(steps: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Patches (removed, added) as one body."""
    return b"".join(_LENGTHS.pack(len(gone), len(come)) + gone + come for gone, come in steps)


def unpack_steps(body: bytes) -> list[tuple[bytes, bytes]]:
    """The reverse of `pack_steps`."""
    steps, at = [], 0
    while at < len(body):
        gone, come = _LENGTHS.unpack_from(body, at)
        at += _LENGTHS.size
        steps.append((body[at : at + gone], body[at + gone : at + gone + come]))
        at += gone + come
    return steps


@lru_cache(maxsize=64)
def _known_head(head: bytes) -> Head:
    return dict(json.loads(head))


class Parser:
    """Gathers bytes into frames.

    Args:
        remember: heads repeat, and whoever takes them leaves them as they are; so each is read once.
    """

    def __init__(self, remember: bool = False) -> None:
        self._remember = remember
        self._data: bytes | bytearray = b""
        self._descriptors: deque[int] = deque()

    @property
    def wanted(self) -> int:
        """How many bytes to read next."""
        data = self._data
        if len(data) < _LENGTHS.size:
            return _FIRST_READ
        head_length, body_length = _LENGTHS.unpack_from(data)
        missing = _LENGTHS.size + int(head_length) + int(body_length) - len(data)
        return max(_FIRST_READ, min(_READ, missing))

    def feed(self, data: bytes | bytearray | memoryview, descriptors: tuple[int, ...] = ()) -> None:
        """Take what was read."""
        if self._data:
            if isinstance(self._data, bytes):
                self._data = bytearray(self._data)
            self._data += data
        else:  # as most often: a frame came in one piece
            self._data = bytes(data)
        self._descriptors.extend(descriptors)

    def next(self) -> Frame | None:
        """The next whole frame, or None.

        Raises:
            WireError: what was read is no frame.
        """
        data = self._data
        if len(data) < 8:
            return None
        head_length, body_length = _LENGTHS.unpack_from(data)
        if head_length + body_length > LONGEST:
            raise WireError("a frame is too long")
        end = 8 + head_length + body_length
        if len(data) < end:
            return None
        text = bytes(data[8 : 8 + head_length])
        try:
            known = self._remember and head_length <= _REMEMBERED_HEAD
            head = _known_head(text) if known else json.loads(text)
        except ValueError as error:
            raise WireError("a frame's head is not JSON") from error
        body = bytes(data[8 + head_length : end])
        if len(data) == end:
            self._data = b""
        elif isinstance(data, bytes):
            self._data = bytearray(data[end:])
        else:
            del data[:end]
        taken = tuple(self._descriptors.popleft() for _ in range(int(head.get("@descriptors", 0))))
        return Frame(head, body, taken)

    def close(self) -> None:
        """Close descriptors that no frame has taken."""
        while self._descriptors:
            os.close(self._descriptors.popleft())


def receive(sock: socket.socket) -> tuple[bytes, tuple[int, ...]]:
    """Read once: bytes and descriptors. No bytes means that the other side has closed."""
    data, ancillary, _flags, _address = sock.recvmsg(_READ, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    found = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(content[: len(content) - len(content) % found.itemsize])
    return data, tuple(found)


class Channel:
    """A non-blocking socket with a queue of frames in each direction, for the keepers' event loops.

    A descriptor given to `send` is closed once it is on its way.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.parser = Parser()
        self.closed = False
        self._out: deque[tuple[memoryview, tuple[int, ...]]] = deque()

    def fileno(self) -> int:
        """For the selector."""
        return self.sock.fileno()

    @property
    def waiting(self) -> bool:
        """Whether something is still to be written."""
        return bool(self._out)

    def send(self, head: Head, body: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
        """Queue a frame and write what can be written now."""
        if self.closed:
            for one in descriptors:
                os.close(one)
            return
        if descriptors:
            head = {**head, "@descriptors": len(descriptors)}
        self._out.append((memoryview(pack(head, body)), descriptors))
        self.flush()

    def flush(self) -> None:
        """Write as much as the kernel takes."""
        while self._out:
            data, descriptors = self._out[0]
            try:
                sent = self._write(data, descriptors)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.close()
                return
            for one in descriptors:
                os.close(one)
            if sent < len(data):
                self._out[0] = (data[sent:], ())
            else:
                self._out.popleft()

    def _write(self, data: memoryview, descriptors: tuple[int, ...]) -> int:
        if not descriptors:
            return self.sock.send(data)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))
        return self.sock.sendmsg([data], [rights])

    def read(self) -> list[Frame]:
        """All whole frames that have arrived. Sets `closed` when the other side is gone."""
        frames: list[Frame] = []
        try:
            while True:
                data, descriptors = receive(self.sock)
                if not data:
                    self.close()
                    break
                self.parser.feed(data, descriptors)
                while (frame := self.parser.next()) is not None:
                    frames.append(frame)
        except (BlockingIOError, InterruptedError):
            pass
        except (OSError, WireError):
            self.close()
        return frames

    def close(self) -> None:
        """Stop using the socket; what was not written is dropped. Its descriptor stays until `dispose`."""
        if not self.closed:
            self.closed = True
            for _data, descriptors in self._out:
                for one in descriptors:
                    os.close(one)
            self._out.clear()

    def dispose(self) -> None:
        """Close the descriptor. Not before a selector has forgotten it: its number may come back at once."""
        self.close()
        self.sock.close()
