"""Long imports and validations go on by themselves, show where they are, can be cancelled, and end with their server."""

from __future__ import annotations

import time
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kizuna.changes import whole
from kizuna.changes.longwork import STAGES
from kizuna.changes.mapping import built_in
from kizuna.engine.progress import watched
from kizuna.engine.types import Engine, Limits, QueryCancelledError
from kizuna.ledger.jobs import Job, TooManyJobsError, process_name, this_process
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench
from tests.changes.test_web import ALIAS, PASSWORD, csrf, signed_in
from tests.support.waiting import PATIENCE, wait_until

SLEEP = "tests.changes.test_jobs:count_slowly"


def count_slowly(_store: object, seconds: float) -> bytes:
    """Work that tells how far it is. Runs in a sandbox."""
    from kizuna.engine.progress import tell

    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        done += 1
        tell("rows", done, 0)
        time.sleep(0.01)
    return b"done"


@pytest.fixture
def app(bench: Bench) -> Flask:
    for name in ("sato", "mori", "admin"):
        bench.ledger.accounts.set_password(name, PASSWORD, by="test")
    settings = Settings(workspace=bench.workspace, language="en", jobs=2)
    return create_app(cast(Engine, bench.engine), settings)


def ended(bench: Bench, number: int) -> Job:
    wait_until(lambda: not bench.ledger.jobs.get(number).alive, 4 * PATIENCE)
    return bench.ledger.jobs.get(number)


def begin(client: FlaskClient, address: str, **form: str) -> int:
    answer = client.post(address, data={"csrf": csrf(client.get("/desk/new").text), **form})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


def rows(number: int) -> str:
    header = built_in()["participations"].header
    start = {"framework": "quad", "actor": "AAA", "role": "member"}
    lines = [
        ",".join({**start, "from": str(1000 + i)}.get(name, "") for name in header) for i in range(number)
    ]
    return "\n".join([",".join(header), *lines])


def test_an_import_becomes_a_proposal_and_its_page_says_so(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    number = begin(sato, "/desk/import", title="an alias", text=ALIAS, graph="data/facts")
    job = ended(bench, number)
    assert (job.state, job.kind, job.author) == ("done", "import", "sato"), job
    assert job.proposal is not None
    page = sato.get(f"/desk/jobs/{number}")
    assert f"/desk/proposals/{job.proposal}" in page.text
    assert "http-equiv" not in page.text
    assert "an alias" in sato.get("/desk").text
    assert "完了" in sato.get(f"/desk/jobs/{number}?lang=ja").text


def test_a_table_with_problems_fails_with_their_places(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    text = rows(3).replace("1001", "1001-13")
    form = {"text": text, "type": "text/csv", "table": "participations", "graph": "data/facts", "title": "t"}
    job = ended(bench, begin(sato, "/desk/import", **form))
    assert job.state == "failed"
    assert "participations:3 [from]" in job.message
    assert "participations:3 [from]" in sato.get(f"/desk/jobs/{job.id}").text


def test_everything_is_validated_and_the_report_is_kept(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    number = begin(sato, "/desk/validation")
    job = ended(bench, number)
    assert job.state == "done", job.message
    page = sato.get(f"/desk/jobs/{number}").text
    assert "0 errors" in page
    assert "指摘" in sato.get(f"/desk/jobs/{number}?lang=ja").text


class Until:
    """An observer that has had enough after a few messages."""

    def __init__(self, messages: int) -> None:
        self.heard_of: list[tuple[str, int, int]] = []
        self.messages = messages

    def heard(self, stage: str, done: int, total: int) -> None:
        self.heard_of.append((stage, done, total))

    def wanted(self) -> bool:
        return len(self.heard_of) < self.messages


def test_watched_work_tells_how_far_it_is_and_is_killed_when_unwanted(bench: Bench) -> None:
    watcher = Until(2)
    limits = Limits(seconds=4 * PATIENCE, memory_bytes=500_000_000, rows=None, result_bytes=None)
    before = bench.engine.state().killed
    with watched(watcher), pytest.raises(QueryCancelledError):
        bench.engine.run_in_fork(None, SLEEP, (4 * PATIENCE,), limits=limits)
    first, second = (done for _, done, _ in watcher.heard_of)
    assert first < second
    wait_until(lambda: bench.engine.state().killed > before)
    assert bench.engine.run_in_fork(None, SLEEP, (0.1,), limits=limits) == b"done"


def test_full_validation_tells_how_many_constraints_are_done(bench: Bench) -> None:
    watcher = Until(1_000)
    limits = Limits(seconds=4 * PATIENCE, memory_bytes=2_000_000_000, rows=None, result_bytes=None)
    with watched(watcher):
        bench.engine.run_in_fork(None, whole.JOB, (0, "2026-01-01"), limits=limits)
    stages = [stage for stage, _, _ in watcher.heard_of]
    assert list(dict.fromkeys(stages)) == ["statements", "validation", "consistency"]
    assert set(stages) <= set(STAGES)
    assert max(total for stage, _, total in watcher.heard_of if stage == "statements") > 1_000


def test_only_its_owner_cancels_a_job_and_nothing_is_left_of_it(bench: Bench, app: Flask) -> None:
    sato, mori = signed_in(app, "sato"), signed_in(app, "mori")
    form = {
        "text": rows(25_000),
        "type": "text/csv",
        "table": "participations",
        "graph": "data/facts",
        "title": "t",
    }
    number = begin(sato, "/desk/import", **form)
    page = sato.get(f"/desk/jobs/{number}")
    assert '<noscript><meta http-equiv="refresh" content="2">' in page.text
    assert "<progress" in page.text
    told = sato.get(f"/desk/jobs/{number}", headers={"Accept": "application/json"}).get_json()
    assert told["alive"]
    assert told["words"]
    token = csrf(page.text)
    assert (
        mori.post(f"/desk/jobs/{number}/cancel", data={"csrf": csrf(mori.get("/desk/new").text)}).status_code
        == 403
    )
    assert "Cancel" not in mori.get(f"/desk/jobs/{number}").text
    assert sato.post(f"/desk/jobs/{number}/cancel", data={"csrf": token}).status_code == 303
    assert ended(bench, number).state == "cancelled"
    assert bench.ledger.proposals.list() == ()
    assert "Nothing has changed" in sato.get(f"/desk/jobs/{number}").text


def test_the_number_of_jobs_is_bounded(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    for _ in range(2):
        bench.ledger.jobs.create("import", "t", "sato", 2)
    with pytest.raises(TooManyJobsError):
        bench.ledger.jobs.create("import", "t", "sato", 2)
    answer = sato.post(
        "/desk/validation",
        data={"csrf": csrf(sato.get("/desk/new").text)},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too-many-jobs")


def test_a_job_whose_server_is_gone_is_interrupted(bench: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    job = bench.ledger.jobs.create("import", "left behind", "sato", 2)
    with bench.ledger.database.writing() as connection:
        pid, _, begun = this_process().partition(":")
        connection.execute(
            "UPDATE jobs SET owner = ?", (f"{pid}:{int(begun) - 1}",)
        )  # an earlier process of that id
    assert "interrupted" in sato.get("/desk").text
    assert bench.ledger.jobs.get(job.id).state == "interrupted"
    assert "start it again" in sato.get(f"/desk/jobs/{job.id}").text
    assert process_name(2**22 + 1) == ""


def test_a_job_of_no_such_number(app: Flask, bench: Bench) -> None:
    assert bench.ledger.jobs.list() == ()
    assert signed_in(app, "sato").get("/desk/jobs/99").status_code == 404
