"""Dates of every kind and files in every encoding are read, or answered with what to write instead, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.changes.csvs import PIECE, csv_rows, encoding_of
from kizuna.changes.documents import DocumentError
from kizuna.changes.mapping import built_in
from kizuna.changes.seen import Seen
from kizuna.changes.tables import TableProblem, understood
from kizuna.cli import main
from kizuna.workspace.names import ID

HEADER = built_in()["participations"].header
ACTORS = {"AAA": ID + "state/AAA"}


def text(day: str) -> str:
    row = {"framework": "quad", "actor": "AAA", "role": "member", "from": day}
    return "\n".join([",".join(HEADER), ",".join(row.get(name, "") for name in HEADER)])


def problems_of(given: str) -> list[TableProblem]:
    problems: list[TableProblem] = []
    assert not list(understood(built_in()["participations"], csv_rows(given.encode()), ACTORS, problems))
    return problems


@pytest.mark.parametrize(
    ("day", "year"),
    [("令和元年5月1日", "2019"), ("令和8年", "2026"), ("平成31年4月", "2019"), ("昭和35年1月19日", "1960")],
)
def test_years_of_japanese_eras_are_answered_with_the_common_year(day: str, year: str) -> None:
    (problem,) = problems_of(text(day))
    assert (problem.line, problem.column) == (2, "from")
    assert f"年は{year}" in problem.ja
    assert f"the year is {year}" in problem.en


@pytest.mark.parametrize(
    "day", ["2016-13", "2015-02-29", "1/4/2016", "2016/04/01", "2016年4月1日", "45000", "soon", "２０１６"]
)
def test_what_is_no_date_is_said_with_how_dates_are_written(day: str) -> None:
    (problem,) = problems_of(text(day))
    assert "2016-04-01" in problem.ja
    assert "2016-04-01" in problem.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_encodings_are_told_apart_across_pieces(encoding: str) -> None:
    body = ("a,b\n" + "絆,あ\n" * (PIECE // 3)).encode(encoding)
    assert encoding_of(body) == encoding
    assert sum(1 for _ in csv_rows(body)) == PIECE // 3 + 1


def test_the_line_where_an_encoding_breaks_is_told_however_far_it_is() -> None:
    body = "絆\n".encode() * PIECE + b"\x81\xff\n"
    with pytest.raises(DocumentError) as caught:
        encoding_of(body)
    assert caught.value.problem.line == PIECE + 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp932"])
def test_the_command_reads_the_same_encodings_as_the_desk(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "data").mkdir()
    table = tmp_path / "sources.csv"
    header = built_in()["sources"].header
    row = {
        "key": "s1",
        "title": "題",
        "url": "https://example.org/",
        "consulted": "2026-11-24",
        "kind": "official",
    }
    table.write_bytes(
        "\n".join([",".join(header), ",".join(row.get(n, "ja") for n in header)]).encode(encoding)
    )
    done = CliRunner().invoke(main, ["import", str(table), "-w", str(tmp_path), "-l", "en"])
    assert "Traceback" not in done.output
    assert "decode" not in done.output
    assert "Columns" not in done.output


def test_the_command_says_where_a_file_mixes_encodings(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    table = tmp_path / "sources.csv"
    table.write_bytes("絆\n".encode() + b"\x81\xff\n")
    for language, words in (("en", "Line 2"), ("ja", "2行目")):
        done = CliRunner().invoke(main, ["import", str(table), "-w", str(tmp_path), "-l", language])
        assert done.exit_code == 2
        assert words in done.output


def test_the_first_line_of_every_name_is_remembered_when_the_table_is_full() -> None:
    seen = Seen(3000)
    names = [f"event/made-up-{i}" for i in range(3000)]
    assert [seen.first(name, line) for line, name in enumerate(names, start=2)] == list(range(2, 3002))
    assert [seen.first(name, 9999) for name in names] == list(range(2, 3002))
