"""Long work of the desk: large imports and full validations, one after the other in a thread of a web process.

The ledger keeps where each piece stands, so that any web process can show it and its owner can cancel it from anywhere.
Whatever heavy there is to do runs in sandboxes, which end with the work (kizuna.engine.progress).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from kizuna.engine.progress import watched
from kizuna.engine.types import EngineError, QueryCancelledError
from kizuna.ledger.jobs import Job, JobKind, Jobs

STAGES: Final[dict[str, tuple[str, str]]] = {
    "": ("待機中", "waiting"),
    "start": ("準備中", "starting"),
    "rows": ("表を読み取り中(行)", "reading the table (rows)"),
    "read": ("文書を読み取り中", "reading the document"),
    "gate": ("検査中", "passing the gate"),
    "statements": ("記述を読み取り中(件)", "reading the record (statements)"),
    "validation": ("全体を検証中(制約)", "validating everything (constraints)"),
    "consistency": ("矛盾を探索中", "looking for contradictions"),
}
"""What a job can be doing, in words (ja, en)."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: a proposal, or the report of a validation (JSON)."""

    proposal: int | None = None
    result: str = ""


class WorkFailedError(Exception):
    """The work cannot be done; the message is for its owner."""


class Watch:
    """Watches one job: notes how far it is, and whether it is still wanted and in time."""

    def __init__(self, jobs: Jobs, number: int, seconds: float) -> None:
        self._jobs = jobs
        self.number = number
        self._deadline = time.monotonic() + seconds

    @property
    def late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self._deadline

    def heard(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Note how far it is."""
        self._jobs.heard(self.number, stage, done, total)

    def wanted(self) -> bool:
        """Whether it may go on."""
        return not self.late and self._jobs.wanted(self.number)


Work = Callable[[Watch], Outcome]


class LongWork:
    """Does the jobs of one web process, one at a time.

    Args:
        jobs: where they are kept.
        most: how many may wait and run at once, in all processes.
        seconds: how long one may take.
    """

    def __init__(self, jobs: Jobs, most: int, seconds: float) -> None:
        self._jobs = jobs
        self._most = most
        self._seconds = seconds
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="kizuna-job")

    def start(self, kind: JobKind, title: str, author: str, work: Work) -> Job:
        """Have something done.

        Raises:
            TooManyJobsError: enough is waiting.
        """
        job = self._jobs.create(kind, title, author, self._most)
        self._hands.submit(self._do, job.id, work)
        return job

    def _do(self, number: int, work: Work) -> None:
        watch = Watch(self._jobs, number, self._seconds)
        try:
            if not watch.wanted():
                raise QueryCancelledError("It was cancelled before it began.")
            watch.heard("start")
            with watched(watch):
                outcome = work(watch)
            self._jobs.end(number, "done", result=outcome.result, proposal=outcome.proposal)
        except QueryCancelledError:
            if watch.late:
                self._jobs.end(number, "failed", message=f"KIZUNA_JOB_SECONDS = {self._seconds:g}")
            else:
                self._jobs.end(number, "cancelled")
        except (WorkFailedError, EngineError) as error:
            self._jobs.end(number, "failed", message=str(error)[:5000])
        except Exception as error:
            _log.exception("Job %d failed.", number)
            self._jobs.end(number, "failed", message=type(error).__name__)
