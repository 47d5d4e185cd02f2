"""Fork children, know why each one ended. Used by the keepers, which have one thread only, so that a fork is safe.

Every child dies with its keeper (PR_SET_PDEATHSIG), has no descriptor of the keeper, and writes its last words to a pipe
that the keeper reads once the child is dead.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from kizuna.engine.kernel import end_with_parent, name_process

_SOCKET: Final = 3
_LAST_WORDS: Final = 2_000


@dataclass(slots=True)
class Child:
    """A living child. `owner` says on whose behalf it lives; `why` is set when it is killed on purpose."""

    pid: int
    serial: int
    owner: int
    words: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended.

    Args:
        pid: its process id.
        serial: the how manieth child of its keeper it was; process ids come back, this does not.
        owner: on whose behalf it lived.
        signal: the signal that ended it, 0 for none.
        status: its exit status, 0 when a signal ended it.
        why: why it was killed on purpose, "" when it was not.
        words: the end of what it wrote to its standard error.
    """

    pid: int
    serial: int
    owner: int
    signal: int
    status: int
    why: str
    words: str


class Nursery:
    """The children of this process."""

    def __init__(self) -> None:
        self.children: dict[int, Child] = {}
        self._born = 0

    def fork(
        self, name: str, owner: int, main: Callable[[socket.socket], NoReturn]
    ) -> tuple[int, socket.socket]:
        """Fork a child that runs `main` with one end of a socket pair; returns its id and the other end.

        Raises:
            OSError: the system gives no process or descriptor.
        """
        parent = os.getpid()
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        words, mouth = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            pid = os.fork()
        except OSError:
            here.close()
            there.close()
            os.close(words)
            os.close(mouth)
            raise
        if pid == 0:
            try:
                _become(name, parent, there.fileno(), mouth)
                main(socket.socket(fileno=_SOCKET))
            except BaseException as error:  # nothing may climb back into the keeper's own frames
                os.write(2, f"{type(error).__name__}: {error}".encode()[:_LAST_WORDS])
            finally:
                os._exit(70)
        there.close()
        os.close(mouth)
        self._born += 1
        self.children[pid] = Child(pid, self._born, owner, words)
        return pid, here

    def kill(self, pid: int, why: str) -> bool:
        """Kill a child of ours; False when it is none (any more)."""
        child = self.children.get(pid)
        if child is None:
            return False
        child.why = child.why or why
        os.kill(pid, signal.SIGKILL)  # ours and not yet waited for: the id cannot belong to another process
        return True

    def kill_owned(self, owner: int, why: str) -> None:
        """Kill all children that live on behalf of `owner`."""
        for child in list(self.children.values()):
            if child.owner == owner:
                self.kill(child.pid, why)

    def reap(self) -> list[Death]:
        """Collect the children that have ended."""
        deaths = []
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            child = self.children.pop(pid, None)
            if child is not None:
                deaths.append(_death(child, status))
        return deaths

    def end(self) -> None:
        """Kill and collect all children."""
        for pid in list(self.children):
            self.kill(pid, "closing")
        for pid, child in list(self.children.items()):
            os.waitpid(pid, 0)
            os.close(child.words)
        self.children.clear()


def _death(child: Child, status: int) -> Death:
    try:
        words = os.read(child.words, 65_536).decode("utf-8", "replace")[-_LAST_WORDS:]
    except BlockingIOError:
        words = ""
    os.close(child.words)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return Death(child.pid, child.serial, child.owner, killed, code, child.why, words)


def _become(name: str, parent: int, sock: int, mouth: int) -> None:
    """In the child: leave everything of the keeper behind but memory."""
    end_with_parent(parent)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.dup2(mouth, 2, inheritable=False)
    os.dup2(sock, _SOCKET, inheritable=False)
    os.closerange(_SOCKET + 1, 1 << 20)
    name_process(name)
