"""What signals do to `kizuna serve`, from its first moment to its last. Changes this process's signal handlers only.

SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal is gone) all mean: end. While things are being started they break off what is under way by
an exception, so that every `with` on the way closes what it has opened. Once the web server runs it is told instead, and answers
under way may finish; a second signal then ends it at once. While things are being closed, signals change nothing any more.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_ENDING: Final = {
    "ja": "Kizuna: 終了しています。処理中の応答は終わるまで待ちます（もう一度送るとすぐに終了）。\n".encode(),
    "en": b"Kizuna: ending; answers under way may finish (once more ends at once).\n",
}


class EndedError(BaseException):
    """The operator has ended the command before it was ready. No `Exception`: nobody on the way takes it for a failure."""


@dataclass(slots=True)
class Ending:
    """Whether the end was asked for, and whom to tell.

    Args:
        asked: the end was asked for.
        breaks_off: a signal raises `EndedError` where the process stands.
        server: the web server, once there is one.
        language: of the terminal.
    """

    asked: bool = False
    breaks_off: bool = True
    server: subprocess.Popen[bytes] | None = None
    language: str = "en"

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        """A signal has come.

        Raises:
            EndedError: while things are being started.
        """
        again, self.asked = self.asked, True
        if self.breaks_off:
            self.breaks_off = False
            raise EndedError
        if self.server is None or self.server.poll() is not None:
            return
        if again:
            self.server.kill()
        else:
            os.write(2, _ENDING[self.language])  # no stream: this may have come while one was written to
            self.server.terminate()

    def hand_over(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Start the web server; signals are for it from now on.

        Raises:
            EndedError: the end was asked for before it was started.
        """
        self.breaks_off = False
        if self.asked:
            raise EndedError
        self.server = started = start()
        self._pass_on()
        return started

    def _pass_on(self) -> None:
        """Tell the web server what came while it was being started."""
        if self.asked and self.server is not None:
            self.server.terminate()


@contextmanager
def ending(language: str = "en") -> Iterator[Ending]:
    """Hear signals while the block runs, and say so in the terminal's language; the handlers from before come back after it."""
    state = Ending(language=language)
    before = {number: signal.signal(number, state.hear) for number in SIGNALS}
    try:
        yield state
    finally:
        state.breaks_off = False
        for number, handler in before.items():
            signal.signal(number, handler)
